"""The door to dulwich: files of a revision of a git repository, without running git.

The ``git`` program obeys the configuration of the repository it is pointed at (programs for filters, pagers and file
system monitors; objects fetched over the network when they are missing). dulwich reads objects and nothing else: no hook,
no filter, no program, no connection. A repository is taken from the nearest ``.git`` above a path and from nothing else: git lets
no commit hold a name ``.git``, while a folder with ``HEAD``, ``objects`` and ``refs`` can be part of a change.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from auditor.errors import Diagnostic, InvalidInputError, UnreadableError, UsageError

if TYPE_CHECKING:
    from dulwich.objects import Commit, Tree
    from dulwich.repo import Repo

MAXIMUM_FILES = 20_000
_STEPS = re.compile(r"(?:\^\d*|~\d*)")
_SUFFIX = re.compile(rf"{_STEPS.pattern}*\Z")


def as_named(path: Path) -> Path:
    """Return ``path`` from the root of the machine, no link followed: a change can make a folder a link to a laxer one."""
    return Path(os.path.abspath(path))  # noqa: PTH100 -- Path.resolve follows links, Path.absolute keeps ``..``


def worktree_of(path: Path) -> Path:
    """Return the top folder of the checkout that ``path``, as it is named, lies in.

    Raises:
        UsageError: it lies in none.
    """
    start = as_named(path)
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    raise UsageError(
        Diagnostic(
            what="not in a git checkout, so there is no base revision",
            path=str(path),
            next_step="check a deployment of a checkout, or leave out --base",
        )
    )


class Revision:
    """One commit of the repository of a checkout."""

    def __init__(self, repository: Repo, name: str, commit: Commit) -> None:
        self._repository, self.name, self._commit = repository, name, commit

    @property
    def commit(self) -> str:
        """The full id of the commit."""
        return self._commit.id.decode("ascii")

    def extract(self, wanted: Iterable[PurePosixPath], folder: Path, without: Iterable[str] = ()) -> None:
        """Write the files below the paths ``wanted`` (from the top of the checkout) below ``folder``, an empty one.

        What the revision does not hold is left out, submodules too. Links are made last, and never written through.

        Args:
            wanted: files and folders; one below another is written once.
            folder: where to write.
            without: suffixes of files that are not needed.

        Raises:
            UnreadableError: an object is missing from the clone.
            InvalidInputError: a name that is no name of a file; too many files.
        """
        links: list[tuple[Path, bytes]] = []
        count = 0
        for path, mode, identity in self._files(_outermost(wanted)):
            count += 1
            if count > MAXIMUM_FILES:
                raise InvalidInputError(Diagnostic(f"the base revision holds more than {MAXIMUM_FILES:,} files here"))
            target = folder.joinpath(*path.parts)
            if path.suffix.lower() in without:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            data = self._object(identity).as_raw_string()
            if stat.S_ISLNK(mode):
                links.append((target, data))
            else:
                with target.open("xb") as file:
                    file.write(data)
        for target, data in links:
            target.symlink_to(data.decode("utf-8", "surrogateescape"))

    def _files(self, wanted: Iterable[PurePosixPath]) -> Iterator[tuple[PurePosixPath, int, bytes]]:
        for path in wanted:
            mode, identity = stat.S_IFDIR, self._commit.tree
            for name in path.parts:
                found = dict(self._entries(identity)).get(name) if stat.S_ISDIR(mode) else None
                if found is None:
                    break
                mode, identity = found
            else:
                yield from self._below(path, mode, identity)

    def _below(self, path: PurePosixPath, mode: int, identity: bytes) -> Iterator[tuple[PurePosixPath, int, bytes]]:
        if stat.S_ISDIR(mode):
            for name, (inner, child) in self._entries(identity):
                yield from self._below(path / name, inner, child)
        elif stat.S_ISREG(mode) or stat.S_ISLNK(mode):
            yield path, mode, identity

    def _entries(self, identity: bytes) -> Iterator[tuple[str, tuple[int, bytes]]]:
        """Yield the entries of a tree; a name that leads elsewhere is refused (of one that stands twice the last counts)."""
        tree: Tree = self._object(identity)
        for raw, mode, child in tree.iteritems():
            name = raw.decode("utf-8", "surrogateescape")
            if name in ("", ".", "..", ".git") or "/" in name or "\\" in name or "\0" in name:
                raise InvalidInputError(
                    Diagnostic(what=f"the base revision holds an entry with the name {name!r}", why="git itself refuses it")
                )
            yield name, (mode, child)

    def _object(self, identity: bytes) -> Any:
        try:
            return self._repository[identity]
        except KeyError as error:
            raise UnreadableError(
                Diagnostic(
                    what="an object of the base revision is not in this clone",
                    why=f"object {identity.decode('ascii', 'replace')}",
                    next_step="fetch it: a clone without blobs, or too shallow, cannot be compared",
                )
            ) from error


@contextmanager
def open_revision(worktree: Path, name: str) -> Iterator[Revision]:
    """Yield the commit that ``name`` means: a hash, a branch, a tag, with ``^``, ``^2`` or ``~3`` behind it.

    Raises:
        UsageError: there is none, or the repository cannot be opened.
    """
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo

    try:
        repository = Repo(str(worktree))
    except (NotGitRepository, OSError, ValueError) as error:
        raise UsageError(Diagnostic("the repository cannot be opened", str(error), "", str(worktree))) from error
    with repository:
        yield Revision(repository, name, _commit(repository, name))


def _commit(repository: Repo, name: str) -> Commit:
    from dulwich.objectspec import AmbiguousShortId, parse_commit

    match = _SUFFIX.search(name)
    suffix = match.group() if match else ""
    plain = name.removesuffix(suffix)
    if len({repository.refs[ref] for ref in _meanings(plain) if ref in repository.refs}) > 1:
        what = f"{plain!r} names several commits in this clone: a branch and a tag"
        raise UsageError(Diagnostic(what, next_step=f"name one in full: refs/heads/{plain}, refs/remotes/{plain}, or a commit"))
    try:
        # No name at all would be refused in dulwich's words, with a warning of its own.
        commit = parse_commit(repository, (plain or "^").encode())
        for step in _STEPS.findall(suffix):
            count = int(step[1:] or 1)
            for index in [count - 1] if step[0] == "^" and count else [0] * count if step[0] == "~" else []:
                commit = parse_commit(repository, commit.parents[index])
    except (KeyError, ValueError, IndexError, AmbiguousShortId) as error:
        raise UsageError(
            Diagnostic(
                what=f"no single commit is called {name!r} in this clone",
                next_step="name a commit that was fetched: in a pipeline, fetch the base too (a depth of 2, or of 0 for all)",
            )
        ) from error
    return commit


def _meanings(name: str) -> list[Any]:
    """Return the references that a short name can stand for; whoever may push a tag must not become the base."""
    from dulwich.refs import Ref, check_ref_format

    found = [Ref(f"refs/{kind}/{name}".encode("utf-8", "surrogateescape")) for kind in ("heads", "tags", "remotes")]
    return [ref for ref in found if check_ref_format(ref)]


def _outermost(paths: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Return the paths without those that lie below another of them."""
    found: list[PurePosixPath] = []
    for path in sorted(set(paths), key=lambda p: (len(p.parts), p)):
        if not any(path.is_relative_to(outer) for outer in found):
            found.append(path)
    return found
