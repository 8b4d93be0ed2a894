"""Who an address or a logged name is at the time of a flow: by inventories, and by the word of the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Component
from auditor.facts.tenures import Holder, Tenure
from auditor.facts.vocabulary import Role
from auditor.identify.instants import instant
from auditor.identify.inventory import Inventory
from auditor.identify.names import ManifestNames

Span = tuple[str, str]
"""First and last time of the traffic, RFC 3339; empty texts where no traffic is meant."""
TIMELESS: Span = ("", "")


@dataclass(frozen=True, slots=True)
class Found:
    """What inventories and logs say of an end."""

    nodes: tuple[str, ...] = ()
    """Workloads that it is; empty when nothing is said."""
    why_not: str = ""
    """Why it is not established although the address is known to have had holders: then no lower rank may decide."""
    evidence: tuple[Evidence, ...] = ()
    says: str = ""
    """What is said, for a conflict: ``the inventory gives it to pod coder/ws-1``."""
    conflict: str = ""
    """Why what is said contradicts itself."""


NOTHING = Found()


class Holders:
    """Holders by address and by name."""

    def __init__(self, tenures: Iterable[Tenure], inventory: Inventory, names: ManifestNames) -> None:
        """Index the tenures, and which workloads of the manifest their holders are."""
        self._names = names
        self._tenures: dict[str, list[Tenure]] = {}
        self._known: dict[str, Holder] = {}
        self._workspaces = _workspaces(inventory.components.values())
        for tenure in tenures:
            self._tenures.setdefault(tenure.address, []).append(tenure)
            self._known[f"{tenure.holder.kind}:{tenure.holder.reference}"] = tenure.holder

    def changes_hands(self, address: str) -> bool:
        """Return whether the holders that are known of an address are, or may be, different workloads."""
        return len({self._nodes(tenure.holder) or (tenure.holder.title,) for tenure in self._tenures.get(address, ())}) > 1

    def find(self, address: str, logged_as: str, span: Span, stated: tuple[str, ...]) -> Found:
        """Return who an end is: by an inventory, else by the manifest; the word of a log must not speak against either.

        Args:
            address: canonical text, empty where it is not known.
            logged_as: who a log says it is.
            span: first and last time of the traffic.
            stated: the workloads to whose networks the address belongs.
        """
        held, told = self.at(address, span), self.logged(logged_as)
        known = held if held.nodes or held.why_not else Found(stated, says=f"the manifest gives {address} to {', '.join(stated)}")
        if not told.nodes or set(told.nodes) == set(known.nodes):
            return known
        if not known.nodes:
            return told
        both = tuple(sorted({*told.nodes} & {*known.nodes}))
        if both:
            return Found(both, evidence=known.evidence)
        nodes = tuple(sorted({*told.nodes, *known.nodes}))
        return Found(nodes, evidence=known.evidence, conflict=f"{told.says}, and {known.says}")

    def at(self, address: str, span: Span) -> Found:
        """Return who held an address during all of ``span``.

        An address that only ever had one known holder stays open to lower ranks outside of its known times, one that
        changes hands does not: then whoever has it by the manifest need not have had it at that time.
        """
        known = self._tenures.get(address, ())
        if not known or instant(span[0]) is None or instant(span[1]) is None:
            return NOTHING
        whole, holders = held(known, span)
        if whole is None:
            return Found(why_not=open_time(address, known, holders)) if self.changes_hands(address) else NOTHING
        nodes = self._nodes(whole.holder)
        if nodes:
            return Found(nodes, evidence=(whole.evidence,), says=f"the inventory gives {address} to {whole.holder.title}")
        if self.changes_hands(address):
            return Found(why_not=f"{address} was {whole.holder.title} at that time, which no workload of the manifest is")
        return NOTHING

    def logged(self, logged_as: str) -> Found:
        """Return who a log says it is: ``kind:namespace/name``."""
        if not logged_as:
            return NOTHING
        kind, _, reference = logged_as.partition(":")
        nodes = self._nodes(self._known.get(logged_as) or Holder(kind, reference, tuple(_names_of(kind, reference))))
        if not nodes and kind == "workspace":
            nodes = self._workspaces
        return Found(nodes, says=f"the log names {kind} {reference}") if nodes else NOTHING

    def _nodes(self, holder: Holder) -> tuple[str, ...]:
        return self._names.any_of(holder.names)


def held(known: Sequence[Tenure], span: Span) -> tuple[Tenure | None, frozenset[str]]:
    """Return the tenure of whoever alone held an address during all of ``span``, and all who held it at some of that time."""
    first, last = instant(span[0]), instant(span[1])
    if first is None or last is None:
        return None, frozenset()
    touching = [tenure for tenure in known if tenure.since <= last and first <= tenure.until]
    whole = [tenure for tenure in touching if tenure.since <= first and last <= tenure.until]
    holders = frozenset(tenure.holder.title for tenure in touching)
    return (whole[0] if whole and len(holders) == 1 else None), holders


def open_time(address: str, known: Iterable[Tenure], holders: Iterable[str]) -> str:
    """Return why the time of a flow does not tell who held an address."""
    met = sorted(holders)
    if len(met) > 1:
        return f"{address} was {' and '.join(met)} in the time of the traffic"
    titles = sorted({tenure.holder.title for tenure in known})
    return f"{address} changes hands ({', '.join(titles)}), and no inventory shows who held it at that time"


def _names_of(kind: str, reference: str) -> Iterable[str]:
    """Return the host names of something that only a log names."""
    namespace, _, name = reference.rpartition("/")
    if kind == "task":  # cluster/service/task: what a manifest can name is the service
        cluster, _, service = namespace.partition("/")
        return (service, f"{service}.{cluster}") if service else ()
    if kind == "workload" and namespace:
        return (f"{name}.{namespace}.pod", f"{name}.{namespace}.pod.cluster.local")
    if kind in ("pod", "service") and namespace:
        below = f"{name}.{namespace}.{'svc' if kind == 'service' else 'pod'}"
        return (below, f"{below}.cluster.local")
    return (name,) if kind in ("instance", "service", "workload", "workspace") and " " not in name else ()


def _workspaces(components: Iterable[Component]) -> tuple[str, ...]:
    """Return the workload of Coder's workspaces where there is one alone: its audit lines name workspaces of its own."""
    found = {c.workload for c in components if c.role is Role.WORKSPACE and c.product == "coder" and c.workload}
    return tuple(found) if len(found) == 1 else ()
