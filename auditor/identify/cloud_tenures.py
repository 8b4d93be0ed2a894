"""What exports of a cloud show of who held an address.

``aws ec2 describe-network-interfaces`` and ``describe-instances``; ``gcloud compute instances list --format json``. The
primary private address stays with an interface as long as it is attached, and with a machine as long as it exists. Secondary
and public addresses can be given and taken at any time, which no export dates: they tell nothing. Source: EC2 User Guide,
"Elastic network interfaces"; Compute Engine, "IP addresses" (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.documents.tree import Document, Node
from auditor.facts.evidence import Evidence
from auditor.facts.tenures import Holder, Tenure
from auditor.facts.vocabulary import Basis
from auditor.identify.instants import at
from auditor.identify.networks import parse_address


def cloud_tenures(documents: Sequence[Document], snapshots: Mapping[str, int]) -> Iterator[Tenure]:
    """Yield who held which address when; arguments as for ``cluster_tenures``."""
    for document in documents:
        seen = snapshots.get(document.path)
        if seen is None:
            continue
        for item in _items(document.root, "NetworkInterfaces"):
            yield from _interface(document, item, seen)
        for reservation in _items(document.root, "Reservations"):
            for item in _items(reservation, "Instances"):
                yield from _instance(document, item, seen)
        for item in document.root.items:
            if _text(item, "kind") == "compute#instance":
                yield from _compute(document, item, seen)


def _interface(document: Document, item: Node, seen: int) -> Iterator[Tenure]:
    since = at(item, "Attachment", "AttachTime")
    machine = _text(item, "Attachment", "InstanceId")
    name = _text(item, "NetworkInterfaceId")
    names = {machine, name, *_tags(item, "TagSet"), *_dns(item)}
    holder = _holder("instance" if machine else "interface", machine or name, names)
    yield from _tenures(document, item, holder, [_text(item, "PrivateIpAddress")], since, seen)


def _instance(document: Document, item: Node, seen: int) -> Iterator[Tenure]:
    name = _text(item, "InstanceId")
    interfaces = _items(item, "NetworkInterfaces")
    names = {name, *_tags(item, "Tags"), _text(item, "PrivateDnsName"), *(dns for one in interfaces for dns in _dns(one))}
    holder = _holder("instance", name, names)
    for one in interfaces:
        attached = at(one, "Attachment", "AttachTime")
        yield from _tenures(document, item, holder, [_text(one, "PrivateIpAddress")], attached, seen)


def _compute(document: Document, item: Node, seen: int) -> Iterator[Tenure]:
    name = _text(item, "name")
    holder = _holder("instance", name, {name, _text(item, "hostname")})
    interfaces = _items(item, "networkInterfaces")
    made = at(item, "creationTimestamp")
    yield from _tenures(document, item, holder, [_text(one, "networkIP") for one in interfaces], made, seen)


def _dns(item: Node) -> Iterator[str]:
    for one in (item, *_items(item, "PrivateIpAddresses")):
        yield _text(one, "PrivateDnsName")


def _tags(item: Node, key: str) -> Iterator[str]:
    yield from (_text(tag, "Value") for tag in _items(item, key) if _text(tag, "Key") == "Name")


def _holder(kind: str, reference: str, names: Iterable[str]) -> Holder:
    return Holder(kind, reference, tuple(sorted({name.lower() for name in names if name and " " not in name})))


def _tenures(
    document: Document, item: Node, holder: Holder, addresses: Iterable[str], since: int | None, seen: int
) -> Iterator[Tenure]:
    if since is None:
        return
    for address in dict.fromkeys(str(parsed) for text in addresses if (parsed := parse_address(text)) is not None):
        fact = Evidence(Basis.OBSERVED, document.locate(item), f"{holder.title} has the address {address}")
        yield Tenure(address, holder, since, max(since, seen), fact)


def _items(node: Node, *path: str) -> tuple[Node, ...]:
    found = node.at(*path)
    return found.items if found is not None else ()


def _text(node: Node, *path: str) -> str:
    found = node.at(*path)
    return found.text if found is not None else ""
