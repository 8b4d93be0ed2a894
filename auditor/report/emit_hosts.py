"""Egress for machines: an nftables ruleset for the router, and a squid configuration for a forward proxy.

Sources: nft(8) of nftables; squid.conf.documented of Squid 5. Only addresses, ports and host names that were parsed enter
a line; everything else is a comment that ends with its line.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator

from auditor.facts.hardening import EgressRule, Hardening
from auditor.facts.hosts import normalise_host
from auditor.facts.vocabulary import Transport
from auditor.report.emit_kubernetes import head_lines
from auditor.report.escape import yaml_comment

_PORTED = {Transport.TCP: "tcp", Transport.UDP: "udp", Transport.SCTP: "sctp"}
_ICMP = {Transport.ICMP: "icmp", Transport.ICMPV6: "ipv6-icmp"}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\Z")
_TABLE = "table inet auditor_egress"
_DIGITS = 8
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
        lines.append(f"    # {_words(rule)}")
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
    """Return a squid.conf: who inside may ask for which host and port, and nobody anything else."""
    lines = [*head_lines(hardening), "http_port 3128", "acl CONNECT method CONNECT"]
    networks = {w.id: w.networks for w in hardening.workloads}
    rules = [r for r in hardening.rules if r.outside or r.hosts]
    for rule in rules:
        source, hosts = networks.get(rule.source, ()), [h for h in rule.hosts if _host(h)]
        lines.append(f"# {_words(rule)}")
        if rule.transport is not Transport.TCP or not hosts or not source:
            lines.append("# not said here: a proxy passes TCP to a named host, from a known address")
            continue
        name = _identifier(rule)
        lines += [f"acl src_{name} src {' '.join(_parsed(source))}", f"acl dst_{name} dstdomain {' '.join(hosts)}"]
        port = f" port_{name}" if rule.port else ""
        lines += [f"acl port_{name} port {rule.port}"] if rule.port else []
        connect = " CONNECT" if rule.port == _HTTPS else ""
        lines.append(f"http_access allow src_{name} dst_{name}{port}{connect}")
    return "\n".join([*lines, "http_access deny all", "cache deny all"]) + "\n"


def _nft(rule: EgressRule, sources: Iterable[str]) -> Iterator[str]:
    service = _service(rule)
    if not service:
        yield "# not said here: the protocol is not known"
        return
    said = False
    for family, name in ((4, "ip"), (6, "ip6")):
        source, target = _of_family(sources, family), _of_family(rule.networks, family)
        if source and target:
            said = True
            yield f"{name} saddr {_set(source)} {name} daddr {_set(target)} {service} accept"
    if not said:
        yield "# not said here: an address of one end is not known; add it, or let a proxy decide by name"


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


def _host(name: str) -> bool:
    return _HOST.match(normalise_host(name)) is not None and name == normalise_host(name)


def _identifier(rule: EgressRule) -> str:
    key = repr((rule.source, rule.hosts, rule.port, rule.transport.value))
    return hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]


def _words(rule: EgressRule) -> str:
    what = f"{rule.source} to {rule.destination} ({rule.transport.value} {rule.port or 'any port'}): {', '.join(rule.purposes)}"
    return yaml_comment(what)
