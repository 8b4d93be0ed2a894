"""``auditor harden``: what is emitted, in every dialect confirmed before it is written.

Policies, rules of a router and of a proxy go through the readers that ``auditor permits`` uses; settings are read back, applied
to the model, and judged again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import assert_never

from auditor.documents.env_reader import parse_env
from auditor.facts.hardening import Hardening
from auditor.facts.plan import StepKind
from auditor.facts.settings import Change
from auditor.facts.truth import Truth
from auditor.pipeline.confirming import confirm_nftables, confirm_squid
from auditor.pipeline.hardening import emitted_policies, prepared
from auditor.pipeline.mending import Mended, Workshop, verdict
from auditor.pipeline.request import Inputs
from auditor.planning.actions import UNSET, Action
from auditor.planning.asked import asked_changes
from auditor.planning.obstacles import State
from auditor.report.emit_hosts import render_nftables, render_squid
from auditor.report.emit_kubernetes import PolicyDialect
from auditor.report.emit_settings import SYSTEM_MARK, UNSET_MARK, render_settings
from auditor.report.escape import yaml_comment

_COMMENTED = re.compile(r"# (?P<key>[^\s=]+/[^\s=]+) = (?P<value>.*)\Z")


class Sink(StrEnum):
    """What egress and settings can be emitted as."""

    NETWORKPOLICY = "networkpolicy"
    CILIUM = "cilium"
    NFTABLES = "nftables"
    SQUID = "squid"
    SETTINGS = "settings"


def emit(inputs: Inputs, profile: str, as_of: str, sink: Sink) -> str:
    """Return what ``profile`` (one of ``inputs.profiles``) needs, as text that was confirmed; pure.

    Raises:
        UsageError: there is no manifest; policies are asked for, and of no workload it is established which pods it is.
        RuntimeError: the emitted text is not what was meant (a defect).
    """
    hardening, mended, workshop = prepared(inputs, profile, as_of)
    match sink:
        case Sink.NETWORKPOLICY | Sink.CILIUM:
            return emitted_policies(hardening, inputs, PolicyDialect(sink.value))
        case Sink.NFTABLES:
            text = render_nftables(hardening)
            faults = tuple(confirm_nftables(text, hardening))
        case Sink.SQUID:
            text = render_squid(hardening)
            faults = tuple(confirm_squid(text, hardening))
        case Sink.SETTINGS:
            text = render_settings(hardening)
            faults = tuple(confirm_settings(text, hardening, mended, workshop, inputs))
        case _:
            assert_never(sink)
    if faults:
        raise RuntimeError(f"the emitted {sink.value} is not what was meant: {'; '.join(faults)}")
    return text


def confirm_settings(text: str, hardening: Hardening, mended: Mended, workshop: Workshop, inputs: Inputs) -> Iterator[str]:
    """Yield where settings, read back from ``text`` and applied in place of the plan's, lead elsewhere than the plan."""
    meant = {Change(s.system, key, None if value == UNSET else value) for s in hardening.settings for key, value in s.settings}
    found = read_back(text, inputs)
    for change in sorted(meant - found, key=repr):
        if change.value is None or yaml_comment(change.value) == change.value:
            yield f"{change.system}/{change.key} = {change.value} is not said"
    for change in sorted(found - meant, key=repr):
        yield f"{change.system}/{change.key} = {change.value} is said, and not needed"
    after = workshop.apply((*_without_changes(mended.chosen), _as_action(found)))
    if verdict(after) != verdict(mended.after):
        yield f"with what is said the profile is {verdict(after)}, and after the plan {verdict(mended.after)}"
    moved = _live(after) ^ _live(mended.after)
    yield from (f"with what is said {row} is another than after the plan" for row in sorted(moved))


def read_back(text: str, inputs: Inputs) -> set[Change]:
    """Return the changes that emitted settings make, each below the head of its system."""
    pairs: list[tuple[str, str | None]] = []
    system = ""
    for line in text.splitlines():
        commented = _COMMENTED.match(line)
        if line.startswith(SYSTEM_MARK):
            system = line.removeprefix(SYSTEM_MARK)
        elif line.startswith(UNSET_MARK):
            pairs.append((f"{system}/{line.removeprefix(UNSET_MARK)}", None))
        elif commented is not None:
            value = commented["value"]
            pairs.append((commented["key"], None if value == UNSET else value))
        elif not line.startswith("#"):
            (parsed,) = parse_env(line)
            pairs.extend((f"{system}/{name.text}", value.text) for name, value in parsed.root.entries)
    return {asked.change for asked in asked_changes(pairs, inputs.manifest.systems, inputs.catalog)}


def _without_changes(chosen: tuple[Action, ...]) -> tuple[Action, ...]:
    return tuple(replace(action, changes=()) for action in chosen)


def _as_action(changes: set[Change]) -> Action:
    ordered = tuple(sorted(changes, key=repr))
    return Action(f"emitted:{ordered}", StepKind.SETTING, 0, "", ordered)


def _live(state: State) -> set[str]:
    return {row.id for row in state.model.rows if row.exists is not Truth.NO}
