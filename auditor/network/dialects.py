"""The dialects of policies that are read: one module each, in this list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auditor.documents import Document
from auditor.network import admin_policy, calico, cilium, network_policy
from auditor.network.nodes import namespace_hidden, text
from auditor.network.objects import Objects
from auditor.network.rules import Policy


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect: the versions and kinds that it reads, and its reader."""

    kinds: frozenset[tuple[str, str]]
    """Pairs of ``apiVersion`` and ``kind``."""
    read: Callable[[Document, Objects], tuple[Policy, ...]]


DIALECTS = (
    Dialect(network_policy.READ, lambda document, _: (network_policy.read_network_policy(document),)),
    Dialect(admin_policy.READ, lambda document, _: (admin_policy.read_admin_policy(document),)),
    Dialect(cilium.READ, cilium.read_cilium),
    Dialect(calico.READ, calico.read_calico),
)
_BY_KIND = {kind: dialect for dialect in DIALECTS for kind in dialect.kinds}


def dialect_of(document: Document) -> Dialect | None:
    """Return the dialect that reads a document; none takes a policy whose namespace was redacted."""
    if namespace_hidden(document.root):
        return None
    return _BY_KIND.get((text(document.root, "apiVersion"), text(document.root, "kind")))
