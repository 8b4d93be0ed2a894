"""Where the catalog has a fact from: the table of sources of a file, and the fact made of it."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.catalog.reading import Tree
from auditor.facts.evidence import CatalogLocation
from auditor.facts.vocabulary import Grade, Relation


@dataclass(frozen=True, slots=True)
class FactSource:
    """One entry of ``sources:``."""

    id: str
    title: str
    publisher: str
    relation: Relation
    date: str
    grade: Grade
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of the catalog with what it rests on."""

    file: str
    """``catalog/products/coder.yaml``."""
    key: str
    """``flows.telemetry``."""
    source: FactSource
    grade: Grade
    note: str = ""
    date: str = ""
    """Own date, else the source's."""

    @property
    def decides(self) -> bool:
        """Whether it may grant a pass: vendor grade or better, and not a competitor's or third party's word alone."""
        return self.grade.decides and self.source.relation in (Relation.VENDOR, Relation.MEASURED)

    def location(self) -> CatalogLocation:
        """Return it as a place that evidence can point to."""
        return CatalogLocation(
            file=self.file,
            fact=self.key,
            source=self.source.title,
            publisher=self.source.publisher,
            relation=self.source.relation,
            date=self.date or self.source.date,
            grade=self.grade,
        )


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The sources of one file and its default."""

    file: str
    sources: dict[str, FactSource]
    default: str

    def fact(self, key: str, entry: Tree) -> Fact:
        """Return the fact ``key`` from the ``src``, ``grade``, ``date`` and ``note`` of ``entry``."""
        source = self.sources.get(entry.get("src") or self.default, NO_SOURCE)
        grade = Grade(entry["grade"]) if "grade" in entry else source.grade
        return Fact(self.file, key, source, grade, entry.get("note", ""), entry.get("date", ""))


NO_SOURCE = FactSource("", "no source given", "", Relation.THIRD_PARTY, "", Grade.UNKNOWN)
"""Stands for a missing source: such a fact never decides."""


def source_table(tree: Tree, file: str) -> SourceTable:
    """Return the table of ``sources:`` and ``defaults.src`` of a catalog file."""
    sources = {
        name: FactSource(
            id=name,
            title=entry["title"],
            publisher=entry["publisher"],
            relation=Relation(entry["relation"]),
            date=entry["date"],
            grade=Grade(entry["grade"]),
            url=entry.get("url", ""),
        )
        for name, entry in tree.get("sources", {}).items()
    }
    return SourceTable(file, sources, tree.get("defaults", {}).get("src", ""))
