"""Candidates of a comparison: a deployment, or a product that nobody deployed yet.

Three columns, each an assessment like any other: *as documented* (the catalog alone), *as deployed*
(the files and captures), *best achievable* (the catalog's switches and redirects applied to the
documented product until nothing more can be cured).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from auditor.catalog import Catalog, load_catalog
from auditor.compare import Candidate, compare
from auditor.errors import Diagnostic, UsageError
from auditor.evaluate import load_ladder, load_profile
from auditor.facts.assessment import Assessment
from auditor.facts.comparison import Comparison
from auditor.facts.evidence import Evidence, FileLocation, StatementLocation
from auditor.facts.flows import Cure
from auditor.facts.manifest import Manifest, StatedFact, SystemEntry
from auditor.facts.model import Model
from auditor.facts.places import CUSTOMER, Zone
from auditor.facts.settings import Change
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Stage
from auditor.pipeline.gathering import gather
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Inputs, Progress, Request

PRODUCT_PREFIX = "product:"
IN_NETWORK_HOST = "in-network.invalid"
"""Stands for a host that the customer would run; RFC 2606 keeps it from meaning anything else."""

_NOWHERE = FileLocation(path="", sha256="", line=0, column=0)
_MOST_ROUNDS = 8


def compare_candidates(specifications: Sequence[str], profile: str, as_of: str, progress: Progress | None = None) -> Comparison:
    """Return the comparison of deployments (folders) and products (``product:ID``) under ``profile``.

    Raises:
        UsageError: nothing to compare, or the same candidate twice.
        AuditorError: whatever ``gather`` raises for a deployment.
    """
    if len(set(specifications)) != len(specifications):
        raise UsageError(Diagnostic(what="a candidate is named twice", next_step="name each candidate once"))
    catalog = load_catalog(None)
    return compare([_candidate(text, profile, as_of, catalog, progress) for text in specifications], profile)


def _candidate(text: str, profile: str, as_of: str, catalog: Catalog, progress: Progress | None) -> Candidate:
    deployed: Assessment | None = None
    if text.startswith(PRODUCT_PREFIX):
        identifier = text.removeprefix(PRODUCT_PREFIX)
        products: tuple[str, ...] = (identifier,)
        title = catalog.product(identifier).title
    else:
        inputs = gather(Request(paths=(Path(text),), profiles=(profile,)), progress)
        deployed = judge(model(inputs), inputs, as_of)
        products = tuple(dict.fromkeys(s.product for s in inputs.manifest.systems))
        identifier = title = inputs.manifest.deployment
    documented = documented_inputs(products, profile, catalog)
    best_inputs, changes = best_achievable(documented)
    return Candidate(
        id=identifier,
        title=title,
        documented=judge(model(documented), documented, as_of),
        deployed=deployed,
        best=judge(model(best_inputs, changes), best_inputs, as_of),
    )


def documented_inputs(products: Sequence[str], profile: str, catalog: Catalog) -> Inputs:
    """Return the inputs of a deployment that has no file at all: the catalog's defaults in a customer's zone."""
    zone = Zone(
        id="customer",
        operator=CUSTOMER,
        hosted_by=CUSTOMER,
        processing=None,
        storage=None,
        networks=(),
        hosts=(IN_NETWORK_HOST, f"*.{IN_NETWORK_HOST}"),
        inside=True,
    )
    systems = tuple(
        SystemEntry(product, product, catalog.product(product).newest_version, zone.id, (), _NOWHERE) for product in products
    )
    scopes = {s.id for product in products for s in catalog.product(product).scopes if s.kind.can_be_absent}
    manifest = Manifest(
        deployment=" + ".join(products),
        path="",
        assumed=False,
        claim=None,
        zones=(zone,),
        systems=systems,
        components=(),
        inputs=(),
        absent=tuple(sorted(scopes)),
        profiles=(profile,),
        attestations="",
        waivers="",
    )
    return Inputs(
        manifest=manifest,
        stage=Stage.CHANGE,
        documents=(),
        catalog=catalog,
        observation=None,
        profiles=(load_profile(profile),),
        ladder=load_ladder(),
        waivers=(),
        attestations=(),
        digests=(),
        not_examined=(),
    )


def best_achievable(documented: Inputs) -> tuple[Inputs, tuple[Change, ...]]:
    """Return inputs and changes with every switch, redirect and contract of the catalog applied.

    A cure may open another flow (a redirect to a gateway), so the model is cured again until no
    outside flow has a cure left; a flow without cure stays, and then the best is not good enough.
    """
    inputs, changes = documented, dict[tuple[str, str], Change]()
    for _ in range(_MOST_ROUNDS):
        fresh_facts, fresh = _cures(model(inputs, tuple(changes.values())), inputs)
        new = {key: change for key, change in fresh.items() if key not in changes}
        if not new and not fresh_facts:
            break
        changes |= new
        inputs = replace(inputs, manifest=replace(inputs.manifest, facts=(*inputs.manifest.facts, *fresh_facts)))
    return inputs, tuple(changes.values())


def _cures(deployment: Model, inputs: Inputs) -> tuple[tuple[StatedFact, ...], dict[tuple[str, str], Change]]:
    known = {(f.system, f.fact) for f in inputs.manifest.facts}
    facts: dict[tuple[str, str], StatedFact] = {}
    changes: dict[tuple[str, str], Change] = {}
    for system, cure in _outside_cures(deployment):
        key = (system, cure.setting)
        if cure.kind in {"setting", "redirect"} and cure.setting:
            changes.setdefault(key, Change(system, cure.setting, cure.value or f"https://{IN_NETWORK_HOST}"))
        elif cure.kind == "contract" and cure.setting and key not in known:
            facts.setdefault(key, _assumed_fact(system, cure))
    return tuple(facts.values()), changes


def _outside_cures(deployment: Model) -> Iterable[tuple[str, Cure]]:
    """Yield (system, first usable cure) of every flow that may leave the customer's zone."""
    inside = {c.id for c in deployment.components if c.place.inside}
    for row in deployment.rows:
        if row.flow and row.exists is not Truth.NO and row.destination not in inside:
            usable = [c for c in row.cures if c.kind in {"setting", "redirect", "contract"}]
            if usable:
                yield row.flow.split("/", 1)[0], usable[0]


def _assumed_fact(system: str, cure: Cure) -> StatedFact:
    location = StatementLocation(document="best achievable", sha256="", place="", issuer="assumed", date="", statement=cure.text)
    return StatedFact(system, cure.setting, cure.value, Evidence(Basis.DECLARED, location, cure.text))
