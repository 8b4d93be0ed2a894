"""Why the configured basis is not closed (DESIGN: closed inventory)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from auditor.config.absences import contradicted_absences
from auditor.config.assignment import Assignment
from auditor.config.bindings import Launch
from auditor.config.effective import place
from auditor.config.flows import component_id
from auditor.config.hosts_in_text import Surroundings
from auditor.config.processes import process_doubts
from auditor.config.scope_views import ScopeView
from auditor.config.unmodelled import outside_names, process_subject, told
from auditor.config.versions import version_doubts
from auditor.facts.inventory import Gap, Unknown
from auditor.facts.manifest import Manifest
from auditor.facts.settings import SettingState
from auditor.facts.vocabulary import Basis, Party, UnknownKind

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def system_gaps(context: SystemContext) -> Iterator[Gap]:
    """Yield what keeps one system open: its version, scopes that nobody showed or that a statement denies, processes."""
    for kind, text, step in version_doubts(context):
        yield _gap(context, f"{context.system}/version", text, (step,), kind=kind)
    for view in context.missing():
        yield _missing(view, context)
    for view, text in contradicted_absences(context):
        step = f"Supply the {view.scope.title} under inputs:, or take out what names it"
        subject = f"{context.system}/{view.scope.id}"
        yield _gap(context, subject, text, (step,), workload=view.scope.workload, kind=UnknownKind.CONFLICT)
    for doubt in process_doubts(context):
        yield _gap(context, process_subject(doubt.launch), doubt.text, (doubt.step,), workload=doubt.workload)
    for view in context.views:
        for opaque in view.opaque:
            # The reason may begin with a key that is written small (envFrom), so it does not begin the sentence.
            text = f"What the {view.scope.title} holds besides is open: {opaque.reason} ({place(opaque.evidence)})"
            yield _gap(
                context,
                f"{context.system}/{view.scope.id}",
                text,
                (opaque.settled_by,),
                workload=view.scope.workload,
            )
    for definition in context.product.settings:
        effective = context.effective(definition.id)
        if (
            effective is not None
            and effective.state is SettingState.UNKNOWN
            and effective.evidence
            and not effective.definition.secret
        ):
            text = f"The value of {definition.title or definition.id} is open: {effective.reason}"
            yield _gap(context, f"{context.system}/{definition.id}", text, effective.settled_by, effective.who)


def _missing(view: ScopeView, context: SystemContext) -> Gap:
    scope = view.scope
    stated = f", or list {scope.id} under absent: when there is none" if scope.kind.can_be_absent else ""
    return _gap(
        context,
        f"{context.system}/{scope.id}",
        f"No input shows the {scope.title} of {context.product.title}, so what is set there is open",
        scope.settled_by or (f"Supply the {scope.title} under inputs:{stated}",),
        scope.who,
        scope.workload,
    )


def _gap(
    context: SystemContext,
    subject: str,
    text: str,
    steps: tuple[str, ...],
    who: Party = Party.PLATFORM,
    workload: str = "",
    *,
    kind: UnknownKind = UnknownKind.INVENTORY_OPEN,
) -> Gap:
    concerned = tuple(component_id(c.id, context) for c in context.product.components if workload and c.runs_in == workload)
    return Gap(Basis.CONFIGURED, context.system, concerned, Unknown(kind, subject, text, steps, who))


def outside_gaps(contexts: Mapping[str, SystemContext], manifest: Manifest) -> Iterator[Gap]:
    """Yield unmodelled names whose value is a place that is not inside."""
    for context, found, host in outside_names(contexts, Surroundings.of(manifest)):
        steps = (
            f"Take {found.name} away, or point it at a host inside the perimeter",
            f"Describe {found.name} in a catalog overlay, with the flow that it makes",
        )
        yield _gap(context, f"{context.system}/{found.name}", told(found, host), steps, workload=found.workload)


def deployment_gaps(assignment: Assignment) -> Iterator[Gap]:
    """Yield processes that nothing explains, and those that several systems claim."""
    for launch in assignment.strangers:
        text = f"Nothing explains the {_told(launch)}: what it sends is open"
        steps = (
            "Name it under components: in the manifest with its plane and role",
            "Add its product to the catalog with --catalog, and list it under systems:",
        )
        unknown = Unknown(UnknownKind.INVENTORY_OPEN, process_subject(launch), text, steps)
        yield Gap(Basis.CONFIGURED, "", (), unknown)
    for launch, systems in assignment.ambiguous:
        text = f"The {_told(launch)} may belong to {' or '.join(systems)}"
        step = "Say with for: in the manifest whose it is"
        for system in systems:
            unknown = Unknown(UnknownKind.INVENTORY_OPEN, process_subject(launch), text, (step,))
            yield Gap(Basis.CONFIGURED, system, (), unknown)


def _told(launch: Launch) -> str:
    image = f" (image {launch.image})" if launch.image else ""
    return f"process {launch.name}{image} at {place(launch.evidence)}"
