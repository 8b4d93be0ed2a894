"""Endpoints: which hosts are whose, and where what they get is processed and stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from auditor.catalog.reading import Tree
from auditor.catalog.sources import Fact, source_table
from auditor.facts.hosts import host_matches, pattern_rank
from auditor.facts.places import Countries
from auditor.facts.vocabulary import DataClass, Plane, Role, expand_data_classes

REGION = "{region}"
_DECIDERS = {
    "model_id": "the id of the model",
    "request_param": "a parameter of the request",
    "account_setting": "a setting of the account",
    "deployment_sku": "the SKU of the deployment",
}
"""What decides the place of processing beside the host, in words."""


@dataclass(frozen=True, slots=True)
class EndpointEntry:
    """One role of one operator, with the region filled in when it was found by a host or a full id."""

    id: str
    """``<operator>/<role>`` with ``@qualifier`` where that is not one place."""
    title: str
    operator: str
    hosts: tuple[str, ...]
    plane: Plane
    role: Role
    processing: Countries
    processing_reason: str
    """Why ``processing`` is unknown, empty when it is known."""
    storage: Countries
    residency_decided_by: tuple[str, ...]
    hosted_by: str
    data: tuple[DataClass, ...]
    retention: str
    port: int
    region_table: str
    region: str
    processing_by_region: bool
    storage_by_region: bool
    fact: Fact

    @property
    def moved_by_model(self) -> bool:
        """Whether the model id can move what the region of the host would place: only the flow's own rule tells where."""
        return self.processing_by_region and "model_id" in self.residency_decided_by

    @property
    def told_by_host(self) -> tuple[Countries, str]:
        """The countries of processing that the host alone settles, ``None`` with the reason where it settles none."""
        if self.processing is not None and self.moved_by_model:
            return None, "the model id decides where it processes, and the host alone does not"
        return self.processing, self.processing_reason

    @property
    def first_host(self) -> str:
        """The first host without placeholder, empty when every one has one."""
        return next((h for h in self.hosts if "{" not in h and "*" not in h), "")


@dataclass(frozen=True, slots=True)
class Region:
    """One region of an operator's own naming."""

    country: str
    """ISO 3166-1 alpha-2, or ``unknown``."""
    fact: Fact


RegionTables = Mapping[str, Mapping[str, Region]]
"""Table id → region → where it lies."""


def parse_endpoints(tree: Tree, file: str) -> tuple[EndpointEntry, ...]:
    """Return the entries of one operator's file, regions still open."""
    table = source_table(tree, file)
    return tuple(_entry(e, tree["operator"], table.fact(f"endpoints.{e['id']}", e)) for e in tree["endpoints"])


def best_pattern(entry: EndpointEntry, host: str) -> tuple[tuple[int, int], str] | None:
    """Return (rank, pattern) of the most specific pattern of ``entry`` that covers ``host``."""
    found = [(pattern_rank(p), p) for p in entry.hosts if host_matches(p, host)]
    return max(found) if found else None


def region_in(pattern: str, host: str) -> str:
    """Return what stands for ``{region}`` in ``host``, empty when the pattern has none."""
    if REGION not in pattern:
        return ""
    pieces = re.split(r"(\{[a-z_]+\})", pattern.removeprefix("*."))
    body = "".join("([^.]+?)" if p == REGION else "[^.]+?" if p.startswith("{") else re.escape(p) for p in pieces)
    match = re.search(rf"(?:^|\.){body}\Z" if pattern.startswith("*.") else rf"\A{body}\Z", host)
    return match.group(1) if match else ""


def in_region(entry: EndpointEntry, region: str, tables: RegionTables) -> EndpointEntry:
    """Return ``entry`` with its id and countries for ``region``.

    A region that no table knows, or knows from a weak source only, leaves them unknown: it grants no pass.
    """
    if not region:
        return entry
    found = tables.get(entry.region_table, {}).get(region)
    known: Countries = None
    reason = f"the catalog does not know in which country the region {region} lies"
    if found is not None and found.country != "unknown":
        known, reason = ((found.country,), "") if found.fact.decides else (None, _only_weakly(region, found))
    return replace(
        entry,
        id=f"{entry.id}@{region}",
        region=region,
        processing=known if entry.processing_by_region else entry.processing,
        processing_reason=reason if entry.processing_by_region else entry.processing_reason,
        storage=known if entry.storage_by_region else entry.storage,
    )


def _only_weakly(region: str, found: Region) -> str:
    return f"only a source that does not decide ({found.fact.source.title}) says that the region {region} lies in {found.country}"


def _entry(tree: Tree, operator: str, fact: Fact) -> EndpointEntry:
    processing, reason = _countries(tree["processing"])
    if tree["processing"] in ("any", "unknown"):
        reason += _deciders(tree.get("residency_decided_by", []))
    storage, _ = _countries(tree.get("storage", "unknown"))
    return EndpointEntry(
        id=tree["id"],
        title=tree["title"],
        operator=operator,
        hosts=tuple(tree["hosts"]),
        plane=Plane(tree["plane"]),
        role=Role(tree["role"]),
        processing=processing,
        processing_reason=reason,
        storage=storage,
        residency_decided_by=tuple(tree.get("residency_decided_by", [])),
        hosted_by=tree.get("hosted_by", operator),
        data=expand_data_classes(tree.get("data", [])),
        retention=tree.get("retention", ""),
        port=int(tree.get("port", "443")),
        region_table=tree.get("regions", ""),
        region="",
        processing_by_region=tree["processing"] == "region",
        storage_by_region=tree.get("storage") == "region",
        fact=fact,
    )


def _countries(value: Any) -> tuple[Countries, str]:
    if value == "any":
        return None, "the operator promises no country"
    if value == "region":
        return None, "the region is not known"
    if value == "unknown":
        return None, "no source says where"
    return tuple(sorted(value)), ""


def _deciders(names: Iterable[str]) -> str:
    """Return the rest of a reason: what decides the place when the host alone does not."""
    found = [_DECIDERS[name] for name in names if name in _DECIDERS]
    return f"; {' and '.join(found)} {'decides' if len(found) == 1 else 'decide'} it, not the host" if found else ""
