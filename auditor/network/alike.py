"""Which pods no policy can tell apart: one of each group stands for all where only the answer counts, not whom it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from auditor.network.cilium_selectors import split_key
from auditor.network.deciding import Rulebook
from auditor.network.objects import Pods
from auditor.network.rules import BlockPeer, Direction, NamePeer, Policy
from auditor.network.selectors import Requirement


def groups(pods: Iterable[Pods], policies: Iterable[Policy]) -> Mapping[int, Pods]:
    """Return for each pods' identity the first of those that no policy can tell apart from them.

    Only labels count that a selector asks for; where a selector does not show which it asks for, all count.
    """
    asked = _asked(policies)
    first: dict[object, Pods] = {}
    return {id(p): first.setdefault(key_of(p, asked), p) for p in pods}


def tells_no_pods(book: Rulebook, subject: Pods) -> bool:
    """Return whether the rules for a workload's egress ask for addresses and names alone, so that they tell no pods apart."""
    peers = [
        peer for policy in book.selecting(subject, Direction.EGRESS) for rule in policy.egress or () for peer in rule.peers or ()
    ]
    return not book.unread and all(isinstance(peer, (BlockPeer, NamePeer)) for peer in peers)


def key_of(pods: Pods, asked: frozenset[str] | None) -> object:
    """Return what policies may tell pods apart by; ``asked``: the labels that count, ``None`` for all."""
    labels = tuple(sorted((k, v) for k, v in pods.labels.items() if asked is None or k in asked))
    told = (pods.namespace, pods.account, pods.network, pods.host_network, pods.labels_known)
    return (*told, labels, pods.ports, pods.addresses, pods.doubt)


def _asked(policies: Iterable[Policy]) -> frozenset[str] | None:
    """Return the labels that selectors of policies ask for, ``None`` where one does not show them (Calico's expressions)."""
    found: set[str] = set()
    for policy in policies:
        for key in _keys(policy):
            if key is None:
                return None
            found |= {key, split_key(key)[1]}
    return frozenset(found)


def _keys(value: object) -> Iterator[str | None]:
    if isinstance(value, Requirement):
        yield value.key
    elif isinstance(value, (str, int, float, Enum)) or value is None:
        return
    elif isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from _keys(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _keys(getattr(value, one.name))
    else:
        yield None
