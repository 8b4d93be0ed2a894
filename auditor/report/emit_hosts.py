"""Egress for machines: an nftables ruleset for the router, and a squid configuration for a forward proxy.

Sources: nft(8) of nftables; squid.conf.documented of Squid 5. Only addresses, ports and host names that were parsed enter
a line; everything else is a comment that ends with its line.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence

from auditor.facts.hardening import EgressRule, Hardening
from auditor.facts.hosts import normalise_host
from auditor.facts.vocabulary import Transport
from auditor.report.emit_kubernetes import head_lines
from auditor.report.escape import yaml_comment

_PORTED = {Transport.TCP: "tcp", Transport.UDP: "udp", Transport.SCTP: "sctp"}
_FAMILY = {Transport.ICMP: "ip", Transport.ICMPV6: "ip6"}
_ICMP = {Transport.ICMP: "icmp", Transport.ICMPV6: "ipv6-icmp"}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\Z")
_TABLE = "table inet auditor_egress"
_HTTPS = 443


def render_nftables(hardening: Hardening) -> str:
    """Return a ruleset for ``nft -f``: what is forwarded from inside is dropped unless a rule lets it through."""
    lines = [
        *head_lines(hardening),
        "table inet auditor_egress",
        "delete table inet auditor_egress",
        "table inet auditor_egress {",
    ]
    lines += ["  chain forward {", "    type filter hook forward priority filter; policy accept;"]
    lines += ["    ct state established,related accept"]
    networks = {w.id: w.networks for w in hardening.workloads}
    for rule in hardening.rules:
        lines += [f"    {line}" for line in _nft(rule, networks.get(rule.source, ()))]
    every = [n for w in hardening.workloads for n in w.networks]
    for family, name in ((4, "ip"), (6, "ip6")):
        inside = _of_family(every, family)
        if inside:
            lines.append(f"    {name} saddr {_set(inside)} counter drop")
    lines += [
        f"    # no addresses: {yaml_comment(w.title)}; what it sends is not judged here"
        for w in hardening.workloads
        if not w.networks
    ]
    return "\n".join([*lines, "  }", "}"]) + "\n"


def render_squid(hardening: Hardening) -> str:
    """Return a squid.conf: who inside may ask for which host and port, and nobody anything else.

    With ``-n`` an address is never taken for a name: whoever holds it says what a reverse look-up answers.
    """
    lines = [*head_lines(hardening), "http_port 3128", "acl CONNECT method CONNECT"]
    networks = {w.id: w.networks for w in hardening.workloads}
    for number, rule in enumerate(r for r in hardening.rules if r.outside or r.hosts):
        lines += _squid(rule, networks.get(rule.source, ()), number)
    return "\n".join([*lines, "http_access deny all", "cache deny all"]) + "\n"


def _nft(rule: EgressRule, sources: Sequence[str]) -> Iterator[str]:
    service = _service(rule)
    pairs = [(name, _of_family(sources, family), _of_family(rule.networks, family)) for family, name in ((4, "ip"), (6, "ip6"))]
    said = [
        (name, source, target)
        for name, source, target in pairs
        if source and target and _FAMILY.get(rule.transport, name) == name
    ]
    if not sources:
        yield f"# not said here, and not held here, because no address of it is known: {_words(rule)}"
    elif not service:
        yield f"# not said here, and denied, because its protocol is not known: {_words(rule)}"
    elif not said:
        why = "no address of its destination is known; add it, or let a proxy decide by name"
        yield f"# not said here, and denied, because {why}: {_words(rule)}"
    else:
        yield f"# {_words(rule)}"
        yield from (f"{n} saddr {_set(source)} {n} daddr {_set(target)} {service} accept" for n, source, target in said)


def _squid(rule: EgressRule, sources: Sequence[str], number: int) -> Iterator[str]:
    hosts = [h for h in rule.hosts if sayable_host(h)]
    if rule.transport is not Transport.TCP or not hosts or not sources:
        yield f"# not said here, and denied, because a proxy passes TCP from a known address to a named host: {_words(rule)}"
        return
    yield f"# {_words(rule)}"
    for name in rule.hosts:
        if name not in hosts:
            yield f"# not said here, and denied, because {yaml_comment(name)} is no host name: {_words(rule)}"
    yield f"acl src_{number} src {' '.join(_parsed(sources))}"
    yield f"acl dst_{number} dstdomain -n {' '.join(hosts)}"
    if rule.port:
        yield f"acl port_{number} port {rule.port}"
    port, connect = f" port_{number}" if rule.port else "", " CONNECT" if rule.port == _HTTPS else ""
    yield f"http_access allow src_{number} dst_{number}{port}{connect}"


def _service(rule: EgressRule) -> str:
    if rule.transport in _PORTED:
        protocol = _PORTED[rule.transport]
        return f"{protocol} dport {rule.port}" if rule.port else f"meta l4proto {protocol}"
    return f"meta l4proto {_ICMP[rule.transport]}" if rule.transport in _ICMP else ""


def _of_family(networks: Iterable[str], family: int) -> list[str]:
    return [n for n in _parsed(networks) if ipaddress.ip_network(n).version == family]


def _parsed(networks: Iterable[str]) -> list[str]:
    """Return the networks in canonical form, each once, none within another, sorted."""
    parsed = sorted({ipaddress.ip_network(n, strict=False) for n in networks}, key=lambda n: (n.version, n))
    kept: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for network in parsed:
        if not any(network.version == k.version and _within(network, k) for k in kept):
            kept.append(network)
    return [str(n) for n in kept]


def _within(inner: ipaddress.IPv4Network | ipaddress.IPv6Network, outer: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return inner.network_address in outer and inner.broadcast_address in outer


def _set(networks: list[str]) -> str:
    return f"{{ {', '.join(networks)} }}"


def sayable_host(name: str) -> bool:
    """Return whether ``name`` can stand in a rule as it is."""
    return _HOST.match(normalise_host(name)) is not None and name == normalise_host(name)


def _words(rule: EgressRule) -> str:
    what = f"{rule.source} to {rule.destination} ({rule.transport.value} {rule.port or 'any port'}): {', '.join(rule.purposes)}"
    return yaml_comment(what)
