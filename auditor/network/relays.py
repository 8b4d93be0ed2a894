"""Proxies that variables name, joined with the rules that they have: what a workload reaches by way of them (facts H5, H6, P20).

That a program heeds the variable is never taken for given; that it may is enough to reach what the proxy relays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import Range, parse_block
from auditor.network.answering import ANYWHERE, Answers
from auditor.network.connections import ALL_PORTS, Connections, connections
from auditor.network.ends import Named, Neighbour, Target
from auditor.network.layers import Governed
from auditor.network.names import address_targets, service_targets
from auditor.network.proxy_variables import ProxyVariables
from auditor.network.sources import Source
from auditor.network.spans import Spans
from auditor.network.squid import SquidRules
from auditor.network.through import ways_out

_WEB = 80
"""The port of a proxy whose address has none, as curl and most programs take it for ``http://``."""


@dataclass(frozen=True, slots=True)
class Relay:
    """One proxy that a variable of a workload names."""

    where: str
    """Host and port as the variable has them."""
    text: str
    location: FileLocation
    rules: Governed | None
    """The one configuration among the inputs that listens at its port; ``None`` where there is none or more than one."""

    def way(self) -> Connections:
        """Return the connection to the proxy itself."""
        _, port = _parted(self.where)
        return connections("TCP", Spans(((port, port),)) & ALL_PORTS)


def relays(answers: Answers, source: Source) -> Iterator[Relay]:
    """Yield the proxies that variables of a workload name."""
    for layer in source.layers:
        if isinstance(layer, ProxyVariables):
            for where in layer.via:
                yield Relay(where, layer.text, layer.location, _rules(answers.governed, where))


def open_relays(answers: Answers, source: Source, inside: Sequence[Range] = (), but: Collection[str] = ()) -> Iterator[str]:
    """Yield in words the proxies by which a workload may reach addresses outside.

    Args:
        answers: the network.
        source: the workload.
        inside: ranges that do not count as outside.
        but: hosts of proxies that do not count.
    """
    for relay in relays(answers, source):
        reached = answers.permission((source,), proxy_targets(answers, relay.where), relay.way())
        if _parted(relay.where)[0] in but or reached.permitted is Truth.NO:
            continue
        if relay.rules is None:
            yield f"{relay.where} ({relay.text}), whose rules are not among the inputs"
        elif next(ways_out(answers, Source.governed(relay.rules), inside), None) is not None:
            yield f"{relay.where} ({relay.text}), as {relay.rules.subject.id} has its rules"


def proxy_targets(answers: Answers, where: str) -> tuple[Target, ...]:
    """Return what the address of a proxy may be, to be asked for like any destination."""
    host, _ = _parted(where)
    block = parse_block(host)
    if block is not None:
        return address_targets(block, answers.cluster) or (block,)
    subjects = tuple(Neighbour(g.subject.id) for g in answers.governed if host in g.subject.hosts)
    return service_targets(host, answers.cluster) or subjects or tuple(Named(host, place) for place in ANYWHERE)


def _rules(governed: Sequence[Governed], where: str) -> Governed | None:
    _, port = _parted(where)
    found = [g for g in governed if any(isinstance(layer, SquidRules) and port in layer.ports for layer in g.layers)]
    return found[0] if len(found) == 1 else None


def _parted(where: str) -> tuple[str, int]:
    """Return host and port of ``squid:3128``, ``[2001:db8::1]:3128`` or ``squid``."""
    if where.startswith("["):
        host, _, rest = where[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = where.rpartition(":") if where.count(":") == 1 else (where, "", "")
    return (host, int(port)) if port.isdecimal() else (where, _WEB)
