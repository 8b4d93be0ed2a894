"""Names that a file points elsewhere: ``extra_hosts``, ``hostAliases``, ``externalName``, addresses written for a Service.

A host that the manifest puts inside may be sent outside by one of these; then no flow to that name is what it seems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.config.bindings import Library, Source
from auditor.config.effective import place
from auditor.config.hosts_in_text import Surroundings
from auditor.config.values import HostPort, host_of
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.inventory import Gap, Unknown
from auditor.facts.manifest import Manifest
from auditor.facts.vocabulary import Basis, UnknownKind

_THIS_MACHINE = "host-gateway"
_ENTRY = re.compile(r"\s*([^=:\s]+)\s*[=:]\s*(\S+)\s*\Z")


@dataclass(frozen=True, slots=True)
class _Override:
    name: str
    target: str
    key: str
    node: Node


def override_gaps(library: Library, manifest: Manifest) -> Iterator[Gap]:
    """Yield every name that a file points at a place which is not inside."""
    around = Surroundings.of(manifest)
    for source in library.sources:
        for found in _overrides(source):
            target = _place_of(found.target)
            if found.target == _THIS_MACHINE or (target.host and around.hold(target)):
                continue
            where = place(source.evidence(found.node, found.key))
            text = f"{found.key} sends the name {found.name} to {found.target} ({where}), which is not known to lie inside"
            steps = (
                f"Take the entry of {found.name} away, or point it at an address inside the perimeter",
                f"List {found.target} under networks: or hosts: of the zone that it lies in",
            )
            subject = f"name:{source.document.path}#{found.name}"
            yield Gap(Basis.CONFIGURED, "", (), Unknown(UnknownKind.INVENTORY_OPEN, subject, text, steps))


def _place_of(target: str) -> HostPort:
    return host_of(f"[{target}]" if target.count(":") > 1 and not target.startswith("[") else target)


def _overrides(source: Source) -> Iterator[_Override]:
    root = source.document.root
    if source.document.kind is DocumentKind.COMPOSE:
        services = root.get("services")
        for _, service in services.entries if services is not None else ():
            yield from _extra_hosts(service.get("extra_hosts"))
    elif source.document.kind is DocumentKind.KUBERNETES:
        name, external = root.at("metadata", "name"), root.at("spec", "externalName")
        if name is not None and external is not None:
            yield _Override(name.text, external.text.rstrip("."), "externalName", external)
        yield from _written_addresses(root)
    if source.document.kind in (DocumentKind.KUBERNETES, DocumentKind.HELM_VALUES):
        for _, node in root.walk():
            aliases = node.get("hostAliases") if node.kind is NodeKind.MAPPING else None
            yield from _host_aliases(aliases)


def _written_addresses(root: Node) -> Iterator[_Override]:
    """Yield the addresses of Endpoints and EndpointSlices that no pod stands behind: a Service without selector goes there.

    Source: Kubernetes, "Services without selectors". Addresses with a Pod as ``targetRef`` are written by the control plane.
    """
    kind, name = root.get("kind"), root.at("metadata", "name")
    service = root.at("metadata", "labels", "kubernetes.io/service-name") or name
    if kind is None or service is None:
        return
    if kind.text == "Endpoints":
        for subset in _items(root.get("subsets")):
            for address in _items(subset.get("addresses")):
                if not _is_pod(address):
                    yield from (_Override(service.text, n.text, "Endpoints", n) for n in _given(address, "ip", "hostname"))
    elif kind.text == "EndpointSlice":
        for endpoint in _items(root.get("endpoints")):
            if not _is_pod(endpoint):
                yield from (_Override(service.text, n.text, "EndpointSlice", n) for n in _items(endpoint.get("addresses")))


def _is_pod(address: Node) -> bool:
    kind = address.at("targetRef", "kind")
    return kind is not None and kind.text == "Pod"


def _given(node: Node, *keys: str) -> tuple[Node, ...]:
    return next(((n,) for key in keys if (n := node.get(key)) is not None), ())


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if node is not None else ()


def _extra_hosts(node: Node | None) -> Iterator[_Override]:
    """Yield the entries of ``extra_hosts`` in both forms of the Compose specification."""
    for key, value in node.entries if node is not None else ():
        yield from (_Override(key.text, v.text, "extra_hosts", v) for v in (value.items or (value,)))
    for item in node.items if node is not None else ():
        match = _ENTRY.match(item.text)
        if match is not None:
            yield _Override(match.group(1), match.group(2), "extra_hosts", item)


def _host_aliases(node: Node | None) -> Iterator[_Override]:
    for item in node.items if node is not None else ():
        address, names = item.get("ip"), item.get("hostnames")
        for name in names.items if names is not None else ():
            yield _Override(name.text, address.text if address is not None else "", "hostAliases", name)
