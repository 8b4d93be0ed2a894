"""Rule sets of nftables in text."""

from __future__ import annotations

import pytest

from auditor.documents.nftables_reader import parse_nftables
from auditor.documents.source import FaultError
from auditor.documents.tree import Node, NodeKind

TEXT = """\
#!/usr/sbin/nft -f
table inet t { # of the host
  set s { type ipv4_addr; elements = { 192.0.2.1,
      192.0.2.4/30 } }
  chain out {
    type filter hook output priority 0; policy drop;
    ct state { established, related } accept; tcp dport vmap { 22 : accept, 23 : drop } # ssh
    ip daddr . tcp dport { 192.0.2.1 . 443 } \\
      log prefix "a; {b}" accept
    ip saddr 10.0.0.1 # match string
  }
}
"""
Shown = str | list["Shown"]


def _shown(node: Node) -> Shown:
    return node.text if node.kind is NodeKind.SCALAR else [_shown(item) for item in node.items]


def test_blocks_are_statements_and_other_braces_are_sets() -> None:
    (parsed,) = parse_nftables(TEXT)
    assert _shown(parsed.root) == [
        [
            "table",
            "inet",
            "t",
            [
                ["set", "s", [["type", "ipv4_addr"], ["elements", "=", [["192.0.2.1"], ["192.0.2.4/30"]]]]],
                [
                    "chain",
                    "out",
                    [
                        ["type", "filter", "hook", "output", "priority", "0"],
                        ["policy", "drop"],
                        ["ct", "state", [["established"], ["related"]], "accept"],
                        ["tcp", "dport", "vmap", [["22", ":", "accept"], ["23", ":", "drop"]]],
                        ["ip", "daddr", ".", "tcp", "dport", [["192.0.2.1", ".", "443"]], "log", "prefix", "a; {b}", "accept"],
                        ["ip", "saddr", "10.0.0.1", "# match string"],
                    ],
                ],
            ],
        ]
    ]
    rule = parsed.root.items[0].items[3].items[1].items[2].items[4]
    assert (rule.line, rule.column, rule.items[5].line) == (8, 5, 8)


@pytest.mark.parametrize(
    "text", ["table ip t {", "table ip t { }\n}", "table ip t { set s { elements = { 1", 'log prefix "a', "a {" * 200]
)
def test_what_is_not_closed_is_a_fault(text: str) -> None:
    with pytest.raises(FaultError):
        parse_nftables(text)
