"""Model and judge: the pure middle of the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor import __version__
from auditor.config import configure
from auditor.documents import Document, DocumentKind
from auditor.evaluate import assess
from auditor.facts.assessment import Assessment
from auditor.facts.configuration import Configuration
from auditor.facts.context import AssessmentContext
from auditor.facts.identity import Identity, ResolvedEdge
from auditor.facts.inventory import Gap, Seal, Store
from auditor.facts.model import Model
from auditor.facts.places import Countries
from auditor.facts.settings import Change
from auditor.facts.vocabulary import Sighting
from auditor.graph import build_graph
from auditor.identify import identify
from auditor.pipeline.host_catalog import CatalogDestinations
from auditor.pipeline.request import Inputs
from auditor.pipeline.setting_aside import captures_left, with_ruled_out
from auditor.reconcile import Reconciled, edge_key, placed_by_flows, reconcile

POLICY_ENDINGS = ("Policy", "Network", "Firewall")
RULE_SETS = frozenset(
    {DocumentKind.IPTABLES, DocumentKind.NFTABLES, DocumentKind.SHELL, DocumentKind.SQUID, DocumentKind.COMPOSE}
    | {DocumentKind.TERRAFORM_PLAN}
)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is taken of the network and of captures to come; channels by id."""

    past: frozenset[str] = frozenset()
    """Their packets are set aside: they show what was before a change."""
    denied: frozenset[str] = frozenset()
    """The network denies them."""
    refused: frozenset[str] = frozenset()
    """Whoever was seen to use them is seen to try."""


AS_IT_IS = Foresight()


def model(inputs: Inputs, changes: Sequence[Change] = (), foresight: Foresight = AS_IT_IS) -> Model:
    """Return everything that is believed of the deployment, with ``changes`` to settings and ``foresight`` assumed; pure."""
    configuration = configure(inputs.documents, inputs.manifest, inputs.catalog, changes)
    identity = identify(inputs.manifest, configuration, inputs.observation, CatalogDestinations(inputs.catalog), inputs.tenures)
    if foresight != AS_IT_IS:
        identity = replace(identity, edges=tuple(_foreseen(identity.edges, foresight)))
    places = {c.id: c.place.storage for c in identity.components}
    reconciled, network_gaps, seals = _reconciled(inputs, identity, configuration, foresight.denied)
    components = placed_by_flows(identity.components, reconciled.rows, reconciled.channels)
    return Model(
        manifest=inputs.manifest,
        stage=inputs.stage,
        operators=identity.operators,
        zones=identity.zones,
        workloads=identity.workloads,
        components=components,
        stores=tuple(_placed(store, places) for store in configuration.stores),
        settings=configuration.settings,
        channels=reconciled.channels,
        rows=reconciled.rows,
        gaps=(*reconciled.gaps, *network_gaps),
        coverage=inputs.observation.coverage if inputs.observation else (),
        not_examined=(
            *with_ruled_out((*inputs.not_examined, *configuration.not_examined), inputs.manifest),
            *captures_left(inputs.manifest, inputs.stage),
        ),
        graph=build_graph(components, reconciled.rows),
        seals=seals,
    )


def _foreseen(edges: Iterable[ResolvedEdge], foresight: Foresight) -> Iterator[ResolvedEdge]:
    for resolved in edges:
        channel = edge_key(resolved).id
        if channel in foresight.refused:
            tried = replace(resolved.edge, sighting=Sighting.ATTEMPT, payload_out=0, payload_in=0)
            yield replace(resolved, edge=tried)
        elif channel not in foresight.past:
            yield resolved


def _reconciled(
    inputs: Inputs, identity: Identity, configuration: Configuration, denied: Collection[str]
) -> tuple[Reconciled, tuple[Gap, ...], tuple[Seal, ...]]:
    """Return the table, what the network leaves open, and how strongly it keeps the rest from a way out.

    Which channels there are is known only once the bases lie side by side; hence, when policies were supplied, the
    table is made once to learn the channels and again with what is permitted to each.
    """
    statements = inputs.manifest.statements
    first = reconcile(identity, configuration, inputs.observation, None, statements, denied)
    if not may_hold_policies(inputs.documents) and not any(entry.governs for entry in inputs.manifest.inputs):
        return first, (), ()
    from auditor.pipeline.permitting import permissions, read_ground

    ground = read_ground(inputs.documents, inputs.manifest)
    if not ground.examined:
        return first, (), ()
    found = permissions(ground, identity, first.channels, inputs.not_examined)
    return reconcile(identity, configuration, inputs.observation, found.by_channel, statements, denied), found.gaps, found.seals


def may_hold_policies(documents: Iterable[Document]) -> bool:
    """Return whether a document could decide about packets: a plain check need not import the whole stage for none.

    Every Kubernetes kind that ``auditor.network`` reads, or names as not read, ends in one of ``POLICY_ENDINGS``.
    """
    return any(d.kind in RULE_SETS or _names_policy(d) for d in documents)


def _names_policy(document: Document) -> bool:
    kind = document.root.get("kind") if document.kind is DocumentKind.KUBERNETES else None
    return kind is not None and kind.text.endswith(POLICY_ENDINGS)


def _placed(store: Store, places: Mapping[str, Countries]) -> Store:
    """Return the store with its component's country of storage, unless the catalog names its own."""
    return store if store.country else replace(store, country=places.get(store.component))


def judge(deployment: Model, inputs: Inputs, as_of: str) -> Assessment:
    """Judge the model against the profiles of ``inputs`` at ``as_of`` (ISO 8601 date-time); pure."""
    context = AssessmentContext(
        tool=f"auditor {__version__}",
        as_of=as_of,
        catalog_sha256=inputs.catalog.sha256,
        inputs=inputs.digests,
        waivers=inputs.waivers,
        attestations=inputs.attestations,
        ladder=inputs.ladder,
        unreadable_named=any(entry.named for entry in inputs.not_examined),
    )
    return assess(deployment, inputs.profiles, context)
