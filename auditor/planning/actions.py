"""What can be done about a flow: switches, redirects, contracts, denials; each with its effort, none of them tried yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.facts.flows import Cure
from auditor.facts.inventory import Component
from auditor.facts.manifest import ComponentEntry
from auditor.facts.model import Model
from auditor.facts.plan import StepKind
from auditor.facts.rows import FlowRow
from auditor.facts.settings import Change
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role
from auditor.planning.asked import FACT

UNSET = "(unset)"
RECAPTURE = "evidence:after"
"""Key of the action to capture again once the changes are made."""
EFFORT = {
    StepKind.SETTING: 1,
    StepKind.EVIDENCE: 2,
    StepKind.REDIRECT: 2,
    StepKind.DENY: 3,
    StepKind.STOP: 4,
    StepKind.CONTRACT: 4,
}
"""A line of a file is less than an export, that less than a rule of the network, that less than a contract."""
NEW_SERVICE, WHOLE_WORKLOAD = 6, 2
"""More effort: a service that nobody runs yet; all egress of a workload instead of one channel."""
_LOSS = {Truth.YES: 5, Truth.UNKNOWN: 1, Truth.NO: 0}
"""More effort for a switch that takes away what the product needs, or may need."""

_NOWHERE = FileLocation("", "", 0, 0)
_SPEAKS = "See that it speaks the interface that the product expects."
_MODELS = (Role.MODEL_SERVER, Role.MODEL_GATEWAY)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that somebody could do; ``key`` tells it from all others."""

    key: str
    kind: StepKind
    effort: int
    text: str
    changes: tuple[Change, ...] = ()
    """One, or several that work only together."""
    service: ComponentEntry | None = None
    """A service inside that the action needs and that nobody runs yet."""
    channels: tuple[str, ...] = ()
    """Denied, or no longer used."""
    subject: str = ""
    """With evidence: the subject of the open points that it settles."""
    how: tuple[str, ...] = ()
    who: str = ""

    @property
    def group(self) -> str:
        """Return what it excludes: another value of the same setting."""
        return f"{self.changes[0].system}/{self.changes[0].key}" if len(self.changes) == 1 else self.key


Joint = Callable[[str], tuple[tuple[Change, ...], tuple[str, ...]] | None]
"""Id of a flow, store or component -> changes that end it only together, with the text of each; ``None`` where there are none."""


class Means:
    """What can be done in one deployment; made from the model as it is, before any step."""

    def __init__(self, model: Model, joint: Joint) -> None:
        self._joint = joint
        self._components: Mapping[str, Component] = {c.id: c for c in model.components}
        self._hosts = {w.id: next((h for h in w.hosts if "*" not in h), "") for w in model.workloads}
        self._zone = next((z.id for z in model.zones if z.inside), "")
        zones = {z.id for z in model.zones if z.inside}
        self._inside_workloads = {w.id for w in model.workloads if w.zone in zones}
        self._titles = {w.id: w.title for w in model.workloads}
        self._sources = {c.id: c.source.workload for c in model.channels}
        self._labels = {c.id: f"{c.destination.label} ({c.transport.value} {c.port or 'any port'})" for c in model.channels}
        self._outward = self._outward_channels(model)

    def for_row(self, row: FlowRow, *, deny: bool = True) -> tuple[Action, ...]:
        """Return every action that may end or move the flow of ``row``; ``deny`` admits taking its permission away."""
        found = list(self._of_cures(row)) if row.flow else [self._stop(row)]
        if not found:
            found.extend(self.together(row.flow))
        if deny:
            found.extend(self._denials(row))
        return tuple(found)

    def inside(self, component: str) -> bool:
        """Return whether ``component`` is certainly inside."""
        known = self._components.get(component)
        return known is not None and known.place.inside is True

    def _of_cures(self, row: FlowRow) -> Iterator[Action]:
        system = row.flow.partition("/")[0]
        for cure in row.cures:
            if cure.kind == "setting":
                yield from self._setting(system, cure, row)
            elif cure.kind == "redirect" and cure.setting:
                yield from self._redirect(system, cure, row)
            elif cure.kind == "contract" and cure.setting and cure.value:
                change = Change(system, f"{FACT}{cure.setting}", cure.value)
                yield _of_change(StepKind.CONTRACT, change, cure.text, EFFORT[StepKind.CONTRACT])

    def together(self, subject: str) -> Iterator[Action]:
        """Yield the changes that end a flow, store or component only together, or that no flow names."""
        joint = self._joint(subject)
        if joint is not None:
            changes, texts = joint
            contract = any(c.key.startswith(FACT) for c in changes)
            kinds = [StepKind.CONTRACT if c.key.startswith(FACT) else StepKind.SETTING for c in changes]
            key = "+".join(f"{c.system}/{c.key}={UNSET if c.value is None else c.value}" for c in changes)
            kind = StepKind.CONTRACT if contract else StepKind.SETTING
            yield Action(f"{kind.value}:{key}", kind, sum(EFFORT[k] for k in kinds), "; and ".join(texts), changes)

    def _setting(self, system: str, cure: Cure, row: FlowRow) -> Iterator[Action]:
        if not cure.setting:
            return
        if not cure.value:
            # Any text will do, and what it names has to be there: a path or a service of one's own.
            yield from self._redirect(system, cure, row)
            return
        change = Change(system, cure.setting, None if cure.value == UNSET else cure.value)
        yield _of_change(StepKind.SETTING, change, cure.text, EFFORT[StepKind.SETTING] + _LOSS[row.required])

    def _redirect(self, system: str, cure: Cure, row: FlowRow) -> Iterator[Action]:
        host, title = self._service(row)
        effort = EFFORT[StepKind.REDIRECT]
        if host:
            change = Change(system, cure.setting, f"https://{host}")
            yield _of_change(StepKind.REDIRECT, change, f"{cure.text}: {title} ({host})", effort, how=(_SPEAKS,))
        elif self._zone:
            role = self._role(row)
            service = _new_service(role, self._plane(row), self._zone)
            change = Change(system, cure.setting, f"https://{service.hosts[0]}")
            how = (f"Run {_article(service.title)} inside, and use its address in place of {service.hosts[0]}.", _SPEAKS)
            yield _of_change(StepKind.REDIRECT, change, cure.text, effort + NEW_SERVICE, service, how)

    def _service(self, row: FlowRow) -> tuple[str, str]:
        """Return host and title of a service inside that can take the flow, empty where none is known."""
        role = self._role(row)
        wanted = _MODELS if role in _MODELS else (role,)
        own = row.source.partition("/")[0]
        for kind in wanted:
            for component in sorted(self._components.values(), key=lambda c: c.id):
                host = self._hosts.get(component.workload, "")
                # A product that is pointed at itself goes round in a circle.
                if component.role is kind and component.place.inside and host and component.system != own:
                    return host, component.title
        return "", ""

    def _role(self, row: FlowRow) -> Role:
        target = self._components.get(row.destination)
        if DataClass.PROMPT in row.sends_at_most:
            return Role.MODEL_SERVER
        return target.role if target is not None and target.role is not None else Role.REGISTRY

    def _plane(self, row: FlowRow) -> Plane:
        target = self._components.get(row.destination)
        if DataClass.PROMPT in row.sends_at_most:
            return Plane.INFERENCE
        return target.plane if target is not None and target.plane is not None else Plane.SUPPORTING

    def _stop(self, row: FlowRow) -> Action:
        text = f"Find what on {self._source_title(row)} sends to {self._labels.get(row.channel, row.destination)}, and stop it"
        return Action(f"stop:{row.channel}", StepKind.STOP, EFFORT[StepKind.STOP], text, channels=(row.channel,))

    def _denials(self, row: FlowRow) -> Iterator[Action]:
        workload = self._sources.get(row.channel, "")
        if workload not in self._inside_workloads or row.channel not in self._outward.get(workload, ()):
            return
        title = self._titles.get(workload, workload)
        text = f"Deny {title} to reach {self._labels[row.channel]}"
        yield Action(f"deny:{row.channel}", StepKind.DENY, EFFORT[StepKind.DENY], text, channels=(row.channel,))
        every = self._outward[workload]
        if len(every) > 1:
            text = f"Deny {title} all egress to the outside that the product can do without"
            yield Action(f"deny:{workload}", StepKind.DENY, EFFORT[StepKind.DENY] + WHOLE_WORKLOAD, text, channels=every)

    def _source_title(self, row: FlowRow) -> str:
        return self._titles.get(self._sources.get(row.channel, ""), row.source)

    def _outward_channels(self, model: Model) -> Mapping[str, tuple[str, ...]]:
        """Return workload -> its channels that may lead outside and carry nothing that a product needs."""
        needed = {r.channel for r in model.rows if r.required is Truth.YES and r.exists is not Truth.NO}
        found: dict[str, list[str]] = {}
        for channel in model.channels:
            ends = channel.destination.candidates
            inside = bool(ends) and all(self.inside(e) for e in ends)
            if not inside and channel.id not in needed:
                found.setdefault(channel.source.workload, []).append(channel.id)
        return {workload: tuple(sorted(ids)) for workload, ids in found.items()}


def evidence(subject: str, text: str, how: Sequence[str], who: str) -> Action:
    """Return the action that supplies what settles the open points about ``subject``."""
    return Action(
        f"evidence:{subject}", StepKind.EVIDENCE, EFFORT[StepKind.EVIDENCE], text, subject=subject, how=tuple(how), who=who
    )


def recapture() -> Action:
    """Return the action that shows by new captures what the changes have stopped."""
    text = "Capture again after the changes, at the same vantage points: the captures that there are show what was before"
    how = ("Replace the captures under inputs: in the manifest by new ones.",)
    return Action(RECAPTURE, StepKind.EVIDENCE, EFFORT[StepKind.EVIDENCE], text, how=how, who="network")


def _of_change(
    kind: StepKind, change: Change, text: str, effort: int, service: ComponentEntry | None = None, how: tuple[str, ...] = ()
) -> Action:
    value = UNSET if change.value is None else change.value
    return Action(f"{kind.value}:{change.system}/{change.key}={value}", kind, effort, text, (change,), service, how=how)


def _new_service(role: Role, plane: Plane, zone: str) -> ComponentEntry:
    name = role.value.replace("_", "-")
    # RFC 2606 keeps the name from meaning anything else.
    hosts = (f"{name}.in-network.invalid",)
    title = f"{role.value.replace('_', ' ')} of your own"
    return ComponentEntry(f"in-network-{name}", plane, role, zone, (), hosts, "", title, _NOWHERE)


def _article(title: str) -> str:
    return f"an {title}" if title[0] in "aeiou" else f"a {title}"
