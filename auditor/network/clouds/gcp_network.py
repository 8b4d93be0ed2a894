"""Interfaces of instances of Google Cloud: in which network and subnetwork each lies, and whose rules are meant for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.addresses import Range, parse_block
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.nodes import text

NETWORK, SUBNETWORK = "google_compute_network", "google_compute_subnetwork"


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of an instance."""

    instance: Resource
    node: Node | None
    """Its block; ``None`` for an instance whose blocks the plan does not show."""
    network: Resource | None
    """``None`` where the plan does not make it."""
    name: str
    """Name of its network; empty where it is not known."""
    subnetwork: Resource | None
    own: tuple[Range, ...]
    """Blocks in which its own address surely lies; empty where they are not known."""
    tags: frozenset[str] | None
    """``None`` where they are known only after the run."""

    @property
    def project(self) -> str:
        """Return the project of the instance, empty where it is not shown."""
        return text(self.instance.node, "project")

    def lies_in(self, owner: Resource, key: str = "network") -> Truth:
        """Return whether an argument of a rule or route names the network of this interface."""
        written = text(owner.node, key)
        if not written:
            linked = owner.references(key)
            if self.network is None or not linked:
                return Truth.UNKNOWN
            meant = [r for r in linked if r.startswith(f"{NETWORK}.")]
            mine = any(r == self.network.block or r.startswith(f"{self.network.block}.") for r in meant)
            return Truth.UNKNOWN if owner.module != self.network.module or not meant else Truth.of(mine)
        if not self.name:
            return Truth.UNKNOWN
        projects = {p for p in (_project(written) or text(owner.node, "project"), self.project) if p}
        return Truth.of(_last(written) == self.name and len(projects) < 2)  # noqa: PLR2004 -- one project, or none that is shown


def interfaces(plan: Plan, instance: Resource) -> Iterator[Interface]:
    """Yield the interfaces of an instance."""
    listed = instance.get("network_interface")
    given = instance.get("tags")
    tags = None if instance.open("tags") else frozenset(i.text for i in (given.items if given is not None else ()))
    for node in listed.items if listed is not None and listed.items else (None,):
        subnetwork = _made(plan, instance, node, "subnetwork", SUBNETWORK)
        network = _made(plan, instance, node, "network", NETWORK)
        if network is None and subnetwork is not None:
            network = _made(plan, subnetwork, subnetwork.node, "network", NETWORK)
        written = text(node, "network") or (text(subnetwork.node, "network") if subnetwork is not None else "")
        name = _last(written) or (text(network.node, "name") if network is not None else "")
        address = text(node, "network_ip") or (text(subnetwork.node, "ip_cidr_range") if subnetwork is not None else "")
        own = tuple(b for b in (parse_block(address),) if b is not None)
        yield Interface(instance, node, network, name, subnetwork, own, tags)


def _made(plan: Plan, owner: Resource, node: Node | None, key: str, kind: str) -> Resource | None:
    """Return the network or subnetwork that the plan makes and that an argument names, ``None`` where it is not exactly one."""
    written = text(node, key)
    if written:
        found = [r for r in plan.of(kind) if written in (text(r.node, "id"), text(r.node, "self_link")) or _names(r, written)]
    else:
        references = (*owner.references("network_interface"), *owner.references(key))
        found = [r for r in plan.of(kind) if r.module == owner.module and any(x.startswith(f"{r.block}.") for x in references)]
    return found[0] if len(found) == 1 else None


def _names(resource: Resource, written: str) -> bool:
    project, own = _project(written), text(resource.node, "project")
    return _last(written) == text(resource.node, "name") and (not project or not own or project == own)


def _last(written: str) -> str:
    return written.rpartition("/")[2]


def _project(written: str) -> str:
    parts = written.split("/")
    return parts[parts.index("projects") + 1] if "projects" in parts[:-1] else ""
