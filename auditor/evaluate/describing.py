"""A profile in the sentences that an officer signs."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.evaluate.resolving import resolved
from auditor.evaluate.sentences import sentence
from auditor.evaluate.words import joined
from auditor.facts.profile import Profile
from auditor.facts.vocabulary import Stage


def describe_profile(profile: Profile) -> tuple[str, ...]:
    """Return the lines that show ``profile``: head, then each control as one sentence with what it needs."""
    return tuple(_lines(profile))


def _lines(profile: Profile) -> Iterator[str]:
    yield f"{profile.id} {profile.version}: {profile.title}"
    yield f"valid until {profile.valid_until}; sha256 {profile.sha256}"
    if profile.extends:
        yield f"holds everything of {joined(profile.extends)}{', except what it relaxes' if profile.relaxed else ''}"
    for relaxed in profile.relaxed:
        yield f"relaxed {relaxed.control}: {relaxed.what} (reason: {relaxed.reason})"
    for parameter in profile.parameters:
        yield f"parameter {parameter.name}: {', '.join(parameter.values)}"
    for control in profile.controls:
        yield ""
        yield f"{control.id}  {sentence(resolved(control))}"
        yield f"    severity {control.severity.value}; an unknown {_UNKNOWN[control.on_unknown.value]}; from {control.owner}"
        needs = "; ".join(f"{stage.value}: {', '.join(control.evidence.at(stage))}" for stage in Stage)
        yield f"    evidence {needs}"
        if control.maps:
            yield f"    evidence towards {joined(f'{m.id} ({m.strength})' for m in control.maps)}"
    if profile.not_tested:
        yield ""
        yield "not tested here:"
        yield from (f"    {line}" for line in profile.not_tested)


_UNKNOWN = {"block": "blocks", "warn": "warns"}
