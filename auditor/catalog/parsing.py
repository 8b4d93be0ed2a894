"""Tree of a product file -> Product. The tree keeps to the schema (tests for shipped files, a check for overlays)."""

from __future__ import annotations

from auditor.catalog.conditions import parse_condition
from auditor.catalog.parsing_flows import parse_flow
from auditor.catalog.parsing_scopes import parse_scope
from auditor.catalog.parsing_settings import parse_setting
from auditor.catalog.product import (
    Chart,
    ComponentDefinition,
    Era,
    FactQuestion,
    Filter,
    Licence,
    Product,
    Recognition,
    Reference,
    StoreDefinition,
    WorkloadDefinition,
)
from auditor.catalog.reading import Tree
from auditor.catalog.sources import SourceTable, source_table
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Party, Plane, Role, expand_data_classes


def parse_product(tree: Tree, file: str) -> Product:
    """Return the product that ``tree`` describes; ``file`` is where its facts say they are from."""
    table = source_table(tree, file)
    licence = tree.get("licence", {"open_source": "unknown"})
    return Product(
        id=tree["product"],
        title=tree["title"],
        vendor=tree["vendor"],
        licence=Licence(licence.get("spdx", ""), Truth(licence["open_source"]), table.fact("licence", licence)),
        file=file,
        newest_version=tree.get("newest_version", ""),
        eras=tuple(Era(e["id"], e["version"], e.get("title", "")) for e in tree.get("eras", [])),
        recognise=parse_recognition(tree.get("recognise", [])),
        charts=tuple(_chart(c) for c in tree.get("charts", [])),
        scopes=tuple(parse_scope(s) for s in tree["scopes"]),
        workloads=tuple(WorkloadDefinition(w["id"], w["title"], w.get("made_by", "")) for w in tree["workloads"]),
        components=tuple(_component(c, table) for c in tree["components"]),
        settings=tuple(parse_setting(s, table) for s in tree.get("settings", [])),
        facts=tuple(_question(f, table) for f in tree.get("facts", [])),
        flows=tuple(parse_flow(f, table) for f in tree["flows"]),
        stores=tuple(_store(s, table) for s in tree.get("stores", [])),
        tables=tuple((name, tuple(rows.items())) for name, rows in tree.get("tables", {}).items()),
        references=tuple(Reference(r["prefix"], r.get("suffix", "")) for r in tree.get("references", [])),
        filters=tuple(_filter(f, table) for f in tree.get("filters", [])),
    )


def parse_recognition(rules: list[Tree]) -> tuple[Recognition, ...]:
    """Return the rules of ``recognise:``; read alone when products are searched for."""
    return tuple(
        Recognition(
            workload=r.get("workload", ""),
            scope=r.get("scope", ""),
            image=r.get("image", ""),
            env_prefix=r.get("env_prefix", ""),
            command=r.get("command", ""),
            module=r.get("module", ""),
            env=r.get("env", ""),
            unless=r.get("unless", ""),
            companion=r.get("companion") == "yes",
            file=r.get("file", ""),
            keys=tuple(r.get("keys", [])),
            origin=r.get("origin", ""),
        )
        for r in rules
    )


def _chart(entry: Tree) -> Chart:
    def texts(key: str) -> tuple[str, ...]:
        return tuple(entry.get(key, []))

    return Chart(
        id=entry["id"],
        workload=entry["workload"],
        keys=texts("keys"),
        env=texts("env"),
        env_from=texts("env_from"),
        args=texts("args"),
        image=texts("image"),
        tag=texts("tag"),
        command=texts("command"),
        starts=texts("starts"),
        names=texts("names"),
        files=tuple((f["path"], f["scope"]) for f in entry.get("files", [])),
    )


def _component(entry: Tree, table: SourceTable) -> ComponentDefinition:
    return ComponentDefinition(
        id=entry["id"],
        title=entry["title"],
        plane=Plane(entry["plane"]),
        role=Role(entry["role"]),
        runs_in=entry.get("runs_in", ""),
        outside=entry.get("outside", ""),
        operated_by=entry.get("operated_by", ""),
        originates=expand_data_classes(entry.get("originates", [])),
        passes_on=entry.get("passes_on") == "yes",
        present=parse_condition(entry.get("present")),
        policy_by=entry.get("policy_by", ""),
        fact=table.fact(f"components.{entry['id']}", entry),
    )


def _question(entry: Tree, table: SourceTable) -> FactQuestion:
    return FactQuestion(
        id=entry["id"],
        question=entry["question"],
        answers=tuple(entry.get("answers", [])),
        who=Party(entry["who"]),
        settled_by=tuple(entry["settled_by"]),
        fact=table.fact(f"facts.{entry['id']}", entry),
    )


def _store(entry: Tree, table: SourceTable) -> StoreDefinition:
    return StoreDefinition(
        id=entry["id"],
        title=entry["title"],
        component=entry["component"],
        classes=expand_data_classes(entry["classes"]),
        country=tuple(sorted(entry.get("country", []))),
        retention=entry.get("retention", ""),
        retention_setting=entry.get("retention_setting", ""),
        remote_access=entry.get("remote_access", ""),
        on=parse_condition(entry.get("on")),
        fact=table.fact(f"stores.{entry['id']}", entry),
    )


def _filter(entry: Tree, table: SourceTable) -> Filter:
    return Filter(
        id=entry["id"],
        on=parse_condition(entry["on"]),
        covers=tuple(entry["covers"]),
        excepted=tuple(entry.get("except", [])),
        strength=entry.get("strength", ""),
        fact=table.fact(f"filters.{entry['id']}", entry),
    )
