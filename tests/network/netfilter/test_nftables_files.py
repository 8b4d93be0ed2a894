"""Definitions and included files of nftables, and files that scripts load: what is not among the inputs denies nothing."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, read_governed
from tests.network.bench import tcp
from tests.network.rule_sets import documents, governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
NEAR, FAR = "192.0.2.9", "198.51.100.7"


def chain(*rules: str, before: str = "") -> str:
    lines = "\n".join(("type filter hook output priority filter; policy drop;", *rules))
    return f"{before}\ntable inet t {{\nchain out {{\n{lines}\n}}\n}}\n"


def _with_set(listed: str) -> str:
    rules = "type filter hook output priority 0; policy drop\nip daddr @s accept"
    return f"table inet t {{\n{listed}\nchain o {{\n{rules}\n}}\n}}\n"


def test_definitions_are_put_in_where_they_are_used() -> None:
    before = 'define near = 192.0.2.0/24\ndefine all = { $near, 203.0.113.1 }\ndefine web = 443\ndefine lo = "lo"'
    found = governed("host", a__nft=chain("ip daddr $all tcp dport { 80, $web } accept", before=before))
    assert [reaches(found, a, c) for a, c in ((NEAR, tcp(443)), ("203.0.113.1", tcp(80)), (FAR, tcp(443)))] == [YES, YES, NO]
    again = f"{before}\nredefine near = 198.51.100.0/24"
    found = governed("host", a__nft=chain("ip daddr $near accept", before=again))
    assert [reaches(found, a, ALL) for a in (NEAR, FAR)] == [NO, YES]
    ranged = governed("host", a__nft=chain("ip daddr $a-$b accept", before="define a = 192.0.2.1\ndefine b = 192.0.2.9"))
    assert [reaches(ranged, a, ALL) for a in (NEAR, "192.0.2.10")] == [YES, NO]
    listed = "set s {\ntype ipv4_addr; flags interval\nelements = $all\n}"
    own = f"{before}\n{_with_set(listed)}"
    assert [reaches(governed("host", a__nft=own), a, ALL) for a in (NEAR, FAR)] == [YES, NO]


def test_a_variable_that_is_not_defined_here_is_unknown() -> None:
    assert reaches(governed("host", a__nft=chain("ip daddr $where accept")), FAR, ALL) is UNKNOWN
    listed = "set s {\ntype ipv4_addr\nelements = $where\n}"
    assert reaches(governed("host", a__nft=_with_set(listed)), FAR, ALL) is UNKNOWN


def test_included_files_are_put_in_and_keep_their_places() -> None:
    files = {
        "edge/nftables.conf": chain("ip daddr $near accept", 'include "/etc/nftables.d/more.nft"', before='include "defs.nft"'),
        "edge/defs.nft": "define near = 192.0.2.0/24\n",
        "edge/nftables.d/more.nft": "# one rule\nip daddr 198.51.100.7 tcp dport 443 accept\n",
    }
    (host,) = [g for g in read_governed(documents(files)) if g.subject.id.endswith("host")]
    assert [reaches(host, a, c) for a, c in ((NEAR, ALL), (FAR, tcp(443)), (FAR, tcp(80)))] == [YES, YES, NO]
    (step,) = [s for s in outcome(host, FAR).decision.steps if s.allows is YES]
    assert step.location is not None
    assert (step.location.path, step.location.line) == ("edge/nftables.d/more.nft", 2)


def test_a_folder_of_files_is_included_in_their_order() -> None:
    files = {
        "a.nft": 'include "/etc/nftables.d/*.nft"\n',
        "nftables.d/10.nft": chain("ip daddr 192.0.2.0/24 accept"),
        "nftables.d/20.nft": "add rule inet t out ip daddr 198.51.100.7 accept\n",
    }
    (host,) = [g for g in read_governed(documents(files)) if g.subject.id == "host"]
    assert [reaches(host, a, ALL) for a in (NEAR, FAR, "203.0.113.1")] == [YES, YES, NO]


@pytest.mark.parametrize("inside", [True, False])
def test_a_file_that_is_not_among_the_inputs_is_named_and_leaves_all_open(inside: bool) -> None:
    line = 'include "/etc/nftables.d/allow.nft"'
    text = chain(line) if inside else chain(before=line)
    found = governed("host", a__nft=text)
    assert reaches(found, FAR, ALL) is UNKNOWN
    assert any("/etc/nftables.d/allow.nft" in reason and "not among the inputs" in reason for reason in reasons(found, FAR))


def test_files_that_include_each_other_end() -> None:
    files = {"a.nft": 'include "b.nft"\n' + chain(), "b.nft": 'include "a.nft"\n'}
    assert all(reaches(g, FAR, ALL) is UNKNOWN for g in read_governed(documents(files)))


SAVED = "*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -d 192.0.2.0/24 -j ACCEPT\nCOMMIT\n"


@pytest.mark.parametrize("line", ["iptables-restore < /etc/iptables/rules.v4", "iptables-restore /etc/iptables/rules.v4"])
def test_a_script_loads_a_saved_file_and_goes_on(line: str) -> None:
    script = f"#!/bin/sh\n{line}\niptables -A OUTPUT -d 198.51.100.7 -p tcp --dport 443 -j ACCEPT\n"
    files = {"set.sh": script, "iptables/rules.v4": SAVED}
    (host,) = [g for g in read_governed(documents(files)) if g.subject.id.endswith("host")]
    assert [reaches(host, a, c) for a, c in ((NEAR, ALL), (FAR, tcp(443)), (FAR, tcp(80)))] == [YES, YES, NO]


def test_a_script_loads_a_file_of_nftables() -> None:
    rules = chain("ip daddr $n accept", before="define n = 192.0.2.9")
    files = {"set.sh": "#!/bin/sh\nnft -f /etc/nft/rules.nft\n", "nft/rules.nft": rules}
    (host,) = [g for g in read_governed(documents(files)) if g.subject.id.endswith("host")]
    assert [reaches(host, a, ALL) for a in (NEAR, FAR)] == [YES, NO]


def test_a_file_that_a_script_loads_and_that_was_not_supplied_leaves_it_open() -> None:
    for line in ("iptables-restore < /etc/iptables/rules.v4", "nft -f /etc/nft/rules.nft"):
        assert reaches(governed("host", set__sh=f"#!/bin/sh\n{line}\n"), FAR, ALL) is UNKNOWN
