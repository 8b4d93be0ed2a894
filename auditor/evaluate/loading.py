"""Profiles by name or path, with everything they inherit; the only input of this stage."""

from __future__ import annotations

import functools
import importlib.resources
import importlib.resources.abc
from pathlib import Path
from typing import NoReturn

from auditor.documents import load_strict
from auditor.errors import Diagnostic, InvalidInputError
from auditor.evaluate.adjusting import adjusted
from auditor.evaluate.contradictions import contradictions
from auditor.evaluate.profile_reading import OwnProfile, read_profile
from auditor.facts.evidence import FileLocation
from auditor.facts.profile import Control, Profile, Relaxation

LADDER = ("vendor-managed", "self-hosted-execution", "fully-self-hosted", "in-network", "air-gapped")
"""The rungs, loosest first; each extends the one before and so implies it."""

SHIPPED = "shipped"
"""Origin of a profile that comes with the tool."""
SUFFIX = ".yaml"
EXAMPLES = ".examples"
"""Between the name of a profile and its ending: ``air-gapped.examples.yaml`` beside ``air-gapped.yaml``."""
_PACKAGE = Path(__file__).resolve().parent.parent


def ladder() -> tuple[str, ...]:
    """Return the names of the rungs, loosest first."""
    return LADDER


def shipped_profiles() -> tuple[str, ...]:
    """Return the names of the shipped profiles: the ladder from its loosest rung, then the rest by name."""
    found = {path.stem for path in _shipped_folder().glob(f"*{SUFFIX}") if not path.stem.endswith(EXAMPLES)}
    return (*(name for name in LADDER if name in found), *sorted(found - set(LADDER)))


def load_ladder() -> tuple[Profile, ...]:
    """Return the rungs, loosest first.

    Raises:
        InvalidInputError: a shipped profile is malformed.
    """
    return tuple(load_profile(name) for name in LADDER)


def load_profile(name_or_path: str, base: Path | None = None) -> Profile:
    """Return a shipped profile by name, or one from a file (below ``base`` when the path is relative).

    Raises:
        InvalidInputError: no such profile, or a malformed one; a circle of ``extends``; a control id that
            is defined twice on the way.
    """
    return _resolve(name_or_path, base, (), None)


def example_files(name_or_path: str, base: Path | None = None) -> tuple[tuple[Path, str], ...]:
    """Return (path, path to show) of the examples beside a profile and beside all that it extends, nearest first.

    Only those that are there; the profile itself is one that ``load_profile`` takes.
    """
    path, shown, origin = _find(name_or_path, base, None)
    own = _shipped(name_or_path) if origin == SHIPPED else read_profile(load_strict(path, shown, _schema()))
    beside, shown_beside = (f"{Path(text).with_suffix('')}{EXAMPLES}{SUFFIX}" for text in (path, shown))
    mine = ((Path(beside), shown_beside),) if Path(beside).is_file() else ()
    inherited = (found for parent, _ in own.extends for found in example_files(parent, path.parent))
    return tuple(dict.fromkeys((*mine, *inherited)))


def _resolve(name: str, base: Path | None, above: tuple[str, ...], named_at: FileLocation | None) -> Profile:
    path, shown, origin = _find(name, base, named_at)
    own = _shipped(name) if origin == SHIPPED else read_profile(load_strict(path, shown, _schema()))
    if own.id in above:
        _refuse(f"profiles extend each other in a circle: {' > '.join((*above, own.id))}", own.location)
    if origin == SHIPPED and own.id != name:
        _refuse(f"a shipped profile is named like its file: {name} is not {own.id}", own.location)
    parents = tuple(_resolve(parent, path.parent, (*above, own.id), place) for parent, place in own.extends)
    return _joined(own, parents, origin)


@functools.cache
def _shipped(name: str) -> OwnProfile:
    """Return a shipped profile, read once: every rung of the ladder extends the one before."""
    return read_profile(load_strict(_shipped_folder() / f"{name}{SUFFIX}", f"profiles/{name}{SUFFIX}", None))


def _joined(own: OwnProfile, parents: tuple[Profile, ...], origin: str) -> Profile:
    extends = tuple(dict.fromkeys(name for parent in parents for name in (parent.id, *parent.extends)))
    controls, relaxed = _inherited(own, parents)
    if not controls:
        _refuse(f"profile {own.id} holds no control", own.location, "add controls:, or extends:")
    for control, wrong in contradictions(controls):
        _refuse(wrong, control.location, "no deployment can meet both")
    sources = tuple(dict.fromkeys(((own.path, own.sha256), *(s for parent in parents for s in parent.sources))))
    return Profile(
        id=own.id,
        title=own.title,
        version=own.version,
        sha256=own.sha256,
        valid_until=own.valid_until,
        extends=extends,
        parameters=own.parameters,
        controls=controls,
        origin=origin,
        sources=sources,
        location=own.location,
        not_tested=tuple(dict.fromkeys((*own.not_tested, *(t for p in parents for t in p.not_tested)))),
        relaxed=tuple(dict.fromkeys((*relaxed, *(r for p in parents for r in p.relaxed)))),
    )


def _inherited(own: OwnProfile, parents: tuple[Profile, ...]) -> tuple[tuple[Control, ...], tuple[Relaxation, ...]]:
    """Return all controls, inherited ones first and adjusted, and what was relaxed; one reached by two ways counts once."""
    above: dict[str, Control] = {}
    for control in (c for parent in parents for c in parent.controls):
        _add(above, control)
    found, relaxed = adjusted(above, own.adjustments, own.id)
    for control in own.controls:
        _add(found, control)
    return tuple(found.values()), relaxed


def _add(found: dict[str, Control], control: Control) -> None:
    earlier = found.setdefault(control.id, control)
    if earlier.location != control.location:
        _refuse(f"control {control.id} is already defined in {earlier.location.path}", control.location)


def _find(name: str, base: Path | None, named_at: FileLocation | None) -> tuple[Path, str, str]:
    """Return (path, path to show, origin) of a profile by name or path."""
    if "/" not in name and "\\" not in name and not name.endswith((SUFFIX, ".yml")):
        if name in shipped_profiles():
            return _shipped_folder() / f"{name}{SUFFIX}", f"profiles/{name}{SUFFIX}", SHIPPED
        step = f"shipped: {', '.join(shipped_profiles())}; or name a file ending in {SUFFIX}"
        _refuse(f"no profile is named {name!r}", named_at, step)
    path = Path(name) if base is None or Path(name).is_absolute() else base / name
    if not path.is_file():
        _refuse(f"no profile file {name!r}", named_at, "check the path")
    return path, name, name


def _refuse(what: str, place: FileLocation | None, next_step: str = "") -> NoReturn:
    path, line, column = (place.path, place.line, place.column) if place else ("", 0, 0)
    raise InvalidInputError(Diagnostic(what=what, next_step=next_step, path=path, line=line, column=column))


def _schema() -> importlib.resources.abc.Traversable:
    return importlib.resources.files("auditor.evaluate") / "schemas" / "profile-v1.json"


def _shipped_folder() -> Path:
    """Return the profiles packed into the wheel, or those beside the package in an editable install."""
    packed = _PACKAGE / "shipped_profiles"
    return packed if packed.is_dir() else _PACKAGE.parent / "profiles"
