"""systemd units: ``Environment``, ``EnvironmentFile``, ``ExecStart`` (systemd.exec(5), systemd.service(5))."""

from __future__ import annotations

from pathlib import PurePosixPath

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind_mapping, words_of
from auditor.config.formats.shell import hidden_by_shell, is_quiet
from auditor.documents.tree import Node

_BESIDE = ("ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")


def read_systemd(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the process of a unit with ``ExecStart``; a file read later wins over ``Environment`` (systemd.exec(5))."""
    service = source.document.root.get("Service")
    start = service.get("ExecStart") if service is not None else None
    if service is None or start is None or not start.items:
        return ()
    env = bind_mapping(source, service.get("Environment"))
    opaque: list[Opaque] = []
    linked: list[str] = []
    files = service.get("EnvironmentFile")
    for item in files.items if files is not None else ():
        found = _file(source, library, item, env, opaque)
        linked.extend(found)
    words = words_of(source, start.items[0])
    return (
        Launch(
            source=source,
            name=PurePosixPath(source.document.path).name.removesuffix(".service"),
            packaging=Packaging.SYSTEMD,
            image="",
            words=words,
            env=env,
            opaque=tuple(opaque),
            complete=True,
            evidence=source.evidence(start.items[0], "ExecStart"),
            linked=tuple(linked),
            program=words,
            hidden=(*hidden_by_shell(words, "ExecStart"), *_beside(source, service)),
        ),
    )


def _beside(source: Source, service: Node) -> tuple[Opaque, ...]:
    """Return the commands that a unit runs before, beside or after its process."""
    start = service.get("ExecStart")
    commands = [("ExecStart", n) for n in (start.items[1:] if start is not None else ())]
    commands += [(key, n) for key in _BESIDE if (node := service.get(key)) is not None for n in node.items]
    return tuple(
        Opaque(
            f"{key} runs {command.items[0].text if command.items else command.text}: what it sets or starts is open",
            f"Take {key} away, or state in the manifest what it runs",
            source.evidence(command, key),
        )
        for key, command in commands
        if not is_quiet([w.text for w in command.items])
    )


def _file(source: Source, library: Library, item: Node, env: dict[str, Binding], opaque: list[Opaque]) -> tuple[str, ...]:
    written = item.text.removeprefix("-")
    found = library.env_file(source.document.path, written)
    if found is not None:
        env.update(bind_mapping(found, found.document.root))
        return (found.document.path,)
    opaque.append(
        Opaque(
            f"EnvironmentFile takes {written}, which is not in the inputs",
            f"Supply {written} under inputs:",
            source.evidence(item, f"EnvironmentFile={item.text}"),
        )
    )
    return ()
