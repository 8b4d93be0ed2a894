"""What exports of Azure show of who held an address.

``az vm list -d``, ``az vm list-ip-addresses``, ``az network nic list`` and ``az resource list``. The primary private address
stays with an interface until it is deleted, moved to another subnet, or given another by hand. Only some of these exports are
dated: a machine by ``timeCreated`` (``az vm list``), any resource by ``createdTime`` (``az resource list``). What no export dates
tells nothing, and neither do public and secondary addresses, which come and go. Source: Azure CLI reference, ``az vm``, ``az
network nic``; Azure Virtual Network, "Private IP addresses", allocation method (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents.tree import Document, Node
from auditor.facts.tenures import Holder, Tenure
from auditor.identify.exports import items, tenures, text
from auditor.identify.instants import at

_MACHINES = "/virtualmachines/"


def azure_tenures(documents: Sequence[Document], snapshots: Mapping[str, int]) -> Iterator[Tenure]:
    """Yield who held which address when; arguments as for ``cluster_tenures``."""
    created = _created(documents)
    for document in documents:
        seen = snapshots.get(document.path)
        if seen is None:
            continue
        for item in document.root.items:
            if item.get("ipConfigurations") is not None:
                found = _interface(item, created)
            elif text(item, "privateIps") and _MACHINES in text(item, "id").lower():
                found = _machine(item, created)
            elif item.at("virtualMachine", "network") is not None:
                found = _listed(item, created)
            else:
                continue
            holder, since, addresses = found
            if since is not None and since <= seen:
                yield from tenures(document.locate(item), holder, addresses, since, seen)


_Found = tuple[Holder, int | None, list[str]]


def _created(documents: Sequence[Document]) -> dict[str, int]:
    """Return when resources were made, by their identifier in lower case and machines by group and name as well."""
    found = {}
    for document in documents:
        for item in document.root.items:
            identifier = text(item, "id").lower()
            time = at(item, "timeCreated") or at(item, "createdTime")
            if identifier.startswith("/subscriptions/") and time is not None:
                found[identifier] = time
                if _MACHINES in identifier:
                    found[_short(text(item, "resourceGroup"), text(item, "name"))] = time
    return found


def _short(group: str, name: str) -> str:
    return f"{group}/{name}".lower()


def _machine(item: Node, created: Mapping[str, int]) -> _Found:
    name = text(item, "name")
    holder = _holder("instance", name, text(item, "osProfile", "computerName"), text(item, "vmId"))
    primary = text(item, "privateIps").split(",")[0].strip()  # in the order of its interfaces, the primary one first
    return holder, created.get(text(item, "id").lower()), [primary]


def _interface(item: Node, created: Mapping[str, int]) -> _Found:
    machine = text(item, "virtualMachine", "id")
    made, machine_made = created.get(text(item, "id").lower()), created.get(machine.lower())
    since = made if made is not None else machine_made
    if machine and made is not None and machine_made is not None:
        since = max(made, machine_made)  # an interface can be older than the machine that has it now
    name = machine.rpartition("/")[2] or text(item, "name")
    primary = [one for one in items(item, "ipConfigurations") if text(one, "primary") == "true"]
    holder = _holder("instance" if machine else "interface", name, "" if machine else text(item, "name"))
    return holder, since, [text(one, "privateIPAddress") or text(one, "privateIpAddress") for one in primary]


def _listed(item: Node, created: Mapping[str, int]) -> _Found:
    machine = item.at("virtualMachine")
    name, group = (text(machine, "name"), text(machine, "resourceGroup")) if machine is not None else ("", "")
    addresses = [one.text for one in items(item, "virtualMachine", "network", "privateIpAddresses")][:1]
    return _holder("instance", name), created.get(_short(group, name)), addresses


def _holder(kind: str, name: str, *more: str) -> Holder:
    return Holder(kind, name, tuple(sorted({word.lower() for word in (name, *more) if word and " " not in word})))
