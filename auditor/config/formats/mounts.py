"""Files that a process is given and that the inputs lack: whatever they set, nobody can see it here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from auditor.config.bindings import Library, Opaque, Source
from auditor.documents.interpolation import interpolate
from auditor.documents.tree import Node, NodeKind

_READABLE = frozenset({".yaml", ".yml", ".json", ".jsonc", ".toml", ".env"})
"""Ends of the names of configuration files that the readers know: of another file its absence cannot be told."""
_CERTIFICATES = (".crt", ".pem", ".cer", "certs", "certificates", "/ssl")
"""What a mount of certificates is called: they set nothing."""
_OPEN = re.compile(r"\$\{(\w+)[^}]*\}")
"""A variable without a value: what stands behind its name may hold the colon that parts a volume."""
_HERE = re.compile(r"\$PWD/")
"""Compose is run where its file lies."""


def missing_in_compose(
    source: Source, library: Library, service: Node, known: Mapping[str, str], texts: Iterable[str]
) -> tuple[Opaque, ...]:
    """Return one entry for each configuration file that a service takes from its host and that is not in the inputs.

    Volumes in both forms and ``configs`` with ``file`` (Compose specification, "volumes" and "configs"). ``texts`` are its words
    and the values of its variables: a file that one of them names below a mounted folder is such a file too.
    """
    bound = list(_bound(service, known))
    found = [*bound, *_named_below(bound, texts), *_configs(source, service, known)]
    return tuple(_missing_file(source, node, path, target) for node, path, target in found if _is_missing(source, library, path))


def missing_in_pod(source: Source, library: Library, pod: Node, container: Node, namespace: str) -> tuple[Opaque, ...]:
    """Return one entry for each ConfigMap that a container mounts from a volume of its pod and that is not in the inputs.

    Of a Secret only what is mounted under the name of a configuration file counts.
    """
    volumes = {_text(v.get("name")): v for v in _items(pod.get("volumes"))}
    found: list[Opaque] = []
    for mount in _items(container.get("volumeMounts")):
        volume = volumes.get(_text(mount.get("name")))
        target = _text(mount.get("mountPath"))
        for kind, name, node in _objects(volume) if volume is not None and not _holds_certificates(mount) else ():
            told = kind == "ConfigMap" or PurePosixPath(target).suffix in _READABLE
            if told and library.kubernetes(kind, name, namespace) is None:
                what = f"the {kind} {name} is mounted at {target} and not in the inputs: what it sets is open"
                found.append(Opaque(what, f"Supply the {kind} {name} under inputs:", source.evidence(node, what)))
    return tuple(found)


def _bound(service: Node, known: Mapping[str, str]) -> Iterator[tuple[Node, str, str]]:
    """Yield (where, path on the host, path inside) of each bind mount; a name without a slash is a volume of the engine."""
    volumes = service.get("volumes")
    for volume in volumes.items if volumes is not None else ():
        if volume.kind is NodeKind.MAPPING:
            written, target = volume.get("source"), volume.get("target")
            inline = volume.get("content") is not None or _text(volume.get("type")) not in ("", "bind")
            if written is not None and target is not None and not inline:
                yield volume, interpolate(written.text, known)[0], target.text
            continue
        path, colon, rest = _HERE.sub("./", _OPEN.sub(r"$\1", interpolate(volume.text, known)[0])).partition(":")
        if colon and path.startswith((".", "/", "~", "$")):
            yield volume, path, rest.partition(":")[0]


def _named_below(bound: Sequence[tuple[Node, str, str]], texts: Iterable[str]) -> Iterator[tuple[Node, str, str]]:
    """Yield the files that words and variables name in folders that are mounted: ``--config=/app/conf/a.yaml``."""
    named = dict.fromkeys(part for text in texts for part in (text, text.partition("=")[2]) if part.startswith("/"))
    for node, path, target in bound:
        folder = target.rstrip("/") + "/"
        for name in named:
            if name.startswith(folder):
                yield node, f"{path.rstrip('/')}/{name.removeprefix(folder)}", name


def _configs(source: Source, service: Node, known: Mapping[str, str]) -> Iterator[tuple[Node, str, str]]:
    taken = service.get("configs")
    for item in taken.items if taken is not None else ():
        name = _text(item.get("source")) or item.text
        written = source.document.root.at("configs", name, "file")
        if written is not None:
            yield item, interpolate(written.text, known)[0], _text(item.get("target")) or f"/{name}"


def _is_missing(source: Source, library: Library, path: str) -> bool:
    name = PurePosixPath(path)
    readable = name.suffix in _READABLE or name.name == ".env"
    return readable and not library.holds(source.document.path, path)


def _missing_file(source: Source, node: Node, path: str, target: str) -> Opaque:
    what = f"{path} is mounted at {target} and not in the inputs, or cannot be read: what it sets is open"
    return Opaque(what, f"Supply {path} under inputs:", source.evidence(node, what))


def _objects(volume: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield (kind, name, where) of what a volume is made of, also of the parts of a projected one."""
    projected = volume.get("projected")
    for part in (volume, *_items(projected.get("sources") if projected is not None else None)):
        for key, kind, field in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
            node = part.get(key)
            name = _text(node.get(field)) or _text(node.get("name")) if node is not None else ""
            if node is not None and name:
                yield kind, name, node


def _holds_certificates(mount: Node) -> bool:
    where = f"{_text(mount.get('mountPath'))} {_text(mount.get('subPath'))}".lower()
    return any(mark in where for mark in _CERTIFICATES)


def _items(node: Node | None) -> tuple[Node, ...]:
    return tuple(i for i in node.items if i.kind is NodeKind.MAPPING) if node is not None else ()


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.kind is NodeKind.SCALAR else ""
