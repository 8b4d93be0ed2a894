"""The ends of Calico's rules: pods, network sets, address blocks, names, services; all criteria of one end together.

Sources: Calico documentation "Network policy" (sections "EntityRule", "Selector"), "Network set", "Global network policy".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.documents import Node
from auditor.facts.truth import Truth, all_of
from auditor.network.addresses import parse_block
from auditor.network.calico_selectors import Expression, Labels, SelectorError, everything, parse, unknown
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.nodes import text
from auditor.network.objects import NAME_LABEL, AddressSet, Namespace, Objects, Pods
from auditor.network.references import SET_KINDS
from auditor.network.rules import BlockPeer, BothPeer, ChosenPeer, NamePeer, Peer, SetPeer, UnreadPeer
from auditor.network.selectors import Selector

ENTITY_KEYS = frozenset(
    {"nets", "notNets", "selector", "notSelector", "namespaceSelector", "serviceAccounts", "services", "domains"}
)
_NAMESPACE, _ACCOUNT, _NAME = "projectcalico.org/namespace", "projectcalico.org/serviceaccount", "projectcalico.org/name"


@dataclass(frozen=True, slots=True)
class CalicoChooser:
    """Pods by their labels, the labels of their namespace, and their service account."""

    pods: Expression
    namespace: str
    """Empty for every namespace."""
    namespaces: Expression | None = None
    accounts: Expression | None = None
    account_names: tuple[str, ...] = ()

    def chooses(self, pods: Pods, namespace: Namespace) -> Truth:
        """Return whether pods of a namespace are taken."""
        parts = [Truth.of(not self.namespace or self.namespace == pods.namespace), self.pods(_pod_labels(pods, namespace))]
        if self.namespaces is not None:
            named = {**namespace.labels, _NAME: namespace.name, NAME_LABEL: namespace.name}
            parts.append(self.namespaces(Labels(named, namespace.complete)))
        if self.accounts is not None:
            parts.append(self.accounts(Labels({_NAME: pods.account}, complete=False)))
        if self.account_names:
            parts.append(Truth.of(pods.account in self.account_names))
        return all_of(parts)


def _pod_labels(pods: Pods, namespace: Namespace) -> Labels:
    """Return the labels that Calico gives a workload endpoint: its own, and those of its namespace behind ``pcns.``."""
    inherited = {f"pcns.{key}": value for key, value in namespace.labels.items()}
    made = {_NAMESPACE: pods.namespace, "projectcalico.org/orchestrator": "k8s", _ACCOUNT: pods.account}
    return Labels({**pods.labels, **inherited, **made}, pods.labels_known)


def expression(node: Node | None, *, spaces: bool = False) -> tuple[Expression, str]:
    """Return what a selector (``spaces``: of namespaces) says and what of it is not understood; without one it takes all."""
    if node is None or not node.text:
        return everything, ""
    if node.redacted:
        return unknown, "a selector that holds a secret"
    try:
        return parse(node.text, spaces=spaces), ""
    except SelectorError as error:
        return unknown, f"selector {node.text}: {error}"


def read_entity(node: Node | None, namespace: str, objects: Objects) -> tuple[Peer, ...] | None:
    """Return the peers that an end of a rule stands for, ``None`` for anyone.

    Args:
        node: ``source`` or ``destination``.
        namespace: the policy's, empty for a global one.
        objects: network sets, services and endpoints that it may refer to.
    """
    if node is None:
        return None
    parts: list[tuple[Peer, ...]] = []
    if node.get("nets") is not None:
        parts.append(tuple(_blocks(node.get("nets"))))
    if any(node.get(key) is not None for key in ("selector", "namespaceSelector", "serviceAccounts")):
        parts.append(_chosen(node, "selector", namespace, objects))
    if node.get("domains") is not None:
        parts.append((NamePeer(_names(node.get("domains"))),))
    if node.get("services") is not None:
        parts.append(_service(node, namespace, objects))
    excluded = [*_blocks(node.get("notNets"))]
    if node.get("notSelector") is not None:
        excluded.extend(_chosen(node, "notSelector", namespace, objects))
    return (BothPeer(tuple(parts), tuple(excluded)),) if parts or excluded else None


def _blocks(node: Node | None) -> Iterator[Peer]:
    for item in node.items if node is not None else ():
        block = parse_block(item.text)
        yield BlockPeer(block.family, block.spans) if block is not None else UnreadPeer(f"nets {item.text}")


def _names(node: Node | None) -> tuple[NamePattern, ...]:
    return tuple(NamePattern(d.text, NameDialect.CALICO) for d in node.items) if node is not None else ()


def _chosen(node: Node, key: str, namespace: str, objects: Objects) -> tuple[Peer, ...]:
    """Return the pods and network sets that a selector takes; without ``namespaceSelector`` those of the policy's namespace."""
    chosen, why = expression(node.get(key))
    spaces, more = expression(node.get("namespaceSelector"), spaces=True)
    given = bool(text(node, "namespaceSelector"))
    accounts, last = expression(node.at("serviceAccounts", "selector"))
    listed = node.at("serviceAccounts", "names")
    faults = [w for w in (why, more, last) if w]
    chooser = CalicoChooser(
        pods=chosen,
        namespace="" if given else namespace,
        namespaces=spaces if given else None,
        accounts=accounts if node.at("serviceAccounts", "selector") is not None else None,
        account_names=tuple(n.text for n in listed.items) if listed is not None else (),
    )
    sets = (s for s in objects.sets if s.kind in SET_KINDS)
    found = (_set(s, chooser, objects) for s in sets) if node.get("serviceAccounts") is None else ()
    return (ChosenPeer(chooser), *(p for p in found if p is not None), *(UnreadPeer(w) for w in faults))


def _set(found: AddressSet, chooser: CalicoChooser, objects: Objects) -> Peer | None:
    """Return the peer for a network set that may be taken."""
    everywhere = not found.namespace
    labels = {**found.labels, _NAME: found.name, **({} if everywhere else {_NAMESPACE: found.namespace})}
    taken = [chooser.pods(Labels(labels, complete=True, everywhere=everywhere))]
    if chooser.namespace:
        taken.append(Truth.of(chooser.namespace == found.namespace))
    if chooser.namespaces is not None:
        space = objects.namespaces.get(found.namespace)
        known = (
            Labels({}, complete=True, everywhere=True) if everywhere else Labels(space.labels if space else {}, space is not None)
        )
        taken.append(chooser.namespaces(known))
    truth = all_of(taken)
    if truth is Truth.NO:
        return None
    if truth is Truth.UNKNOWN or found.unread:
        return UnreadPeer(f"{found.kind} {found.name}")
    return SetPeer(found.blocks, tuple(NamePattern(n, NameDialect.CALICO) for n in found.names))


def _service(node: Node, namespace: str, objects: Objects) -> tuple[Peer, ...]:
    """Return the endpoints of a service; its ports narrow the rule further, which is left open."""
    name, space = text(node, "services", "name"), text(node, "services", "namespace") or namespace
    for service in objects.services:
        if (service.name, service.namespace) == (name, space) and service.selector is not None:
            return (ChosenPeer(CalicoChooser(_by_labels(service.selector), space)),)
    blocks = objects.endpoints.get((space, name))
    return (SetPeer(blocks),) if blocks else (UnreadPeer(f"service {space}/{name}, which was not supplied"),)


def _by_labels(selector: Selector) -> Expression:
    return lambda labels: selector.matches(labels.known, complete=labels.complete)
