"""Git repositories for tests, made of objects: no git program, no configuration of the machine, the same ids every time."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

_SOMEONE = b"A Tester <tester@corp.example>"
_TIME = 1_790_000_000


def commit(worktree: Path, parents: Iterable[str] = (), branch: str = "main") -> str:
    """Commit everything that lies in ``worktree``, make ``branch`` and HEAD point there, and return the commit's id."""
    with Repo(str(worktree)) if (worktree / ".git").exists() else Repo.init(str(worktree)) as repository:
        return commit_tree(repository, _tree(repository, worktree), parents, branch)


def commit_tree(repository: Repo, tree: Tree, parents: Iterable[str] = (), branch: str = "main") -> str:
    """Commit a tree that need not be a sound one."""
    made = Commit()
    made.tree = tree.id
    made.parents = [ObjectID(parent.encode()) for parent in parents]
    made.author = made.committer = _SOMEONE
    made.author_time = made.commit_time = _TIME
    made.author_timezone = made.commit_timezone = 0
    made.message = b"test\n"
    repository.object_store.add_object(tree)
    repository.object_store.add_object(made)
    head = Ref(b"refs/heads/" + branch.encode())
    repository.refs[head] = made.id
    repository.refs.set_symbolic_ref(Ref(b"HEAD"), head)
    return made.id.decode()


def _tree(repository: Repo, folder: Path) -> Tree:
    tree = Tree()
    for path in sorted(folder.iterdir()):
        if path.name == ".git":
            continue
        if path.is_symlink():
            blob = Blob.from_string(str(path.readlink()).encode())
            repository.object_store.add_object(blob)
            tree.add(path.name.encode(), stat.S_IFLNK, blob.id)
        elif path.is_dir():
            inner = _tree(repository, path)
            repository.object_store.add_object(inner)
            tree.add(path.name.encode(), stat.S_IFDIR, inner.id)
        else:
            blob = Blob.from_string(path.read_bytes())
            repository.object_store.add_object(blob)
            tree.add(path.name.encode(), stat.S_IFREG | 0o644, blob.id)
    return tree
