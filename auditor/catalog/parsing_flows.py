"""Tree of one entry of ``flows:`` -> FlowDefinition."""

from __future__ import annotations

from auditor.catalog.conditions import parse_condition
from auditor.catalog.product import CureText, FlowDefinition, ProcessingRule, Target
from auditor.catalog.reading import Tree
from auditor.catalog.sources import SourceTable
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport, expand_data_classes


def parse_flow(entry: Tree, table: SourceTable) -> FlowDefinition:
    """Return the flow that ``entry`` describes."""
    rule = entry.get("processing_from")
    cure = entry.get("cure")
    return FlowDefinition(
        id=entry["id"],
        purpose=entry["purpose"],
        source=entry["from"],
        to=_target(entry["to"]),
        sends=expand_data_classes(entry["sends"]),
        receives=expand_data_classes(entry.get("receives", [])),
        required=Truth(entry["required"]),
        on=parse_condition(entry.get("on")),
        redirect=tuple(entry.get("redirect", [])),
        end_to_end=entry.get("end_to_end") == "yes",
        processing=tuple(sorted(entry.get("processing", []))),
        processing_from=ProcessingRule(rule["derive"], rule["model"], rule.get("prefix", "")) if rule else None,
        cure=CureText(cure["kind"], cure["text"], cure.get("fact", ""), cure.get("value", "")) if cure else None,
        held_open=entry.get("duration") == "held_open",
        fact=table.fact(f"flows.{entry['id']}", entry),
    )


def _target(entry: Tree) -> Target:
    by = entry.get("host_by", {})
    hosts = entry.get("hosts", [entry["host"]] if "host" in entry else [])
    return Target(
        hosts=tuple(hosts),
        setting=entry.get("setting", ""),
        host_template=entry.get("host_template", ""),
        component=entry.get("component", ""),
        endpoint=entry.get("endpoint", ""),
        for_each=entry.get("for_each", ""),
        key=entry.get("key", ""),
        url=entry.get("url", ""),
        field=by.get("field", ""),
        table=by.get("table", ""),
        derive=entry.get("derive", ""),
        runtime=entry.get("runtime") == "yes",
        port=int(entry.get("port", "0")),
        transport=Transport(entry.get("transport", "tcp")),
    )
