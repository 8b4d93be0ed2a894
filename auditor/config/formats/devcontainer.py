"""Development containers: ``devcontainer.json`` (containers.dev, "Dev Container metadata reference", 2026).

One process a file: the container that an editor or a workspace service starts, with its environment, what its life-cycle
commands run, what its features install, and the extensions that it puts into the editor.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source, Word
from auditor.config.formats.common import bind, short_line
from auditor.config.formats.shell import is_quiet
from auditor.documents.tree import Node, NodeKind

_ENVIRONMENTS = ("containerEnv", "remoteEnv")
"""Of the container, then of what the editor starts in it, which wins there."""
_COMMANDS = (
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
)
_BUILDS = (("build", "dockerfile"), ("build", "dockerFile"), ("dockerFile",), ("dockerfile",), ("dockerComposeFile",))
_VARIABLE = "${"
FEATURE = "--feature"
"""Stands before the name of each feature of the file among the words, without its publisher and version."""
EXTENSION = "--install-extension"
"""The flag by which editors install an extension; it stands before each extension of the file among the words."""


def read_devcontainer(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the one process of a development container; what is built or installed on the way is open."""
    del library
    root = source.document.root
    image = root.get("image")
    env: dict[str, Binding] = {}
    for key in _ENVIRONMENTS:
        env.update(_environment(source, root.get(key)))
    return (
        Launch(
            source=source,
            name=_name(source),
            packaging=Packaging.DEVCONTAINER,
            image=image.text if image is not None and image.kind is NodeKind.SCALAR and _VARIABLE not in image.text else "",
            words=tuple(_words(source, root)),
            env=env,
            opaque=(),
            complete=True,
            evidence=source.evidence(image or root, f"the development container of {source.document.path}"),
            hidden=(*_built(source, root), *_installed(source, root), *_run(source, root)),
        ),
    )


def _name(source: Source) -> str:
    """Return the folder that the container is for: ``app/.devcontainer/devcontainer.json`` → ``app``."""
    folders = [f for f in PurePosixPath(source.document.path).parent.parts if f != ".devcontainer"]
    return folders[-1] if folders else "devcontainer"


def _environment(source: Source, node: Node | None) -> Iterator[tuple[str, Binding]]:
    for key, value in node.entries if node is not None else ():
        if value.kind is NodeKind.SCALAR and not value.redacted and _VARIABLE in value.text:
            yield key.text, bind(source, key.text, value, None, "it is taken from whoever starts the container", surely=False)
        elif value.kind is NodeKind.SCALAR:
            yield key.text, bind(source, key.text, value, value.text)


def _words(source: Source, root: Node) -> Iterator[Word]:
    for what, command in _commands(root):
        evidence = source.evidence(command, what)
        yield from (Word("sh", evidence), Word("-c", evidence), Word(_line(command), evidence, command.redacted))
    features = root.get("features")
    for name, _ in features.entries if features is not None else ():
        evidence = source.evidence(name, f"feature {name.text}")
        yield from (Word(FEATURE, evidence), Word(name.text.rpartition("/")[2].partition(":")[0].lower(), evidence))
    listed = root.at("customizations", "vscode", "extensions") or root.get("extensions")
    for extension in listed.items if listed is not None else ():
        if not extension.text.startswith("-"):  # a minus takes away what a feature or the image brings
            evidence = source.evidence(extension, f"extension {extension.text}")
            yield from (Word(EXTENSION, evidence), Word(extension.text.lower(), evidence))


def _commands(root: Node) -> Iterator[tuple[str, Node]]:
    """Yield (key, command): a text, a list of words, or several of them by name, which run side by side."""
    for key in _COMMANDS:
        node = root.get(key)
        if node is not None and node.kind is NodeKind.MAPPING:
            yield from ((f"{key} {name.text}", command) for name, command in node.entries)
        elif node is not None and node.kind is not NodeKind.NULL:
            yield key, node


def _line(command: Node) -> str:
    return command.text if command.kind is NodeKind.SCALAR else " ".join(i.text for i in command.items)


def _built(source: Source, root: Node) -> Iterator[Opaque]:
    for path in _BUILDS:
        node = root.at(*path)
        if node is not None:
            step = "Name the published image under inputs:, or state in the manifest what the container is"
            yield Opaque(f"{'.'.join(path)} makes the container: what is in it is open", step, source.evidence(node, path[-1]))


def _installed(source: Source, root: Node) -> Iterator[Opaque]:
    features = root.get("features")
    for name, _ in features.entries if features is not None else ():
        step = f"State in the manifest what the feature {name.text} installs"
        yield Opaque(f"the feature {name.text} installs programs: what they do is open", step, source.evidence(name, "feature"))


def _run(source: Source, root: Node) -> Iterator[Opaque]:
    for what, command in _commands(root):
        if not is_quiet(_line(command).split()):
            step = f"Take {what} away, or state in the manifest what it runs"
            yield Opaque(
                f"{what} runs {short_line(_line(command))}: what it starts is open", step, source.evidence(command, what)
            )
