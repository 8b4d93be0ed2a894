"""Why the configured basis is not closed (DESIGN: closed inventory)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.config.assignment import Assignment
from auditor.config.bindings import Launch
from auditor.config.effective import place
from auditor.config.flows import component_id
from auditor.config.scope_views import ScopeView
from auditor.facts.inventory import Gap, Unknown
from auditor.facts.settings import SettingState
from auditor.facts.vocabulary import Basis, Party, UnknownKind

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def system_gaps(context: SystemContext) -> Iterator[Gap]:
    """Yield what keeps one system open: no version, a needed scope that nobody showed, names that nobody can see."""
    if not context.version:
        yield _gap(
            context,
            f"{context.system}/version",
            f"The version of {context.product.title} is not given, so its defaults are not certain",
            (f"State version: of the system {context.system} in the manifest",),
        )
    for view in context.missing():
        yield _missing(view, context)
    for view in context.views:
        for opaque in view.opaque:
            text = f"{opaque.reason} ({place(opaque.evidence)}): what it sets is open"
            yield _gap(
                context,
                f"{context.system}/{view.scope.id}",
                text[:1].upper() + text[1:],
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
        f"The {scope.title} of {context.product.title} is not among the inputs, so what it sets is open",
        scope.settled_by or (f"Supply the {scope.title} under inputs:{stated}",),
        scope.who,
        scope.workload,
    )


def _gap(
    context: SystemContext, subject: str, text: str, steps: tuple[str, ...], who: Party = Party.PLATFORM, workload: str = ""
) -> Gap:
    concerned = tuple(component_id(c.id, context) for c in context.product.components if workload and c.runs_in == workload)
    return Gap(Basis.CONFIGURED, context.system, concerned, Unknown(UnknownKind.INVENTORY_OPEN, subject, text, steps, who))


def deployment_gaps(assignment: Assignment) -> Iterator[Gap]:
    """Yield processes that nothing explains, and those that several systems claim."""
    for launch in assignment.strangers:
        text = f"Nothing explains the {_told(launch)}: what it sends is open"
        steps = (
            "Name it under components: in the manifest with its plane and role",
            "Add its product to the catalog with --catalog, and list it under systems:",
        )
        unknown = Unknown(UnknownKind.INVENTORY_OPEN, f"process:{launch.source.document.path}#{launch.name}", text, steps)
        yield Gap(Basis.CONFIGURED, "", (), unknown)
    for launch, systems in assignment.ambiguous:
        text = f"The {_told(launch)} may belong to {' or '.join(systems)}"
        step = "Say with for: in the manifest whose it is"
        for system in systems:
            subject = f"process:{launch.source.document.path}#{launch.name}"
            yield Gap(Basis.CONFIGURED, system, (), Unknown(UnknownKind.INVENTORY_OPEN, subject, text, (step,)))


def _told(launch: Launch) -> str:
    image = f" (image {launch.image})" if launch.image else ""
    return f"process {launch.name}{image} at {place(launch.evidence)}"
