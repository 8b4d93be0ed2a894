"""systemd units with their drop-ins: ``Environment``, ``EnvironmentFile``, ``ExecStart``.

Sources: systemd.unit(5) (drop-ins of ``<unit>.d`` and ``service.d``, by file name; an empty assignment forgets what came
before), systemd.exec(5), systemd.service(5). Drop-ins of templates and of prefixes (``a-.service.d``) are not applied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind_mapping, words_of
from auditor.config.formats.shell import hidden_by_shell, is_quiet
from auditor.documents.tree import DocumentKind, Node

_BESIDE = ("ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
_ALL_SERVICES = "service.d"
_SUFFIX = ".service"


@dataclass(slots=True)
class _Service:
    """What the files of one unit say together, the later file over the earlier one."""

    env: dict[str, Binding] = field(default_factory=dict)
    files: list[tuple[Source, Node]] = field(default_factory=list)
    commands: dict[str, list[tuple[Source, Node]]] = field(default_factory=dict)

    def add(self, source: Source) -> None:
        """Lay one more file over what is there."""
        service = source.document.root.get("Service")
        if service is None:
            return
        if _forgets(service, "Environment"):
            self.env.clear()
        self.env.update(bind_mapping(source, service.get("Environment")))
        if _forgets(service, "EnvironmentFile"):
            self.files.clear()
        self.files.extend((source, item) for item in _items(service, "EnvironmentFile"))
        for key in ("ExecStart", *_BESIDE):
            kept = [] if _forgets(service, key) else self.commands.get(key, [])
            self.commands[key] = [*kept, *((source, item) for item in _items(service, key))]


def read_systemd(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the process of a unit with ``ExecStart``; a file read later wins over ``Environment`` (systemd.exec(5)).

    Drop-ins whose unit is not in the inputs are one process together, of which only a part is known.
    """
    unit = _unit_of_drop_in(source)
    own = _units(library, unit) if unit else (source,)
    drop_ins = _drop_ins(library, unit or PurePosixPath(source.document.path).name)
    if unit and (own or drop_ins[0] is not source):
        return ()  # told with its unit, or with the first of its drop-ins
    together = _Service()
    for part in (*own, *drop_ins):
        together.add(part)
    if not together.commands.get("ExecStart") and not unit:
        return ()
    return (_launch(source, unit, together, library, tuple(s for s in drop_ins if s is not source)),)


def _launch(source: Source, unit: str, service: _Service, library: Library, others: tuple[Source, ...]) -> Launch:
    start = service.commands.get("ExecStart", [])
    env, linked = dict(service.env), [s.document.path for s in others]
    opaque: list[Opaque] = []
    for part, item in service.files:
        linked.extend(_file(part, library, item, env, opaque))
    words = words_of(*start[0]) if start else ()
    evidence = start[0][0].evidence(start[0][1], "ExecStart") if start else source.evidence(source.document.root, unit)
    return Launch(
        source=source,
        name=(unit or PurePosixPath(source.document.path).name).removesuffix(_SUFFIX),
        packaging=Packaging.SYSTEMD,
        image="",
        words=words,
        env=env,
        opaque=tuple(opaque),
        complete=not unit,
        evidence=evidence,
        linked=tuple(linked),
        program=words,
        hidden=(*hidden_by_shell(words, "ExecStart"), *_beside(service)),
    )


def _unit_of_drop_in(source: Source) -> str:
    """Return the unit that a drop-in belongs to (``coder.service.d/10.conf`` → ``coder.service``), empty for a unit."""
    path = PurePosixPath(source.document.path)
    folder = path.parent.name
    return folder.removesuffix(".d") if path.suffix == ".conf" and folder.endswith(f"{_SUFFIX}.d") else ""


def _units(library: Library, name: str) -> tuple[Source, ...]:
    return tuple(s for s in library.of_kind(DocumentKind.SYSTEMD) if PurePosixPath(s.document.path).name == name)


def _drop_ins(library: Library, unit: str) -> tuple[Source, ...]:
    """Return the drop-ins of a unit in the order in which systemd reads them: by file name, whatever their folder."""
    if not unit.endswith(_SUFFIX):
        return ()
    found = [s for name in (f"{unit}.d", _ALL_SERVICES) for s in library.in_folders(DocumentKind.SYSTEMD, name)]
    return tuple(sorted(found, key=lambda s: (PurePosixPath(s.document.path).name, s.document.path)))


def _items(service: Node, key: str) -> tuple[Node, ...]:
    node = service.get(key)
    return node.items if node is not None else ()


def _forgets(service: Node, key: str) -> bool:
    """Return whether the file has an empty assignment of ``key``, which forgets those of the files before it too."""
    return service.get(f"{key}=") is not None


def _beside(service: _Service) -> tuple[Opaque, ...]:
    """Return the commands that a unit runs before, beside or after its process."""
    commands = [("ExecStart", c) for c in service.commands.get("ExecStart", [])[1:]]
    commands += [(key, c) for key in _BESIDE for c in service.commands.get(key, [])]
    return tuple(
        Opaque(
            f"{key} runs {command.items[0].text if command.items else command.text}: what it sets or starts is open",
            f"Take {key} away, or state in the manifest what it runs",
            source.evidence(command, key),
        )
        for key, (source, command) in commands
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
