"""What exports of a cloud show of who held an address.

``aws ec2 describe-network-interfaces`` and ``describe-instances``, ``aws ecs describe-tasks``; ``gcloud compute instances list
--format json``. The primary private address stays with an interface as long as it is attached, and with a machine as long as it
exists. Secondary and public addresses can be given and taken at any time, which no export dates: they tell nothing. Source: EC2
User Guide, "Elastic network interfaces"; Amazon ECS API Reference, "Task"; Compute Engine, "IP addresses" (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.documents.tree import Document, Node
from auditor.facts.tenures import Holder, Tenure
from auditor.identify.exports import items, tenures, text
from auditor.identify.instants import at

_OF_TASK = 3
"""Parts of a task's ARN: everything before the cluster, the cluster, the task."""


def cloud_tenures(documents: Sequence[Document], snapshots: Mapping[str, int]) -> Iterator[Tenure]:
    """Yield who held which address when; arguments as for ``cluster_tenures``."""
    for document in documents:
        seen = snapshots.get(document.path)
        if seen is None:
            continue
        for item in items(document.root, "NetworkInterfaces"):
            yield from _interface(document, item, seen)
        for reservation in items(document.root, "Reservations"):
            for item in items(reservation, "Instances"):
                yield from _instance(document, item, seen)
        for item in items(document.root, "tasks"):
            yield from _task(document, item, seen)
        for item in document.root.items:
            if text(item, "kind") == "compute#instance":
                yield from _compute(document, item, seen)


def _interface(document: Document, item: Node, seen: int) -> Iterator[Tenure]:
    since = at(item, "Attachment", "AttachTime")
    machine = text(item, "Attachment", "InstanceId")
    name = text(item, "NetworkInterfaceId")
    names = {machine, name, *_tags(item, "TagSet"), *_dns(item)}
    holder = _holder("instance" if machine else "interface", machine or name, names)
    yield from _tenures(document, item, holder, [text(item, "PrivateIpAddress")], since, seen)


def _instance(document: Document, item: Node, seen: int) -> Iterator[Tenure]:
    name = text(item, "InstanceId")
    interfaces = items(item, "NetworkInterfaces")
    names = {name, *_tags(item, "Tags"), text(item, "PrivateDnsName"), *(dns for one in interfaces for dns in _dns(one))}
    holder = _holder("instance", name, names)
    for one in interfaces:
        attached = at(one, "Attachment", "AttachTime")
        yield from _tenures(document, item, holder, [text(one, "PrivateIpAddress")], attached, seen)


def _task(document: Document, item: Node, seen: int) -> Iterator[Tenure]:
    """Yield the addresses of a task: they are those of its own interface, from its connection to its end."""
    since = at(item, "connectivityAt") or at(item, "startedAt")
    ended = at(item, "executionStoppedAt") or at(item, "stoppedAt")
    own = [one for one in items(item, "attachments") if text(one, "type") == "ElasticNetworkInterface"]
    told = [(text(detail, "name"), text(detail, "value")) for one in own for detail in items(one, "details")]
    parts = text(item, "taskArn").rsplit("/", 2)
    if since is None or not own or len(parts) < _OF_TASK:
        return
    cluster, identifier = parts[-2:]
    service = text(item, "group").partition("service:")[2]
    reference = "/".join(word for word in (cluster, service, identifier) if word)
    holder = _holder("task", reference, {service, f"{service}.{cluster}" if service else "", identifier})
    addresses = [value for name, value in told if name in ("privateIPv4Address", "privateIPv6Address")]
    stopped = text(item, "lastStatus") == "STOPPED"
    until = (ended if ended is not None else since) if stopped else seen
    yield from _tenures(document, item, holder, addresses, since, until)


def _compute(document: Document, item: Node, seen: int) -> Iterator[Tenure]:
    name = text(item, "name")
    holder = _holder("instance", name, {name, text(item, "hostname")})
    interfaces = items(item, "networkInterfaces")
    made = at(item, "creationTimestamp")
    yield from _tenures(document, item, holder, [text(one, "networkIP") for one in interfaces], made, seen)


def _dns(item: Node) -> Iterator[str]:
    for one in (item, *items(item, "PrivateIpAddresses")):
        yield text(one, "PrivateDnsName")


def _tags(item: Node, key: str) -> Iterator[str]:
    yield from (text(tag, "Value") for tag in items(item, key) if text(tag, "Key") == "Name")


def _holder(kind: str, reference: str, names: Iterable[str]) -> Holder:
    return Holder(kind, reference, tuple(sorted({name.lower() for name in names if name and " " not in name})))


def _tenures(
    document: Document, item: Node, holder: Holder, addresses: Iterable[str], since: int | None, seen: int
) -> Iterator[Tenure]:
    if since is not None:
        yield from tenures(document.locate(item), holder, addresses, since, seen)
