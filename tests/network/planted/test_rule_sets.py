"""Rule sets of hosts are loaded into a namespace and probed with real packets: what was predicted is what happens.

Every probe is answered before a rule set is loaded, so that a predicted denial that is met is met by the rules.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auditor.documents import read_tree
from auditor.facts.truth import Truth
from auditor.network import ICMP, Connections, parse_block, read_governed, together
from tests.network.bench import tcp, udp
from tests.network.planted.conftest import ADDRESSES, Cable, Probe
from tests.network.planted.probes import TCP_PORTS, UDP_PORTS

pytestmark = pytest.mark.root

PROBES: list[Probe] = [
    *(("tcp", address, port) for address in ADDRESSES for port in TCP_PORTS),
    *(("udp", address, port) for address in ADDRESSES for port in UDP_PORTS),
    *(("dns", address, 53) for address in ADDRESSES),
    *(("icmp", address, 0) for address in ADDRESSES),
]

ONE_FAMILY = """\
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A OUTPUT -o lo -j ACCEPT
-A OUTPUT -p udp -m udp --dport 53 -j ACCEPT
-A OUTPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A OUTPUT -m set --match-set allowed dst -j ACCEPT
-A OUTPUT -j REJECT --reject-with icmp-admin-prohibited
COMMIT
"""
FOUR = """\
*filter
:OUTPUT DROP [0:0]
:public - [0:0]
:web - [0:0]
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A OUTPUT -d 192.0.2.10/32 -p tcp -m tcp --dport 443 -j DROP
-A OUTPUT -d 192.0.2.0/24 -j web
-A OUTPUT ! -d 192.0.2.0/24 -j public
-A OUTPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A public -p udp -m multiport --dports 123,5000 -j RETURN
-A public -p udp -m udp ! --dport 443 -j ACCEPT
-A public -p tcp -m tcp --dport 80:443 -g web
-A public -p tcp -m tcp --dport 8443 -j ACCEPT
-A web -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT
-A web -p tcp -m multiport --dports 22,80 -j ACCEPT
COMMIT
"""
SIX = """\
*filter
:OUTPUT DROP [0:0]
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A OUTPUT -d 2001:db8:9::/48 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT
-A OUTPUT -m iprange --dst-range 2001:db8:2::10-2001:db8:2::20 -p udp -j ACCEPT
-A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT
COMMIT
"""
NFTABLES = """\
table inet filter {
	set allowed {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.64-192.0.2.127, 198.51.100.0/24 }
	}
	set services {
		type ipv4_addr . inet_service
		elements = { 192.0.2.10 . 80, 192.0.2.10 . 8443 }
	}
	chain more {
		ip6 daddr 2001:db8:9::7 udp dport 5000 return
		udp dport vmap { 53 : accept, 123 : drop }
		ip6 nexthdr udp accept
	}
	chain out {
		type filter hook output priority filter; policy drop;
		ct state established,related accept
		ct state vmap { invalid : drop, established : accept }
		oifname "lo" accept
		ip daddr @allowed tcp dport { 22, 80-443 } tcp dport != 53 counter accept
		ip daddr . tcp dport @services accept
		meta nfproto ipv6 tcp dport > 442 accept
		meta l4proto udp jump more
		icmp type echo-request ip daddr != 192.0.2.10 accept
		icmpv6 type { echo-request, nd-neighbor-solicit } accept
		reject with icmpx admin-prohibited
	}
	chain later {
		type filter hook output priority 10; policy accept;
		ip daddr 192.0.2.77 tcp dport 22 drop
		tcp flags syn / fin,syn,rst,ack tcp dport 8443 ip6 daddr 2001:db8:2::/64 drop
	}
}
table ip raw {
	chain out {
		type filter hook output priority raw;
		ip daddr 198.51.100.7 tcp dport 443 drop
	}
}
"""
SCRIPT = """\
#!/bin/sh
set -e
NEAR="192.0.2.0/24"
allow() {
  for port in $2; do
    "$1" -A OUTPUT -d "$3" -p tcp --dport "$port" -j ACCEPT
  done
}
for tool in iptables ip6tables; do
  $tool -F
  $tool -X
  $tool -P OUTPUT DROP
  $tool -A OUTPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
done
iptables -N web 2>/dev/null || iptables -F web
ipset create far hash:net -exist
ipset add far 198.51.100.0/24
allow iptables "22 80" "$NEAR"
allow ip6tables 443 2001:db8:9::7
iptables -A OUTPUT -m set --match-set far dst -j web
iptables -A web -p udp --dport 53 -j RETURN
iptables -A web -p udp -j ACCEPT
iptables -A OUTPUT -j ACCEPT
iptables -D OUTPUT -j ACCEPT
iptables -I OUTPUT 2 -d 192.0.2.77 -p tcp --dport 22 -j REJECT
iptables -A OUTPUT -p icmp -j ACCEPT
if [ "$(id -u)" != 0 ]; then iptables -P OUTPUT ACCEPT; fi
echo done
"""
RESTORING = """\
#!/bin/bash
iptables-restore <<'EOF'
*filter
:OUTPUT DROP [0:0]
-A OUTPUT -d 192.0.2.10/32 -p tcp -m tcp --dport 80:443 -j ACCEPT
COMMIT
EOF
nft -f - <<'EOF'
table ip6 t {
  chain o {
    type filter hook output priority 0; policy drop;
    icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept
    udp dport 53 ip6 daddr 2001:db8:2::/64 accept
  }
}
EOF
nft insert rule ip6 t o ip6 daddr 2001:db8:2::77 drop
"""
Loader = Callable[[Cable, Path], None]


def _script(cable: Cable, folder: Path) -> None:
    cable.within("sh", "-c", SCRIPT)
    (folder / "firewall.sh").write_text(SCRIPT, encoding="utf-8")


def _restoring(cable: Cable, folder: Path) -> None:
    cable.within("bash", "-c", RESTORING)
    (folder / "firewall.sh").write_text(RESTORING, encoding="utf-8")


def _one_family(cable: Cable, folder: Path) -> None:
    """Load what a start script of a developer container sets: IPv4 alone, names resolved once into a set."""
    cable.within("ipset", "create", "allowed", "hash:net")
    cable.within("ipset", "add", "allowed", "198.51.100.0/24")
    cable.within("iptables-restore", given=ONE_FAMILY)
    (folder / "sets").write_text(cable.within("ipset", "save"), encoding="utf-8")
    (folder / "rules.v4").write_text(cable.within("iptables-save"), encoding="utf-8")


def _both_families(cable: Cable, folder: Path) -> None:
    cable.within("iptables-restore", given=FOUR)
    cable.within("ip6tables-restore", given=SIX)
    (folder / "rules.v4").write_text(cable.within("iptables-save"), encoding="utf-8")
    (folder / "rules.v6").write_text(cable.within("ip6tables-save"), encoding="utf-8")


def _as_translated(cable: Cable, folder: Path) -> None:
    """Load rules of iptables and read them as nft lists them."""
    cable.within("iptables-restore", given=FOUR)
    cable.within("ip6tables-restore", given=SIX)
    (folder / "rules.nft").write_text(cable.within("nft", "list", "ruleset"), encoding="utf-8")


def _text(cable: Cable, folder: Path) -> None:
    cable.within("nft", "-f", "-", given=NFTABLES)
    (folder / "rules.nft").write_text(cable.within("nft", "list", "ruleset"), encoding="utf-8")


def _as_written(cable: Cable, folder: Path) -> None:
    cable.within("nft", "-f", "-", given=NFTABLES)
    (folder / "rules.nft").write_text(NFTABLES, encoding="utf-8")


def _json(cable: Cable, folder: Path) -> None:
    cable.within("nft", "-f", "-", given=NFTABLES)
    (folder / "rules.json").write_text(cable.within("nft", "-j", "list", "ruleset"), encoding="utf-8")


@pytest.fixture
def empty(cable: Cable) -> Iterator[Cable]:
    """Yield the namespaces without any rule, and leave none behind."""
    cable.clear()
    yield cable
    cable.clear()


def predicted(folder: Path, probes: list[Probe]) -> list[Truth]:
    """Return what the files in ``folder`` say of each probe from the host itself."""
    read = read_tree(folder, folder)
    assert read.not_examined == ()
    (host,) = [g for g in read_governed(read.documents) if g.subject.id == "host"]
    found = []
    for protocol, address, port in probes:
        place = parse_block(address)
        assert place is not None
        found.append(together(host.layers, place).decision.answer(_asked(protocol, port, six=":" in address)))
    return found


def _asked(protocol: str, port: int, *, six: bool) -> Connections:
    if protocol == "icmp":
        echo = 128 if six else 8
        return ICMP & Connections(icmp=tcp(echo).tcp)
    return tcp(port) if protocol == "tcp" else udp(port)


def _unanswered(cable: Cable) -> list[Probe]:
    """Return the probes that nothing answers before any rule is loaded."""
    return [p for p, answered in zip(PROBES, cable.probe(PROBES, [True] * len(PROBES)), strict=True) if not answered]


@pytest.mark.parametrize("load", [_one_family, _both_families, _as_translated, _text, _as_written, _json, _script, _restoring])
def test_predicted_equals_probed(load: Loader, empty: Cable, tmp_path: Path) -> None:
    assert _unanswered(empty) == []
    load(empty, tmp_path)
    told = predicted(tmp_path, PROBES)
    assert Truth.UNKNOWN not in told
    assert {Truth.YES, Truth.NO} == set(told)
    seen = [Truth.of(answered) for answered in empty.probe(PROBES, [t is Truth.YES for t in told])]
    assert [(p, t.value, s.value) for p, t, s in zip(PROBES, told, seen, strict=True) if t is not s] == []


REWRITING = """\
table ip early {
	chain o {
		type filter hook output priority -150; policy accept;
		ip daddr 198.51.100.7 drop
	}
}
table ip change {
	chain o {
		type nat hook output priority -100; policy accept;
		ip daddr 203.0.113.9 dnat to 198.51.100.7
	}
}
"""


def test_a_denial_that_a_changed_destination_goes_round_is_none(empty: Cable, tmp_path: Path) -> None:
    probes: list[Probe] = [("tcp", "198.51.100.7", 443), ("tcp", "203.0.113.9", 443)]
    assert empty.probe(probes[:1], [True]) == [True]
    empty.within("nft", "-f", "-", given=REWRITING)
    (tmp_path / "rules.nft").write_text(REWRITING, encoding="utf-8")
    # What answers under the second address is the host at the first: packets reach it, though a rule drops what is sent to it.
    assert empty.probe(probes, [False, True]) == [False, True]
    assert predicted(tmp_path, probes) == [Truth.UNKNOWN, Truth.YES]


_MATCHES = (
    *("ip daddr 192.0.2.0/24", "ip daddr { 192.0.2.10, 198.51.100.7 }", "ip daddr != 192.0.2.77", "ip6 daddr 2001:db8:2::/64"),
    *(
        "ip6 daddr != 2001:db8:9::7",
        "tcp dport { 22, 443 }",
        "tcp dport 80-8443",
        "tcp dport != 53",
        "udp dport 53",
        "udp dport != 443",
    ),
    *(
        "meta l4proto tcp",
        "meta l4proto { udp, icmp }",
        "meta nfproto ipv6",
        "icmp type echo-request",
        "icmpv6 type echo-request",
    ),
    *("ct state new", "ct state established", "tcp flags syn", "ip daddr . tcp dport { 192.0.2.10 . 443, 192.0.2.77 . 22 }", ""),
)


def _random_rule_set(seed: int) -> str:
    """Return a rule set that nobody thought out: chains that jump only to later ones, so that it always loads."""
    choose = random.Random(seed)  # noqa: S311 -- a repeatable choice, no secret
    chains = []
    for number in (2, 1):
        verdicts = ["accept", "drop", "return", *(["jump c2", "goto c2"] if number == 1 else [])]
        lines = [f"{choose.choice(_MATCHES)} {choose.choice(verdicts)}" for _ in range(4)]
        chains.append(f"chain c{number} {{\n" + "\n".join(lines) + "\n}")
    verdicts = ["accept", "drop", "jump c1", "goto c1", "continue", "jump c2"]
    for number in range(2):
        lines = [f"{choose.choice(_MATCHES)} {choose.choice(verdicts)}" for _ in range(6)]
        policy = choose.choice(["accept", "drop"])
        head = f"type filter hook output priority {number}; policy {policy};\nct state established,related accept"
        chains.append(f"chain o{number} {{\n{head}\n" + "\n".join(lines) + "\n}")
    return "table inet t {\n" + "\n".join(chains) + "\n}\n"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_rule_sets_that_nobody_thought_out_do_as_predicted(seed: int, empty: Cable, tmp_path: Path) -> None:
    assert _unanswered(empty) == []
    text = _random_rule_set(seed)
    empty.within("nft", "-f", "-", given=text)
    (tmp_path / "rules.nft").write_text(text, encoding="utf-8")
    told = predicted(tmp_path, PROBES)
    seen = [Truth.of(answered) for answered in empty.probe(PROBES, [t is Truth.YES for t in told])]
    assert Truth.UNKNOWN not in told
    assert [(p, t.value, s.value) for p, t, s in zip(PROBES, told, seen, strict=True) if t is not s] == [], text
