"""Networks of compose files: which services have a way out at all.

Sources: Compose specification, "Networks" and "network_mode"; Docker Engine documentation, "Bridge network driver" and release
notes of 26.0.0 and 25.0.5 (CVE-2024-29018: before these an ``internal`` network's resolver still asked the host's own).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.documents import Document, DocumentKind, Node, NodeKind
from auditor.documents.service_names import compose_names
from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, parse_block
from auditor.network.compose_layer import AttachedNetwork, ComposeNetworks, resolver_of
from auditor.network.layers import Governed, Layer, Subject
from auditor.network.nodes import text
from auditor.network.proxy_variables import proxy_layer

DEFAULT = "default"
_LONGEST_CHAIN = 8
_SOCKETS = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock")
_HOST_FOLDERS = frozenset({"/", "/proc", "/sys", "/etc", "/var/run", "/run", "/var/lib/docker", "/root"})
_POWERS = frozenset({"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "BPF"})
"""Capabilities with which a process can leave its namespaces (capabilities(7)); NET_ADMIN alone stays in its own."""


@dataclass(slots=True)
class _Project:
    """The compose files of one folder, the later laid over the earlier."""

    folder: str
    services: dict[str, list[tuple[Document, Node]]] = field(default_factory=dict)
    networks: dict[str, list[tuple[Document, Node]]] = field(default_factory=dict)


def read_compose(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:
    """Yield the services of all compose files with the networks that they are attached to."""
    projects: dict[str, _Project] = {}
    for document in documents:
        if document.kind is DocumentKind.COMPOSE and not document.inside:
            folder = document.path.rpartition("/")[0]
            _take(projects.setdefault(folder, _Project(folder)), document)
    for _, project in sorted(projects.items()):
        layers = {name: _layer(project, name, 0) for name in project.services}
        for name in project.services:
            yield _governed(project, name, layers, platform)


def _take(project: _Project, document: Document) -> None:
    for key, into in (("services", project.services), ("networks", project.networks)):
        node = document.root.get(key)
        for name, value in node.entries if node is not None else ():
            into.setdefault(name.text, []).append((document, value))


def _governed(project: _Project, name: str, layers: Mapping[str, ComposeNetworks], platform: Mapping[str, str]) -> Governed:
    own = layers[name]
    prefix = f"{project.folder}/" if project.folder else ""
    peers = tuple(f"{prefix}compose/{other}" for other in layers if other != name and _meet(own, layers[other]))
    document, node = project.services[name][-1]
    hosts = compose_names(name, (n for _, n in project.services[name]))
    subject = Subject(f"{prefix}compose/{name}", (f"compose/{name}", *hosts), document.locate(node), hosts)
    advice = proxy_layer(document, [_value(n, "environment") for _, n in project.services[name]])
    found: tuple[Layer, ...] = (own, *([advice] if advice is not None else []))
    return Governed(subject, found, peers, restricts=own.restricts, resolver=resolver_of(own, platform))


def _meet(one: ComposeNetworks, other: ComposeNetworks) -> bool:
    """Return whether two services may reach each other: a common network, or one of them on the host's."""
    return one.on_host or other.on_host or bool({n.name for n in one.networks} & {n.name for n in other.networks})


def _layer(project: _Project, name: str, depth: int) -> ComposeNetworks:
    """Return what a service is attached to; one that takes another's network has that one's layer."""
    document, node = project.services[name][-1]
    modes = [(d, m) for d, n in project.services[name] if (m := n.get("network_mode")) is not None]
    doubts = tuple(_doubts(project.services[name]))
    if modes and len({text(n, "network_mode") for _, n in project.services[name]}) > 1:
        doubts += ("network_mode differs between files, and which of them are laid over each other is not known",)
    place = document.locate(modes[-1][1] if modes else node.get("networks") or node)
    if modes:
        mode = modes[-1][1].text
        joined = mode.removeprefix("service:")
        if joined != mode and joined in project.services and depth < _LONGEST_CHAIN:
            return _layer(project, joined, depth + 1)
        return _by_mode(name, mode, place, doubts)
    said = [(d, n.get("networks")) for d, n in project.services[name]]
    if len({listed is None for _, listed in said}) > 1:
        doubts += ("only some files give its networks, and which of them are laid over each other is not known",)
    names = dict.fromkeys(key for _, listed in said for key in _listed(listed)) or {DEFAULT: None}
    networks = tuple(_network(project, network, place) for network in names)
    return ComposeNetworks(name, networks, place, doubts=doubts, pinned=_pinned(project.services[name]))


def _by_mode(name: str, mode: str, place: FileLocation, doubts: tuple[str, ...]) -> ComposeNetworks:
    if mode == "none":
        return ComposeNetworks(name, (), place, doubts=doubts)
    if mode in ("host", "bridge"):
        network = AttachedNetwork(
            mode, Truth.NO, f"network_mode: {mode}", place, (), dict.fromkeys(FAMILIES, Truth.UNKNOWN) | {4: Truth.YES}
        )
        return ComposeNetworks(name, (network,), place, doubts=doubts, on_host=mode == "host")
    why = f"network_mode: {mode} leads to a network that is not described here"
    return ComposeNetworks(name, (), place, doubts=(*doubts, why))


def _listed(node: Node | None) -> Iterator[str]:
    if node is not None and node.kind is NodeKind.MAPPING:
        yield from (key.text for key, _ in node.entries)
    elif node is not None:
        yield from (item.text for item in node.items)


def _network(project: _Project, name: str, near: FileLocation) -> AttachedNetwork:
    said = project.networks.get(name, [])
    if not said:
        return AttachedNetwork(name, Truth.NO, f"network {name} is not internal", near, (), _families([]))
    document, node = said[-1]
    place = document.locate(node.get("internal") or node)
    internal = _last(said, "internal")
    external = _last(said, "external")
    if external not in ("", "false"):
        return AttachedNetwork(
            name, Truth.UNKNOWN, f"network {name} is external, and not described here", place, (), _families(said)
        )
    sealed = {"": Truth.NO, "false": Truth.NO, "true": Truth.YES}.get(internal.lower(), Truth.UNKNOWN)
    if sealed is Truth.YES and len({text(n, "internal").lower() for _, n in said}) > 1:
        sealed, internal = Truth.UNKNOWN, "it differs between files, and which of them are laid over each other is not known"
    words = {Truth.YES: "internal: it has no way out", Truth.NO: "not internal", Truth.UNKNOWN: f"internal: {internal}"}[sealed]
    driver = _last(said, "driver")
    if sealed is Truth.YES and driver not in ("", "bridge", "overlay"):
        sealed, words = Truth.UNKNOWN, f"of the driver {driver}, and what internal does there is not read"
    subnets = tuple(
        block
        for _, n in said
        for config in _items(n.at("ipam", "config"))
        if (block := parse_block(text(config, "subnet"))) is not None
    )
    return AttachedNetwork(name, sealed, f"network {name} is {words}", place, subnets, _families(said))


def _families(said: Sequence[tuple[Document, Node]]) -> dict[int, Truth]:
    """Return the address families that a network has: IPv4 always, IPv6 when it says so, else the engine decides."""
    six = _last(said, "enable_ipv6").lower()
    return {4: Truth.YES, 6: {"true": Truth.YES, "false": Truth.NO}.get(six, Truth.UNKNOWN)}


def _last(said: Sequence[tuple[Document, Node]], key: str) -> str:
    found = [value for _, node in said if (value := node.get(key)) is not None]
    return (found[-1].text or "true") if found else ""


def _doubts(said: Sequence[tuple[Document, Node]]) -> Iterator[str]:
    """Yield what lets a service undo its networks, or what of them is not to be seen here."""
    for _, node in said:
        if text(node, "privileged") == "true":
            yield "it is privileged, and can change the networks of its host"
        if node.get("extends") is not None:
            yield "it extends another definition, whose networks are not followed"
        mounts = [volume.text.partition(":")[0] or text(volume, "source") for volume in _items(node.get("volumes"))]
        if any(mount.endswith(_SOCKETS) for mount in mounts):
            yield "it has the engine's socket, and can start containers on any network"
        if any(mount in _HOST_FOLDERS for mount in mounts):
            yield "it has folders of its host by which it can change it"
        powers = {item.text.upper().removeprefix("CAP_") for item in _items(node.get("cap_add"))} & _POWERS
        if powers:
            yield f"it has {', '.join(sorted(powers))}, by which it can leave its network"
        if text(node, "pid") == "host":
            yield "it sees the processes of its host, and may enter their network"


def _pinned(said: Sequence[tuple[Document, Node]]) -> dict[str, str]:
    """Return names that are pinned to addresses (``extra_hosts``)."""
    found: dict[str, str] = {}
    for _, node in said:
        listed = node.get("extra_hosts")
        for item in listed.items if listed is not None else ():
            name, _, address = item.text.replace("=", ":", 1).partition(":")
            found[name.lower()] = address.strip("[]")
        for key, value in listed.entries if listed is not None else ():
            found[key.text.lower()] = value.text.strip("[]")
    return found


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if node is not None else ()


def _value(node: Node, key: str) -> Node | None:
    return node.get(key)
