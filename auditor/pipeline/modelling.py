"""Model and judge: the pure middle of the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from auditor import __version__
from auditor.config import configure
from auditor.evaluate import assess
from auditor.facts.assessment import Assessment
from auditor.facts.context import AssessmentContext
from auditor.facts.inventory import Store
from auditor.facts.model import Model
from auditor.facts.places import Countries
from auditor.facts.settings import Change
from auditor.graph import build_graph
from auditor.identify import identify
from auditor.pipeline.host_catalog import CatalogDestinations
from auditor.pipeline.request import Inputs
from auditor.pipeline.setting_aside import captures_left, with_ruled_out
from auditor.reconcile import reconcile


def model(inputs: Inputs, changes: Sequence[Change] = ()) -> Model:
    """Return everything that is believed of the deployment, with ``changes`` to settings assumed; pure."""
    configuration = configure(inputs.documents, inputs.manifest, inputs.catalog, changes)
    identity = identify(inputs.manifest, configuration, inputs.observation, CatalogDestinations(inputs.catalog))
    places = {c.id: c.place.storage for c in identity.components}
    reconciled = reconcile(identity, configuration, inputs.observation, None, inputs.manifest.statements)
    return Model(
        manifest=inputs.manifest,
        stage=inputs.stage,
        operators=identity.operators,
        zones=identity.zones,
        workloads=identity.workloads,
        components=identity.components,
        stores=tuple(_placed(store, places) for store in configuration.stores),
        settings=configuration.settings,
        channels=reconciled.channels,
        rows=reconciled.rows,
        gaps=reconciled.gaps,
        coverage=inputs.observation.coverage if inputs.observation else (),
        not_examined=(
            *with_ruled_out((*inputs.not_examined, *configuration.not_examined), inputs.manifest),
            *captures_left(inputs.manifest, inputs.stage),
        ),
        graph=build_graph(identity.components, reconciled.rows),
    )


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
