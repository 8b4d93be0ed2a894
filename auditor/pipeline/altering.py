"""What a change alters of its own judge beside the manifest: profiles, waivers, attestations, the catalog overlay."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from auditor.facts.evidence import FileLocation
from auditor.facts.gate import Alteration
from auditor.facts.manifest import Attestation, Waiver
from auditor.facts.profile import Profile
from auditor.manifest import load_manifest
from auditor.pipeline.gathering import exceptions, locate, profiles
from auditor.pipeline.request import Inputs, Request

Statement = Waiver | Attestation


def altered(request: Request, asked: Request, base: Inputs) -> Iterator[Alteration]:
    """Yield what the files of the change say otherwise than those of the base.

    Args:
        request: the change as the user asks for it.
        asked: the same at the base.
        base: what was read there.

    Raises:
        InvalidInputError: a file of the change is malformed.
    """
    place, path = locate(request.paths)
    manifest = load_manifest(path, request.deployment) if path else base.manifest
    yield from _of_profiles(profiles(request, manifest, place), base.profiles)
    waivers, attestations, _ = exceptions(request, manifest, place)
    if request.use_waivers and asked.use_waivers:
        yield from _of_statements("waivers", base.waivers, waivers)
    yield from _of_statements("attestations", base.attestations, attestations)
    if request.catalog and asked.catalog:
        yield from _of_catalog(request.catalog, asked.catalog)


def _of_profiles(new: tuple[Profile, ...], old: tuple[Profile, ...]) -> Iterator[Alteration]:
    """Yield profiles of one id that are other files now; which profiles there are is a statement of the manifest."""
    before = {p.id: p for p in old}
    for profile in new:
        was = before.get(profile.id)
        if was is not None and {d for _, d in was.sources} != {d for _, d in profile.sources}:
            location = dataclasses.replace(profile.location, path=shown(profile.location.path))
            yield Alteration(f"profiles/{profile.id}", "the profile, or one that it extends, is changed", location)


def shown(path: str) -> str:
    """Return a path that an option names without the folders of the machine."""
    return Path(path).name if Path(path).is_absolute() else path


def _of_statements(kind: str, old: tuple[Statement, ...], new: tuple[Statement, ...]) -> Iterator[Alteration]:
    before, after = {s.id: s for s in old}, {s.id: s for s in new}
    for identity in dict.fromkeys((*after, *before)):
        was, now = before.get(identity), after.get(identity)
        if was is None and now is not None:
            yield _statement(kind, now, "adds it, ")
        elif now is None and was is not None:
            yield _statement(kind, was, "takes it away, ")
        elif was is not None and now is not None and _words(was) != _words(now):
            yield _statement(kind, now, "changes it, ")


def _statement(kind: str, statement: Statement, said: str) -> Alteration:
    target = statement.target if isinstance(statement, Waiver) else f"{statement.control}, {statement.subject}"
    place = statement.evidence.location
    location = (
        dataclasses.replace(place, path=shown(place.path)) if isinstance(place, FileLocation) else FileLocation("", "", 1, 1)
    )
    return Alteration(f"{kind}/{statement.id}", f"{said}for {target} until {statement.expires}", location)


def _words(statement: Statement) -> tuple[str, ...]:
    """Return everything that a statement says, without where it stands."""
    return tuple(getattr(statement, f.name) for f in dataclasses.fields(statement) if f.name != "evidence")


def _of_catalog(new: Path, old: Path) -> Iterator[Alteration]:
    before, after = _files(old), _files(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            said = "adds" if name not in before else "takes away" if name not in after else "changes"
            place = FileLocation(f"{new.name}/{name}", after.get(name, ""), 1, 1)
            yield Alteration(f"catalog/{name}", f"{said} a file of the catalog overlay", place)


def _files(folder: Path) -> Mapping[str, str]:
    """Return the digests of the files of a catalog overlay by name."""
    found = (p for p in sorted(folder.rglob("*.yaml")) if p.is_file())
    return {p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest() for p in found}
