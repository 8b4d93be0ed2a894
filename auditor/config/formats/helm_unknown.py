"""Values of charts that the catalog does not describe: blocks that name an image, with variables and words in the usual forms.

Charts keep the image of a process under ``image`` and its variables beside it under one of a few names (the scaffold of
``helm create``, the common library charts). What a template makes of other keys only its chart tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind_mapping, words_of
from auditor.config.formats.kubernetes import read_env_from, read_env_list
from auditor.config.formats.shell import hidden_by_shell
from auditor.documents.tree import DocumentKind, Node, NodeKind

_ENV = (
    "env", "envs", "envVars", "environment", "commonEnvVars", "additionalEnv", "additionalEnvVars", "extraEnv", "extraEnvs",
    "extraEnvVars", "extraEnvironment", "extraEnvironmentVariables", "environmentVariables",
)  # fmt: skip
_ENV_FROM = ("envFrom", "extraEnvFrom", "additionalEnvFrom")
_WORDS = ("args", "extraArgs")
_STEP = "Supply the rendered objects (helm template with all values files, in their order) in place of the values"


def read_unknown_values(source: Source, library: Library, taken: Collection[int] = ()) -> tuple[Launch, ...]:
    """Return a process for each block that names an image; ``taken`` are ids of blocks that a described chart reads.

    In a file that is not named like values only an image in the form of charts (``repository`` below it) counts.
    """
    if source.document.kind not in (DocumentKind.HELM_VALUES, DocumentKind.YAML):
        return ()
    return tuple(_in_block(source, library, source.document.root, "", taken))


def _in_block(source: Source, library: Library, block: Node, name: str, taken: Collection[int]) -> Iterator[Launch]:
    if id(block) in taken:
        return
    image = block.get("image") if block.kind is NodeKind.MAPPING else None
    if image is not None:
        yield from _processes(source, library, block, image, name)
    for key, value in block.entries:
        if key.text != "image":
            yield from _in_block(source, library, value, f"{name}.{key.text}" if name else key.text, taken)
    for number, item in enumerate(block.items):
        yield from _in_block(source, library, item, f"{name}[{number}]", taken)


def _processes(source: Source, library: Library, block: Node, image: Node, name: str) -> Iterator[Launch]:
    """Yield the process of a block, or one for each image that it names, its settings in the block of the same name."""
    reference = _reference(image, texts=source.document.kind is DocumentKind.HELM_VALUES)
    if reference:
        yield _launch(source, library, block, (image, reference), name or "values")
        return
    for key, value in image.entries:
        reference = _reference(value, texts=False)
        if reference:
            own = block.get(key.text)
            yield _launch(source, library, own or value, (value, reference), f"{name}.{key.text}" if name else key.text)


def _reference(image: Node, *, texts: bool) -> str:
    """Return the image as one text, empty where none is given: with its registry before it and its tag behind it."""
    if image.kind is NodeKind.SCALAR:
        return image.text if texts else ""
    repository = _text(image.get("repository"))
    if not repository:
        return ""
    registry, tag = _text(image.get("registry")), _text(image.get("tag"))
    whole = f"{registry}/{repository}" if registry else repository
    return f"{whole}:{tag}" if tag and ":" not in repository.rpartition("/")[2] else whole


def _launch(source: Source, library: Library, block: Node, image: tuple[Node, str], name: str) -> Launch:
    env: dict[str, Binding] = {}
    opaque: list[Opaque] = []
    linked: list[str] = []
    for key in _ENV_FROM:
        read_env_from(source, library, block.get(key), "", (env, opaque, linked))
    for key in _ENV:
        env |= read_variables(source, library, block.get(key), env)
    program = words_of(source, block.get("command"))
    words = (*program, *(w for key in _WORDS for w in words_of(source, block.get(key))))
    what = f"{name} is a block of values whose chart the catalog does not describe: what that sets and starts besides is open"
    evidence = source.evidence(image[0], f"image {image[1]}")
    return Launch(
        source=source,
        name=name,
        packaging=Packaging.HELM,
        image=image[1],
        words=words,
        env=env,
        opaque=(*source.opaque, *opaque, Opaque(what, _STEP, evidence)),
        complete=True,
        evidence=evidence,
        linked=tuple(linked),
        program=program,
        hidden=hidden_by_shell(words, f"the block {name}"),
    )


def read_variables(source: Source, library: Library, node: Node | None, before: dict[str, Binding]) -> dict[str, Binding]:
    """Return variables written as a list, or as a mapping whose values are texts or what a list would hold beside the name."""
    if node is None or node.kind is not NodeKind.MAPPING:
        return read_env_list(source, library, node, "", before)
    nested = tuple(_entry(key, value) for key, value in node.entries if value.kind is NodeKind.MAPPING)
    listed = replace(node, kind=NodeKind.SEQUENCE, entries=(), items=nested)
    return bind_mapping(source, node) | read_env_list(source, library, listed, "", before)


def _entry(key: Node, value: Node) -> Node:
    held = value
    if value.get("value") is None and value.get("valueFrom") is None:
        # Common library charts leave out valueFrom: {secretKeyRef: …}.
        held = replace(value, entries=((replace(key, text="valueFrom"), value),))
    return replace(held, entries=((replace(key, text="name"), key), *held.entries))


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.kind is NodeKind.SCALAR else ""
