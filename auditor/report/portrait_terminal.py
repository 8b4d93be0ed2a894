"""``auditor model`` in a terminal: what was recognised, where it goes, what is set, what is open."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Unknown
from auditor.facts.portrait import Portrait, PortraitDestination, PortraitProcess
from auditor.facts.settings import Setting
from auditor.facts.truth import Truth
from auditor.report.escape import clean

_STATES = {"yes": "contacts", "unknown": "may contact", "no": "switched off"}
_BECAUSE_SHOWN = 4
_SUBJECTS_SHOWN = 6
_TEXTS_SHOWN = 2


def render_portrait(portrait: Portrait, *, full: bool = False) -> str:
    """Return the picture as plain lines without any escape sequence; ``full``: every flow and every open question."""
    parts = [
        _headed("Recognised", _systems(portrait)),
        _destinations(portrait.destinations, full=full),
        _headed("Settings that something sets", (_setting(s, portrait.idle) for s in portrait.settings if s.chain)),
        _headed("Flows", (_flow(f) for f in _surest_first(portrait.flows) if full or f.configured is not Truth.NO)),
        _open(portrait.unknowns, full=full),
        _headed("Not examined", (f"{m.path}: {m.reason}" for m in portrait.not_examined)),
    ]
    return "\n".join(clean(line) if line else "" for part in parts for line in part).rstrip("\n") + "\n"


def _headed(title: str, lines: Iterator[str]) -> list[str]:
    found = list(lines)
    return [f"{title} ({len(found)})" if title != "Recognised" else title, *(f"  {line}" for line in found), ""] if found else []


def _destinations(destinations: tuple[PortraitDestination, ...], *, full: bool) -> list[str]:
    """Return what is contacted, then what may be; what is switched off is counted, and shown in full."""
    shown = [d for state in _STATES for d in destinations if d.state == state and (full or state != "no")]
    off = len(destinations) - len(shown)
    lines = [f"Destinations outside ({len(shown)})", *(f"  {line}" for d in shown for line in _destination(d))]
    lines += [f"  and {off} that switches turn off (--full)"] if off else []
    return [*lines, ""] if destinations else []


def _systems(portrait: Portrait) -> Iterator[str]:
    for system in portrait.systems:
        version = f" {system.version}" if system.version else ""
        where = f" in {', '.join(system.files)}" if system.files else ""
        named = f" as {system.id}" if system.id != system.product else ""
        yield f"{system.title}{version}{named}{where}"
    for process in portrait.processes:
        if not process.systems:
            yield f"not recognised: {_process(process)}"
    if portrait.assumed:
        yield "no manifest: what is inside is not known, every host with a public form counts as outside"


def _process(process: PortraitProcess) -> str:
    image = f" ({process.image})" if process.image else ""
    return f"{process.name}{image} at {process.place}"


def _destination(destination: PortraitDestination) -> Iterator[str]:
    who = f", {destination.operator} {destination.role}" if destination.operator else ", not in the catalog"
    where = f", processing in {' '.join(destination.processing)}" if destination.processing else ""
    where = where or (f", processing not known: {destination.processing_reason}" if destination.processing_reason else "")
    yield f"{_STATES[destination.state]} {destination.host}{who}{where}"
    for reason in destination.because[:_BECAUSE_SHOWN]:
        yield f"    {reason}"
    if len(destination.because) > _BECAUSE_SHOWN:
        yield f"    and {len(destination.because) - _BECAUSE_SHOWN} more"


def _setting(setting: Setting, idle: tuple[str, ...]) -> str:
    key, shown = f"{setting.system}/{setting.key}", setting.value or setting.state.value
    return f"{key} = {shown}: {setting.reason}" + ("; no flow of the catalog depends on it" if key in idle else "")


def _flow(flow: IntendedFlow) -> str:
    target = flow.destination.name or flow.destination.address or flow.destination_component or "decided at run time"
    return f"[{flow.configured.value}] {flow.source} -> {target}: {flow.purpose}: {flow.configured_reason}"


def _surest_first(flows: tuple[IntendedFlow, ...]) -> Iterator[IntendedFlow]:
    for state in (Truth.YES, Truth.UNKNOWN, Truth.NO):
        yield from (flow for flow in flows if flow.configured is state)


def _open(unknowns: tuple[Unknown, ...], *, full: bool) -> list[str]:
    """Return the open questions below the steps that settle them, the step that settles most first."""
    groups: dict[tuple[str, ...], list[Unknown]] = {}
    for unknown in unknowns:
        groups.setdefault(unknown.settled_by, []).append(unknown)
    ranked = sorted(groups.items(), key=lambda group: -len(group[1]))
    lines = [line for steps, asked in ranked for line in _settled_together(steps, asked, full=full)]
    return [f"Open ({len(unknowns)}), by what would settle it", *lines, ""] if unknowns else []


def _settled_together(steps: tuple[str, ...], asked: list[Unknown], *, full: bool) -> Iterator[str]:
    yield f"  {len(asked)}: {'; or: '.join(steps)}"
    if full or len(asked) <= _TEXTS_SHOWN:
        yield from (f"      {unknown.text.rstrip('.')}." for unknown in asked)
        return
    subjects = list(dict.fromkeys(unknown.subject for unknown in asked))
    more = f" and {len(subjects) - _SUBJECTS_SHOWN} more (--full)" if len(subjects) > _SUBJECTS_SHOWN else ""
    yield f"      {', '.join(subjects[:_SUBJECTS_SHOWN])}{more}"
