"""Parameters: windows, counts and sets that a profile names once; loosening one needs a reason.

Which way is looser is fixed by name: ``observed_window``, ``exercised_channels`` and ``minimum_strength`` downwards, ``max_age``
upwards, ``allowed_…`` by more members. For any other parameter every change counts as loosening.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from auditor.errors import Diagnostic, InvalidInputError
from auditor.evaluate.duration import seconds
from auditor.facts.permission import Strength
from auditor.facts.profile import Control, Parameter, Profile

OBSERVED_WINDOW = "observed_window"
MAX_AGE = "max_age"
EXERCISED_CHANNELS = "exercised_channels"
MINIMUM_STRENGTH = "minimum_strength"
STRENGTHS = [strength.value for strength in Strength]
"""Weakest first."""
DURATIONS = (OBSERVED_WINDOW, MAX_AGE)
BY_NAME = frozenset({OBSERVED_WINDOW, MAX_AGE, EXERCISED_CHANNELS, MINIMUM_STRENGTH})
"""Parameters that count by their name alone; any other is one that selectors refer to."""
SETS = "allowed_"


def check_value(name: str, values: tuple[str, ...]) -> str:
    """Return what is wrong with the values of a parameter, or nothing."""
    if not values or not all(values):
        return f"parameter {name} has no value"
    if name in DURATIONS:
        return _duration_fault(name, values)
    if name == EXERCISED_CHANNELS and (len(values) != 1 or not re.fullmatch("[1-9][0-9]{0,5}", values[0])):
        return f"parameter {name} is a whole number from 1"
    if name == MINIMUM_STRENGTH and (len(values) != 1 or values[0] not in STRENGTHS):
        return f"parameter {name} is one of {', '.join(STRENGTHS)}"
    return ""


def override(profile: Profile, changes: tuple[tuple[str, str, str], ...], path: str) -> Profile:
    """Return ``profile`` with the manifest's (name, value, reason) in place of its own values.

    Raises:
        InvalidInputError: a bad value, or a loosened one without a reason.
    """
    wanted = {name: (tuple(v.strip() for v in value.split(",")), reason) for name, value, reason in changes}
    if not wanted:
        return profile
    return replace(
        profile,
        parameters=tuple(_changed(p, wanted, path) for p in profile.parameters),
        controls=tuple(_control(c, wanted, path) for c in profile.controls),
    )


def refuse_unknown(profiles: tuple[Profile, ...], changes: tuple[tuple[str, str, str], ...], path: str) -> None:
    """Refuse a change of a parameter that no profile has.

    Raises:
        InvalidInputError: the manifest sets a parameter that nothing refers to.
    """
    known = {p.name for profile in profiles for control in profile.controls for p in control.parameters}
    known |= {p.name for profile in profiles for p in profile.parameters}
    for name, _, _ in changes:
        if name not in known:
            step = f"known here: {', '.join(sorted(known)) or 'none'}"
            raise InvalidInputError(Diagnostic(what=f"no profile has a parameter {name!r}", next_step=step, path=path))


def values_of(parameters: tuple[Parameter, ...], name: str) -> tuple[str, ...]:
    """Return the values of the parameter ``name``, nothing when it is not set."""
    return next((p.values for p in parameters if p.name == name), ())


def _control(control: Control, wanted: Mapping[str, tuple[tuple[str, ...], str]], path: str) -> Control:
    return replace(control, parameters=tuple(_changed(p, wanted, path) for p in control.parameters))


def _changed(parameter: Parameter, wanted: Mapping[str, tuple[tuple[str, ...], str]], path: str) -> Parameter:
    if parameter.name not in wanted:
        return parameter
    values, reason = wanted[parameter.name]
    wrong = check_value(parameter.name, values)
    if wrong:
        raise InvalidInputError(Diagnostic(what=wrong, path=path, next_step="correct it under parameters:"))
    if not reason.strip() and loosens(parameter, values):
        raise InvalidInputError(
            Diagnostic(
                what=f"parameter {parameter.name} is loosened without a reason: "
                f"{', '.join(parameter.values)} to {', '.join(values)}",
                why="a loosened requirement shows in the report with its reason",
                next_step="add a reason, or keep the profile's value",
                path=path,
            )
        )
    return replace(parameter, values=values, reason=reason.strip())


def loosens(parameter: Parameter, values: tuple[str, ...]) -> bool:
    """Return whether ``values`` ask less than the parameter does."""
    if parameter.name == OBSERVED_WINDOW:
        return seconds(values[0]) < seconds(parameter.values[0])
    if parameter.name == MAX_AGE:
        return seconds(values[0]) > seconds(parameter.values[0])
    if parameter.name == EXERCISED_CHANNELS:
        return int(values[0]) < int(parameter.values[0])
    if parameter.name == MINIMUM_STRENGTH:
        return STRENGTHS.index(values[0]) < STRENGTHS.index(parameter.values[0])
    if parameter.name.startswith(SETS):
        return not set(values) <= set(parameter.values)
    return values != parameter.values


def _duration_fault(name: str, values: tuple[str, ...]) -> str:
    if len(values) != 1:
        return f"parameter {name} is one duration"
    try:
        length = seconds(values[0])
    except ValueError as error:
        return str(error)
    return "" if length else f"parameter {name} must be longer than nothing, and is {values[0]}"
