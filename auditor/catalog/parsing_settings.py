"""Tree of one entry of ``settings:`` -> SettingDefinition."""

from __future__ import annotations

from typing import Any

from auditor.catalog.conditions import ALWAYS, parse_condition
from auditor.catalog.reading import Tree
from auditor.catalog.settings import (
    DefaultRule,
    Escalation,
    ItemField,
    Merge,
    Names,
    SettingDefinition,
    Truthiness,
    Umbrella,
)
from auditor.catalog.sources import SourceTable
from auditor.facts.vocabulary import Party, expand_data_classes

_TRUTHINESS_BY_TYPE = {"bool": Truthiness.BOOL_LOOSE, "enum": Truthiness.ENUM}


def parse_setting(entry: Tree, table: SourceTable) -> SettingDefinition:
    """Return the setting that ``entry`` describes."""
    kind = entry.get("type", "string")
    truthiness = Truthiness(entry["truthiness"]) if "truthiness" in entry else None
    return SettingDefinition(
        id=entry["id"],
        title=entry.get("title", ""),
        names=Names(**{name: tuple(values) for name, values in entry["names"].items()}),
        is_list=kind == "list",
        truthiness=truthiness or _TRUTHINESS_BY_TYPE.get(kind, Truthiness.ANY_NONEMPTY),
        defaults=_defaults(entry.get("default")),
        default_unknown=entry.get("unset_means") == "unknown",
        merge=Merge(entry.get("merge", "highest_wins")),
        only_from=tuple(entry.get("only_from", [])),
        applies=parse_condition(entry.get("applies")),
        umbrella=_umbrella(entry.get("umbrella")),
        re_enables=tuple(entry.get("re_enables", [])),
        escalates=tuple(Escalation(e["flow"], expand_data_classes(e["adds"])) for e in entry.get("escalates", [])),
        marks_opted_out=entry.get("off_means") == "marks_opted_out",
        settled_by=tuple(entry.get("settled_by", [])),
        who=Party(entry.get("who", "platform")),
        secret=entry.get("secret") == "yes",
        allowed=tuple(entry.get("allowed", [])),
        separator=entry.get("separator", ""),
        empty_values=tuple(entry.get("empty_values", [])),
        item=tuple(_field(name, f) for name, f in entry.get("item", {}).items()),
        each_source=entry.get("each_source", ""),
        names_yield=entry.get("names_yield") == "yes",
        pathless_fits=entry.get("pathless_fits") == "yes",
        is_bool=kind == "bool",
        fact=table.fact(f"settings.{entry['id']}", entry),
    )


def _defaults(value: Any) -> tuple[DefaultRule, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (DefaultRule(ALWAYS, value),)
    return tuple(DefaultRule(parse_condition(rule.get("when")), rule["value"]) for rule in value)


def _umbrella(entry: Tree | None) -> Umbrella | None:
    return None if entry is None else Umbrella(tuple(entry["covers"]), tuple(entry.get("except", [])))


def _field(name: str, entry: Tree) -> ItemField:
    kind = entry.get("kind", "string")
    return ItemField(name, tuple(entry.get("env", [])), tuple(entry.get("path", [])), kind == "secret", kind == "url")
