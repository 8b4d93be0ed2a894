"""Dockerfiles: the process of the last stage, with the environment that its stages set (Docker, "Dockerfile reference")."""

from __future__ import annotations

from pathlib import PurePosixPath

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind_text, plain_values, short_line, words_of
from auditor.config.formats.shell import hidden_by_shell, is_quiet
from auditor.documents.interpolation import interpolate
from auditor.documents.tree import Node, NodeKind


def read_dockerfile(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the one process of a Dockerfile; what runs while the image is built is open."""
    del library
    root = source.document.root
    stages = root.at("stages")
    if stages is None or not stages.items:
        return ()
    last = stages.items[-1]
    chain = _chain(stages.items, last)
    arguments = _arguments(source, (root, *chain))
    env: dict[str, Binding] = {}
    for stage in chain:
        for name, value in _pairs(stage.get("env")):
            env[name] = bind_text(source, name, value, value.text, {**arguments, **plain_values(env.values())})
    image = chain[0].get("from")
    program = words_of(source, _last(chain, "entrypoint"))
    words = (*program, *words_of(source, _last(chain, "cmd")))
    name = PurePosixPath(source.document.path).parent.name or "image"
    return (
        Launch(
            source=source,
            name=name,
            packaging=Packaging.DOCKERFILE,
            image=interpolate(image.text, arguments)[0] if image is not None else "",
            words=words,
            env=env,
            opaque=(),
            complete=True,
            evidence=source.evidence(image or last, f"the image of {source.document.path}"),
            program=program,
            hidden=(*hidden_by_shell(words, f"the image of {source.document.path}"), *_built(source, chain)),
        ),
    )


def _chain(stages: tuple[Node, ...], last: Node) -> tuple[Node, ...]:
    """Return the stages that the last one is built on, the base first."""
    named = {node.text: stage for stage in stages if (node := stage.get("as")) is not None}
    chain = [last]
    while (base := chain[0].get("from")) is not None and base.text in named and named[base.text] not in chain:
        chain.insert(0, named[base.text])
    return tuple(chain)


def _arguments(source: Source, nodes: tuple[Node, ...]) -> dict[str, str]:
    """Return the build arguments with a default."""
    found: dict[str, str] = {}
    for node in nodes:
        for name, value in _pairs(node.get("arg")):
            if value.kind is NodeKind.SCALAR and value.text:
                bound = bind_text(source, name, value, value.text, found)
                found.update(plain_values([bound]))
    return found


def _built(source: Source, chain: tuple[Node, ...]) -> tuple[Opaque, ...]:
    step = "Name the published image under inputs:, or state in the manifest what the build installs"
    runs = [run for stage in chain for node in (stage.get("run"),) if node is not None for run in node.items]
    return tuple(
        Opaque(f"the build runs {short_line(run.text)}: what that puts into the image is open", step, source.evidence(run, "RUN"))
        for run in runs
        if not is_quiet(run.text.split())
    )


def _last(chain: tuple[Node, ...], key: str) -> Node | None:
    return next((node for stage in reversed(chain) if (node := stage.get(key)) is not None), None)


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    return [(k.text, v) for k, v in node.entries] if node is not None else []
