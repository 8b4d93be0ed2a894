"""Files of a revision: read without git, written nowhere but below the folder, whatever the repository holds."""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath

import pytest
from dulwich.objects import Blob, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from auditor.documents.revision import open_revision, worktree_of
from auditor.errors import InvalidInputError, UnreadableError, UsageError
from tests import repositories


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "deploy" / "prod").mkdir(parents=True)
    (folder / "deploy" / "prod" / "a.yaml").write_text("a: 1\n", encoding="utf-8")
    (folder / "deploy" / "prod" / "traffic.pcap").write_bytes(b"x")
    (folder / "deploy" / "prod" / "link.yaml").symlink_to("a.yaml")
    (folder / "other").mkdir()
    (folder / "other" / "b.yaml").write_text("b: 1\n", encoding="utf-8")
    return folder


def _extract(worktree: Path, name: str, *paths: str, without: tuple[str, ...] = ()) -> list[str]:
    folder = worktree.parent / "out"
    folder.mkdir()
    with open_revision(worktree, name) as revision:
        revision.extract([PurePosixPath(path) for path in paths], folder, without)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


def test_only_what_is_wanted_is_written(worktree: Path) -> None:
    repositories.commit(worktree)
    found = _extract(worktree, "main", "deploy/prod", "deploy/prod/a.yaml", "nothing/here", without=(".pcap",))
    assert found == ["deploy/prod/a.yaml", "deploy/prod/link.yaml"]
    out = worktree.parent / "out" / "deploy" / "prod"
    assert (out / "a.yaml").read_text(encoding="utf-8") == "a: 1\n"
    assert (out / "link.yaml").readlink() == Path("a.yaml")


def test_a_commit_has_many_names(worktree: Path) -> None:
    first = repositories.commit(worktree)
    (worktree / "other" / "b.yaml").write_text("b: 2\n", encoding="utf-8")
    side = repositories.commit(worktree, [first], "side")
    merge = repositories.commit(worktree, [first, side])
    named = {}
    for name in (
        "main",
        "HEAD",
        merge,
        merge[:10],
        "HEAD^",
        "HEAD^1",
        "HEAD^2",
        "HEAD~1",
        "HEAD^2~1",
        "side^0",
        "refs/heads/side",
    ):
        with open_revision(worktree, name) as revision:
            named[name] = {first: "first", side: "side", merge: "merge"}[revision.commit]
    assert named == {
        "main": "merge",
        "HEAD": "merge",
        merge: "merge",
        merge[:10]: "merge",
        "HEAD^": "first",
        "HEAD^1": "first",
        "HEAD^2": "side",
        "HEAD~1": "first",
        "HEAD^2~1": "first",
        "side^0": "side",
        "refs/heads/side": "side",
    }


@pytest.mark.parametrize("name", ["nobody", "HEAD^3", "HEAD~9", "", "main@{1}", "--upload-pack=x", "a..b", "\udcff"])
def test_a_name_that_is_no_commit_is_refused(worktree: Path, name: str) -> None:
    repositories.commit(worktree)
    with pytest.raises(UsageError, match="no single commit"), open_revision(worktree, name):
        pass


def test_a_name_that_a_branch_and_a_tag_share_is_refused(worktree: Path) -> None:
    """More people may push a tag than the protected branch; git itself would take the tag."""
    first = repositories.commit(worktree)
    (worktree / "other" / "b.yaml").write_text("b: 2\n", encoding="utf-8")
    second = repositories.commit(worktree, [first])
    with Repo(str(worktree)) as repository:
        repository.refs[Ref(b"refs/tags/main")] = ObjectID(first.encode())
    with pytest.raises(UsageError, match="several commits"), open_revision(worktree, "main^0"):
        pass
    with open_revision(worktree, "refs/heads/main") as revision:
        assert revision.commit == second


def test_a_repository_inside_a_change_is_no_repository(worktree: Path) -> None:
    """A bare repository can be committed as plain files; whoever takes it for the repository lets the change bring its base."""
    repositories.commit(worktree)
    inner = worktree / "deploy" / "prod"
    Repo.init_bare(str(inner)).close()
    assert worktree_of(inner) == worktree


def test_no_checkout_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in a git checkout"):
        worktree_of(tmp_path)


@pytest.mark.parametrize("name", [b"..", b".git", b".", b"a\\b"])
def test_a_tree_that_leads_elsewhere_is_refused(worktree: Path, name: bytes) -> None:
    with Repo.init(str(worktree)) as repository:
        blob, inner, top = Blob.from_string(b"x"), Tree(), Tree()
        inner.add(b"evil", stat.S_IFREG | 0o644, blob.id)
        top.add(name, stat.S_IFDIR, inner.id)
        for made in (blob, inner):
            repository.object_store.add_object(made)
        repositories.commit_tree(repository, top)
    with pytest.raises(InvalidInputError, match="name"):
        _extract(worktree, "main", "")
    assert list((worktree.parent / "out").iterdir()) == []


def test_a_name_that_stands_twice_is_not_written_through(worktree: Path) -> None:
    """``deploy`` as a link and as a folder: written one after the other, the second would leave the folder."""
    with Repo.init(str(worktree)) as repository:
        link, blob, inner = Blob.from_string(str(worktree).encode()), Blob.from_string(b"x"), Tree()
        inner.add(b"evil", stat.S_IFREG | 0o644, blob.id)
        for made in (link, blob, inner):
            repository.object_store.add_object(made)
        raw = b"120000 deploy\0" + bytes.fromhex(link.id.decode()) + b"40000 deploy\0" + bytes.fromhex(inner.id.decode())
        top = Tree.from_raw_string(Tree.type_num, raw)
        assert isinstance(top, Tree)
        repositories.commit_tree(repository, top)
    assert _extract(worktree, "main", "deploy") == ["deploy/evil"]
    assert not (worktree / "evil").exists()


def test_what_the_clone_lacks_is_never_fetched(worktree: Path) -> None:
    repositories.commit(worktree)
    blob = Blob.from_string(b"a: 1\n").id.decode()
    (worktree / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UnreadableError, match="not in this clone"):
        _extract(worktree, "main", "deploy")


def test_the_configuration_of_a_repository_runs_nothing(worktree: Path) -> None:
    """What git would run for it: a monitor of the file system, a filter of content, a hook, a credential helper."""
    repositories.commit(worktree)
    mark = worktree.parent / "ran"
    run = f"touch {mark}"
    hook = worktree / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{run}\n", encoding="utf-8")
    hook.chmod(0o755)
    with (worktree / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(f'[core]\n\tfsmonitor = "{run}"\n\tpager = "{run}"\n[filter "x"]\n\tsmudge = "{run}"\n\trequired = true\n')
    (worktree / ".gitattributes").write_text("* filter=x\n", encoding="utf-8")
    assert "deploy/prod/a.yaml" in _extract(worktree, "main", "deploy")
    assert not mark.exists()
