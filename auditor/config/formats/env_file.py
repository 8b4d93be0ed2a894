"""Env files: an environment without a process. The command line stays unseen."""

from __future__ import annotations

from pathlib import PurePosixPath

from auditor.config.bindings import Launch, Library, Packaging, Source
from auditor.config.formats.common import bind_mapping, plain_values


def read_env_file(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the one partial launch of an env file."""
    del library
    document = source.document
    env = bind_mapping(source, document.root)
    env = (
        bind_mapping(source, document.root, plain_values(env.values()))
        if any("$" in (b.value or "") for b in env.values())
        else env
    )
    return (
        Launch(
            source=source,
            name=PurePosixPath(document.path).name.split(".")[0],
            packaging=Packaging.ENV_FILE,
            image="",
            words=(),
            env=env,
            opaque=(),
            complete=False,
            evidence=source.evidence(document.root, "an env file"),
        ),
    )
