"""``plan/v1``: the smallest set of changes that would satisfy a profile, or what no change can move (``auditor plan``).

Wire records, flat like ``assessment/v1``. Texts may be hostile and are escaped by the sink.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCHEMA = "plan/v1"


class StepKind(StrEnum):
    """What a step is, in the order in which steps are told."""

    SETTING = "setting"
    """Give a setting another value."""
    REDIRECT = "redirect"
    """Point a flow at a service inside."""
    CONTRACT = "contract"
    """Have something settled that no file sets: a contract, a dashboard, a policy."""
    STOP = "stop"
    """Find the program behind traffic that nothing explains, and stop it."""
    DENY = "deny"
    """Take a permission away: deny egress."""
    EVIDENCE = "evidence"
    """Supply evidence; that it speaks for the profile is an assumption."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step; none of a plan can be left out."""

    id: str
    """Stable: ``setting:coder/telemetry.enable=false``, ``evidence:permitted``."""
    kind: StepKind
    text: str
    """One imperative sentence."""
    system: str
    settings: tuple[tuple[str, str], ...]
    """(catalog id of the setting or ``fact:<id>``, value); ``(unset)`` takes it away. Several work only together."""
    now: str
    """The value that the inputs give the first of them, in words."""
    place: str
    """``path:line`` to change; empty where nothing sets it yet."""
    names: tuple[str, ...]
    """How files name the setting."""
    effort: int
    controls: tuple[str, ...]
    """Controls that it is needed for."""
    stops: tuple[str, ...]
    """What no longer goes on after it alone, in words; the optional."""
    breaks: tuple[str, ...]
    """What the product needs, or may need, and no longer has after it alone."""
    opens: tuple[str, ...]
    """What begins, or goes elsewhere, after it alone."""
    how: tuple[str, ...]
    """For evidence and redirects: concrete steps."""
    who: str
    """Who can do it, for evidence; empty otherwise."""
    assumed: bool
    """Whether the plan rests on an assumption here: that the evidence speaks for the profile, that a service is run inside."""


@dataclass(frozen=True, slots=True)
class IrreplaceableRecord:
    """Something that breaches the profile and that nothing known moves."""

    kind: str
    """``component`` | ``flow`` | ``store`` | ``control``."""
    id: str
    title: str
    why: str
    controls: tuple[str, ...]
    flows: tuple[str, ...]
    """The flows behind it that have no substitute, in words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, or why there are none."""

    schema: str
    tool: str
    as_of: str
    stage: str
    deployment: str
    profile: str
    profile_title: str
    now: str
    """Verdict of the profile as it is."""
    then: str
    """Verdict after the steps, by judging again."""
    exact: bool
    """Whether no lighter set of steps is known to exist; false where there were too many to try all."""
    effort: int
    steps: tuple[StepRecord, ...]
    irreplaceable: tuple[IrreplaceableRecord, ...]
