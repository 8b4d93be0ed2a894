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
from auditor.facts.manifest import ComponentEntry, Manifest, StatedFact, SystemEntry
from auditor.facts.model import Model
from auditor.facts.places import CUSTOMER, Zone
from auditor.facts.rows import FlowRow
from auditor.facts.settings import Change
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, Stage
from auditor.graph import build_graph
from auditor.pipeline.gathering import gather
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Inputs, Progress, Request

PRODUCT_PREFIX = "product:"
MODEL_HOST = "model.in-network.invalid"
SERVICE_HOST = "service.in-network.invalid"
"""Stand for what the customer would run; RFC 2606 keeps the names from meaning anything else."""

_NOWHERE = FileLocation(path="", sha256="", line=0, column=0)
_MOST_ROUNDS = 8
_ZONE = Zone(
    id="customer",
    operator=CUSTOMER,
    hosted_by=CUSTOMER,
    processing=None,
    storage=None,
    networks=(),
    hosts=("*.in-network.invalid",),
    inside=True,
)
_SERVICES = (
    ComponentEntry(
        "in-network-model",
        Plane.INFERENCE,
        Role.MODEL_SERVER,
        _ZONE.id,
        (),
        (MODEL_HOST,),
        "",
        "in-network model server",
        _NOWHERE,
    ),
    ComponentEntry(
        "in-network-service", Plane.SUPPORTING, Role.REGISTRY, _ZONE.id, (), (SERVICE_HOST,), "", "in-network service", _NOWHERE
    ),
)


def compare_candidates(
    specifications: Sequence[str],
    profile: str,
    as_of: str,
    progress: Progress | None = None,
    overlay: Path | None = None,
) -> Comparison:
    """Return the comparison of deployments (folders) and products (``product:ID``) under ``profile``.

    ``overlay`` is a folder of the user's own catalog files, as for ``gather``.

    Raises:
        UsageError: nothing to compare, or the same candidate twice.
        AuditorError: whatever ``gather`` raises for a deployment.
    """
    if len(set(specifications)) != len(specifications):
        raise UsageError(Diagnostic(what="a candidate is named twice", next_step="name each candidate once"))
    catalog = load_catalog(overlay)
    return compare([_candidate(text, profile, as_of, catalog, overlay, progress) for text in specifications], profile)


def _candidate(
    text: str, profile: str, as_of: str, catalog: Catalog, overlay: Path | None, progress: Progress | None
) -> Candidate:
    deployed: Assessment | None = None
    if text.startswith(PRODUCT_PREFIX):
        identifier = text.removeprefix(PRODUCT_PREFIX)
        products: tuple[str, ...] = (identifier,)
        title = catalog.product(identifier).title
    else:
        inputs = gather(Request(paths=(Path(text),), profiles=(profile,), catalog=overlay), progress)
        deployed = judge(model(inputs), inputs, as_of)
        products = tuple(dict.fromkeys(s.product for s in inputs.manifest.systems))
        identifier = title = inputs.manifest.deployment
    documented = documented_inputs(products, profile, catalog)
    best_inputs, changes = best_achievable(documented, as_of)
    return Candidate(
        id=identifier,
        title=title,
        documented=judge(model(documented), documented, as_of),
        deployed=deployed,
        best=judge(_best_model(best_inputs, changes), best_inputs, as_of),
    )


def documented_inputs(products: Sequence[str], profile: str, catalog: Catalog) -> Inputs:
    """Return the inputs of a deployment that has no file at all: the catalog's defaults in a customer's zone."""
    systems = tuple(SystemEntry(p, p, catalog.product(p).newest_version, _ZONE.id, (), _NOWHERE) for p in products)
    manifest = Manifest(
        deployment=" + ".join(products),
        path="",
        assumed=False,
        claim=None,
        zones=(_ZONE,),
        systems=systems,
        components=(),
        inputs=(),
        absent=tuple(sorted({s.id for p in products for s in catalog.product(p).scopes if s.kind.can_be_absent})),
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


def best_achievable(documented: Inputs, as_of: str) -> tuple[Inputs, tuple[Change, ...]]:
    """Return inputs and changes with every switch, redirect and contract of the catalog applied.

    What only exports or dashboards tell is taken to be as the changes set it. A cure may open another flow (a
    redirect to a gateway), so the model is cured again until no outside flow has a cure left; a flow without
    cure stays, and then the best is not good enough.
    """
    manifest = replace(documented.manifest, components=_SERVICES)
    inputs, changes = replace(documented, manifest=manifest), dict[tuple[str, str], Change]()
    for _ in range(_MOST_ROUNDS):
        fresh_facts, fresh = _cures(model(inputs, tuple(changes.values())), inputs, as_of)
        new = {key: change for key, change in fresh.items() if key not in changes}
        if not new and not fresh_facts:
            break
        changes |= new
        inputs = replace(inputs, manifest=replace(inputs.manifest, facts=(*inputs.manifest.facts, *fresh_facts)))
    return inputs, tuple(changes.values())


def _best_model(inputs: Inputs, changes: Sequence[Change]) -> Model:
    """Return the model at its best: what exports tell is as the changes set it, what is optional is blocked.

    A flow that the product can do without and that only the network can stop counts as stopped there.
    """
    answered = {
        f"{system.id}/{scope.id}"
        for system in inputs.manifest.systems
        for scope in inputs.catalog.product(system.product).scopes
        if not scope.kind.can_be_absent
    }
    deployment = model(inputs, changes)
    inside = {c.id for c in deployment.components if c.place.inside}
    rows = tuple(r for r in deployment.rows if r.destination in inside or r.required is not Truth.NO)
    gaps = tuple(g for g in deployment.gaps if g.unknown.subject not in answered)
    return replace(deployment, rows=rows, gaps=gaps, graph=build_graph(deployment.components, rows))


def _cures(deployment: Model, inputs: Inputs, as_of: str) -> tuple[tuple[StatedFact, ...], dict[tuple[str, str], Change]]:
    known = {(f.system, f.fact) for f in inputs.manifest.facts}
    facts: dict[tuple[str, str], StatedFact] = {}
    changes: dict[tuple[str, str], Change] = {}
    for row, cure in _outside_cures(deployment):
        key = (row.flow.split("/", 1)[0], cure.setting)
        if cure.kind == "contract" and key not in known:
            facts.setdefault(key, _assumed_fact(key[0], cure, as_of))
        elif cure.kind == "redirect":
            host = MODEL_HOST if DataClass.PROMPT in row.sends_at_most else SERVICE_HOST
            changes.setdefault(key, Change(*key, f"https://{host}"))
        elif cure.kind == "setting":
            changes.setdefault(key, Change(*key, cure.value or f"https://{SERVICE_HOST}"))
    return tuple(facts.values()), changes


def _outside_cures(deployment: Model) -> Iterable[tuple[FlowRow, Cure]]:
    """Yield every flow that may leave the customer's zone, with its first usable cure."""
    inside = {c.id for c in deployment.components if c.place.inside}
    for row in deployment.rows:
        if row.flow and row.exists is not Truth.NO and row.destination not in inside:
            usable = [c for c in row.cures if c.kind in {"setting", "redirect", "contract"} and c.setting]
            if usable:
                yield row, usable[0]


def _assumed_fact(system: str, cure: Cure, as_of: str) -> StatedFact:
    location = StatementLocation(
        document="best achievable", sha256="", place="", issuer="assumed", date=as_of[:10], statement=cure.text
    )
    return StatedFact(system, cure.setting, cure.value, Evidence(Basis.DECLARED, location, cure.text))
