"""Gather a change: the deployment as it lies in a checkout, judged by the words of a base revision.

The base is read out of the repository into a folder that is gone afterwards; nothing of git is run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from auditor.documents import CAPTURE_SUFFIXES
from auditor.documents.revision import Revision, as_named, open_revision, worktree_of
from auditor.errors import Diagnostic, InvalidInputError, NothingToAuditError
from auditor.facts.evidence import FileLocation
from auditor.facts.gate import Alteration
from auditor.facts.manifest import Manifest
from auditor.facts.vocabulary import Stage
from auditor.manifest import MANIFEST_NAME, load_guarded, load_manifest
from auditor.pipeline.altering import altered
from auditor.pipeline.gathering import gather, locate
from auditor.pipeline.request import Inputs, Progress, Request


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that was read of a change and of its base."""

    inputs: Inputs
    """The change, with what judges it."""
    base: Inputs | None
    """``None`` where the base holds no such deployment."""
    revision: tuple[str, str]
    """(as named, full id of the commit)."""
    alterations: tuple[Alteration, ...]
    files: Mapping[Path, bytes | None]
    """Content at the base of the files asked for; ``None`` where it has none."""


def gather_change(
    request: Request, revision: str, approved: bool, files: tuple[Path, ...] = (), progress: Progress | None = None
) -> Change:
    """Read a change and its base.

    Args:
        request: what the user asks for; its files are those of the change.
        revision: the base.
        approved: judge by the words of the change itself; what it alters is told all the same.
        files: further files that judge, such as a baseline.
        progress: told about long work.

    Raises:
        UsageError: not in a checkout, or no such revision.
        InvalidInputError: a malformed file here or at the base; a change that takes away the manifest.
        UnreadableError: what is needed is not in this clone.
    """
    worktree = worktree_of(request.paths[0])
    with open_revision(worktree, revision) as found, _extracted(found, worktree, request, files) as place:
        request = replace(request, stage=_stage(request, place))
        asked = place.request(request)
        base = _base(asked, progress) if asked else None
        alterations = [*_unlike(place, request, files), *(altered(request, asked, base) if asked and base else ())]
        manifest: Manifest | None = None
        if base is None:
            alterations.insert(0, _new(request))
        elif asked and base.manifest.path:
            manifest, stated = _guarded(request, asked, approved)
            alterations[:0] = stated
        judge = None if approved else base
        return Change(
            inputs=gather(request, progress, judge, None if approved else manifest),
            base=base,
            revision=(revision, found.commit),
            alterations=tuple({a.subject: a for a in reversed(alterations)}.values())[::-1],
            files={f: path.read_bytes() if (path := place.at(f)).is_file() else None for f in files},
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the files of the base lie."""

    worktree: Path
    folder: Path

    def inside(self, path: Path) -> PurePosixPath | None:
        """Return ``path`` from the top of the checkout; ``None`` for one outside it, which no change can alter."""
        whole = as_named(path)
        return PurePosixPath(whole.relative_to(self.worktree)) if whole.is_relative_to(self.worktree) else None

    def at(self, path: Path) -> Path:
        """Return where the base's ``path`` lies; a file outside the checkout is its own."""
        inner = self.inside(path)
        return path.absolute() if inner is None else self.folder / inner

    def lacks(self, path: Path) -> bool:
        """Return whether ``path`` could be altered and the base does not have it."""
        return not self.at(path).exists()

    def request(self, request: Request) -> Request | None:
        """Return the request at the base; ``None`` where the base has nothing of it."""
        paths = tuple(at for p in request.paths if (at := self.at(p)).exists())
        if not paths:
            return None
        lost = request.waivers is not None and self.lacks(request.waivers)
        return replace(
            request,
            paths=paths,
            profiles=tuple(self._profile(name) for name in request.profiles),
            profile_base=self.folder,
            waivers=self.at(request.waivers) if request.waivers and not lost else None,
            use_waivers=request.use_waivers and not lost,
            catalog=self.at(request.catalog) if request.catalog and not self.lacks(request.catalog) else None,
        )

    def _profile(self, name: str) -> str:
        """Return a profile's name, or its path from the top of the checkout; one that the base lacks is the change's."""
        if not is_file_name(name):
            return name
        inner = self.inside(Path(name))
        return str(Path(name).absolute()) if inner is None or self.lacks(Path(name)) else inner.as_posix()


def is_file_name(profile: str) -> bool:
    """Return whether a profile is named by its file."""
    return "/" in profile or "\\" in profile or profile.endswith((".yaml", ".yml"))


@contextmanager
def _extracted(found: Revision, worktree: Path, request: Request, files: tuple[Path, ...]) -> Iterator[_Place]:
    with tempfile.TemporaryDirectory(prefix="auditor-base-") as temporary:
        place = _Place(worktree, Path(temporary).resolve() / (worktree.name or "base"))
        named = [*request.paths, *files, *(p for p in (request.waivers, request.catalog) if p)]
        named = [p.parent if p.name == MANIFEST_NAME else p for p in named]
        named += [Path(name).parent for name in request.profiles if is_file_name(name)]
        wanted = [inner for path in named if (inner := place.inside(path)) is not None]
        quiet = request.stage in (Stage.CHANGE, Stage.PREDEPLOY)
        place.folder.mkdir()
        found.extract(wanted, place.folder, CAPTURE_SUFFIXES if quiet else ())
        yield place


def _stage(request: Request, place: _Place) -> Stage | None:
    """Return one stage for both sides: what one has captures for would else be compared with what the other has not."""
    if request.stage is not None:
        return request.stage
    there = [p for p in (*request.paths[:1], place.at(request.paths[0])) if p.exists()]
    manifests = [load_manifest(path, request.deployment) for p in there if (path := locate((p,))[1]) is not None]
    if not manifests:
        return None
    return Stage.OPERATE if any(i.kind == "capture" for m in manifests for i in m.inputs) else Stage.CHANGE


def _base(asked: Request, progress: Progress | None) -> Inputs | None:
    """Return the base's inputs; ``None`` where there is nothing to audit yet."""
    _, manifest = locate(asked.paths)
    if manifest is None and not asked.profiles:
        return None
    try:
        return gather(asked, progress)
    except NothingToAuditError:
        return None
    except InvalidInputError as error:
        raise InvalidInputError(*(replace(d, what=f"at the base revision: {d.what}") for d in error.diagnostics())) from error


def _guarded(request: Request, asked: Request, approved: bool) -> tuple[Manifest | None, tuple[Alteration, ...]]:
    """Return the manifest by which the change is judged, and what it alters of the base's."""
    _, head = locate(request.paths)
    _, old = locate(asked.paths)
    if head is not None and old is not None:
        return load_guarded(head, old, request.deployment)
    if approved and old is not None:
        location = load_manifest(old, request.deployment).path
        return None, (Alteration("manifest", "takes away the manifest", FileLocation(location, "", 1, 1)),)
    raise InvalidInputError(
        Diagnostic(
            what=f"the change takes away {MANIFEST_NAME}",
            why="the base revision has it, and says there how the deployment is judged",
            path=str(request.paths[0]),
            next_step="restore it, or have its removal approved (--policy-approved)",
        )
    )


def _new(request: Request) -> Alteration:
    name = request.paths[0].name if request.paths[0].is_file() else MANIFEST_NAME
    text = "the base revision holds no such deployment, so that nothing there says how it is judged"
    return Alteration("deployment", text, FileLocation(name, "", 1, 1))


def _unlike(place: _Place, request: Request, files: tuple[Path, ...]) -> Iterator[Alteration]:
    """Yield files named on the command line that the base lacks, and further files that differ from the base's."""
    named = [(p, "waivers") for p in (request.waivers,) if p] + [(p, "catalog") for p in (request.catalog,) if p]
    named += [(Path(name), "profiles") for name in request.profiles if is_file_name(name)]
    for path, kind in named:
        if place.lacks(path):
            yield Alteration(f"{kind}/{path.name}", "the base revision does not have it", FileLocation(path.name, "", 1, 1))
    for path in files:
        was, now = place.at(path), path
        if not was.is_file() or (now.is_file() and was.read_bytes() != now.read_bytes()):
            said = "is another file than the base revision's" if was.is_file() else "the base revision does not have it"
            yield Alteration(f"baseline/{path.name}", said, FileLocation(path.name, "", 1, 1))
