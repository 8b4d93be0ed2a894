"""The shipped catalog keeps to its schemas and to itself; it is not checked at start, so it is checked here."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest

from auditor.catalog import Product, load_catalog
from auditor.catalog.conditions import AtomKind, Condition, atoms
from auditor.catalog.library import SHIPPED, read_library, schema_for
from auditor.catalog.product import FlowDefinition
from auditor.documents.strict import load_strict

FILES = sorted(p.relative_to(SHIPPED).as_posix() for p in SHIPPED.rglob("*.yaml"))
CATALOG = load_catalog()
PRODUCTS = CATALOG.products()


@pytest.mark.parametrize("name", FILES)
def test_shipped_files_keep_to_their_schema(name: str) -> None:
    load_strict(SHIPPED / name, name, schema_for(name))


@pytest.mark.parametrize("name", [f for f in FILES if "/" in f])
def test_the_file_name_is_the_id(name: str) -> None:
    ((tree, _),) = read_library(None).trees(name)
    assert tree.get("product", tree.get("operator")) == Path(name).stem


@pytest.mark.parametrize("name", FILES)
def test_facts_name_a_source_of_their_file(name: str) -> None:
    ((tree, _),) = read_library(None).trees(name)
    text = (SHIPPED / name).read_text()
    named = set(re.findall(r"\bsrc: ([A-Za-z0-9_-]+)", text))
    assert named - set(tree["sources"]) == set()
    assert tree["defaults"]["src"] in tree["sources"]


def _conditions(product: Product) -> list[Condition]:
    found = [f.on for f in product.flows] + [s.needed for s in product.scopes] + [c.present for c in product.components]
    found += [s.on for s in product.stores] + [s.applies for s in product.settings] + [f.on for f in product.filters]
    return found + [r.when for s in product.settings for r in s.defaults]


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_names_inside_a_product_mean_something(identifier: str) -> None:
    product = CATALOG.product(identifier)
    known = {
        AtomKind.SETTING: {s.id for s in product.settings},
        AtomKind.FACT: {f.id for f in product.facts},
        AtomKind.ERA: {e.id for e in product.eras},
    }
    asked = {(a.kind, a.name) for c in _conditions(product) for a in atoms(c)}
    assert {(kind, name) for kind, name in asked if kind in known and name not in known[kind]} == set()
    components, workloads = {c.id for c in product.components}, {w.id for w in product.workloads}
    scopes = {s.id for s in product.scopes}
    assert {f.source for f in product.flows} | {s.component for s in product.stores} <= components
    assert {c.runs_in for c in product.components if c.runs_in} <= workloads
    assert {s.workload for s in product.scopes if s.workload} | {r.workload for r in product.recognise if r.workload} <= workloads
    assert {s for d in product.settings for s in d.only_from} | {r.scope for r in product.recognise if r.scope} <= scopes


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_targets_mean_something(identifier: str) -> None:
    product = CATALOG.product(identifier)
    settings = {s.id for s in product.settings}
    for flow in product.flows:
        assert _forms(flow) == 1 or (_forms(flow) == 2 and flow.to.runtime), flow.id
        assert {k for k in (flow.to.setting, flow.to.for_each, *flow.redirect) if k} <= settings, flow.id
        assert not flow.to.component or product.component(flow.to.component) is not None, flow.id
        assert not flow.to.endpoint or CATALOG.endpoint(flow.to.endpoint) is not None, flow.id
        assert not flow.to.table or product.table(flow.to.table), flow.id
    outside = [c.outside for c in product.components if c.outside]
    assert [o for o in outside if CATALOG.endpoint(o) is None] == []


def _forms(flow: FlowDefinition) -> int:
    to = flow.to
    return sum(map(bool, (to.hosts, to.setting, to.host_template, to.component, to.endpoint, to.for_each, to.runtime)))


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_patterns_over_flows_cover_some(identifier: str) -> None:
    product = CATALOG.product(identifier)
    flows = [f.id for f in product.flows]
    patterns = {p for s in product.settings if s.umbrella for p in (*s.umbrella.covers, *s.umbrella.excepted)}
    patterns |= {p for s in product.settings for p in (*s.re_enables, *(e.flow for e in s.escalates))}
    assert [p for p in sorted(patterns) if not fnmatch.filter(flows, p)] == []


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_reading_the_recognition_alone_gives_the_same(identifier: str) -> None:
    assert load_catalog().recognitions(identifier) == CATALOG.product(identifier).recognise


def test_ids_are_unique_and_operators_known() -> None:
    for identifier in PRODUCTS:
        product = CATALOG.product(identifier)
        for group in (
            product.flows,
            product.settings,
            product.components,
            product.workloads,
            product.scopes,
            product.facts,
            product.stores,
        ):
            ids = [entry.id for entry in group]
            assert len(ids) == len(set(ids)), identifier
        assert CATALOG.operator(product.vendor) is not None, identifier
    for name in read_library(None).names("endpoints"):
        assert CATALOG.operator(name) is not None, name


@pytest.mark.parametrize(
    ("host", "identifier", "processing"),
    [
        ("bedrock-runtime.eu-central-1.amazonaws.com", "aws/model_server@eu-central-1", ("DE",)),
        ("bedrock-runtime.eu-west-2.amazonaws.com", "aws/model_server@eu-west-2", ("GB",)),
        ("BEDROCK-runtime.EU-central-2.amazonaws.com.", "aws/model_server@eu-central-2", ("CH",)),
        ("bedrock-runtime.mars-north-1.amazonaws.com", "aws/model_server@mars-north-1", None),
    ],
)
def test_regions_come_from_the_host(host: str, identifier: str, processing: tuple[str, ...] | None) -> None:
    entry = CATALOG.endpoint_for_host(host)
    assert entry is not None
    assert (entry.id, entry.processing, bool(entry.processing_reason)) == (identifier, processing, processing is None)


@pytest.mark.parametrize("host", ["evil-cursor.sh", "api.anthropic.com.evil.example", "amazonaws.com", "localhost", ""])
def test_hosts_that_only_look_alike_are_nobodys(host: str) -> None:
    assert CATALOG.endpoint_for_host(host) is None


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_a_list_in_a_file_is_named_without_the_brackets_that_its_items_imply(identifier: str) -> None:
    lists = [s for s in CATALOG.product(identifier).settings if s.is_list]
    assert [(s.id, p) for s in lists for p in s.names.path if p.endswith("[]") and p != "[]" and "*" not in p] == []


@pytest.mark.parametrize("identifier", PRODUCTS)
def test_whose_every_host_is_that_a_product_contacts_is_known(identifier: str) -> None:
    product = CATALOG.product(identifier)
    hosts = {h for f in product.flows for h in f.to.hosts}
    hosts |= {h for f in product.flows if f.to.table for h in product.table(f.to.table).values()}
    written = {h for h in hosts if h and "{" not in h and h.partition(":")[0] not in ("localhost", "localhost.localdomain")}
    assert [h for h in sorted(written) if CATALOG.endpoint_for_host(h.partition(":")[0]) is None] == []
