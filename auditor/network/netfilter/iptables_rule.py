"""One rule of iptables: its options into conditions, its target into a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from auditor.documents import Document, Node, NodeKind
from auditor.network.connections import ALL_PORTS, connections
from auditor.network.netfilter.conditions import Both, Condition, Not, Perhaps, Traffic
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.rewriting import Rewriting, redirected_to, rewritten_to
from auditor.network.netfilter.terms import ANYTHING, Element, Vocabulary, tcp_flags

_ENDS = {"ACCEPT": Verdict.ACCEPT, "DROP": Verdict.DROP, "REJECT": Verdict.DROP, "RETURN": Verdict.RETURN}
_GOES_ON = frozenset(
    {"LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "CONNSECMARK", "SECMARK", "TOS", "DSCP", "TTL", "HL", "TCPMSS", "CHECKSUM"}
    | {"CLASSIFY", "AUDIT", "TRACE", "SET", "CT", "NOTRACK", "SNAT", "MASQUERADE", "RATEEST", "LED", "IDLETIMER"}
)
"""Targets after which the next rule is asked, or which change only where a packet seems to come from."""
_PLAIN = frozenset(
    {"tcp", "udp", "sctp", "icmp", "icmp6", "icmpv6", "comment", "conntrack", "state", "multiport", "set", "addrtype", "iprange"}
)
"""Matches that ask for nothing but what their options say."""
_OF_TARGETS = frozenset({"--reject-with", "--log-prefix", "--log-level", "--log-uid", "--log-tcp-options", "--log-ip-options"})
"""Options that change what a target says or writes down, not whom a rule takes."""
_OF_REWRITING = frozenset({"--to-destination", "--to-ports", "--random", "--persistent"})
_VALUES = {"--match-set": 2, "--tcp-flags": 2, "--syn": 0}
"""How many values an option takes, where it is not one."""
_ATTACHED = re.compile(r"(--[a-z0-9-]+)=(.+)|(-[AdgijmopstI])([^-].*)", re.DOTALL)
_PORTS = {
    "--dport": "dport",
    "--destination-port": "dport",
    "--sport": "sport",
    "--source-port": "sport",
    "--dports": "dport",
    "--destination-ports": "dport",
    "--sports": "sport",
    "--source-ports": "sport",
}


@dataclass(slots=True)
class _Rule:
    """A rule under way."""

    family: int
    protocol: str = ""
    parts: list[Condition] = field(default_factory=list)
    verdict: Verdict = Verdict.CONTINUE
    target: str = ""
    jumps: bool = False
    to: Rewriting | None = None
    unread: str = ""
    """The first option that is not understood: it may well be the target."""


@dataclass(frozen=True, slots=True)
class RuleReader:
    """Reads the rules of one table."""

    document: Document
    family: int
    vocabulary: Vocabulary
    chains: frozenset[str]

    def read(self, words: Sequence[Node], line: Node) -> tuple[str, FilterRule]:
        """Return the chain and the rule; a command that is not ``-A`` counts, unread, in every chain (an empty name)."""
        shown = " ".join(word.text for word in words)
        words = tuple(_parted(words))
        texts = [word.text for word in words]
        place = self.document.locate(line)
        if texts[0] not in ("-A", "--append") or len(texts) < 2:  # noqa: PLR2004 -- the flag and its chain
            return "", FilterRule(ANYTHING, Verdict.UNREAD, f"the command {texts[0]}", shown, place)
        rule = _Rule(self.family)
        at = 2
        while at < len(texts):
            negated = texts[at] == "!"
            at += negated
            end = next((n for n in range(at + 1, len(texts)) if texts[n] == "!" or _is_option(words[n])), len(texts))
            self._option(rule, words[at:end], negated=negated)
            at = end
        if rule.unread and not rule.jumps:
            rule.verdict, rule.target = Verdict.UNREAD, f"what {rule.unread} does"
        if rule.verdict is Verdict.REWRITE and rule.to is None:
            rule.verdict = Verdict.UNREAD
        return texts[1], FilterRule(Both(tuple(rule.parts)), rule.verdict, rule.target, shown, place, rule.to)

    def _option(self, rule: _Rule, option: Sequence[Node], *, negated: bool) -> None:
        name, values = (option[0].text, [word.text for word in option[1:]]) if option else ("", [])
        shown = " ".join((*(["!"] if negated else []), name, *values))
        if name in ("-j", "--jump", "-g", "--goto"):
            self._target(rule, values[0] if values else "", goto=name in ("-g", "--goto"))
        elif rule.verdict is Verdict.REWRITE and name in _OF_REWRITING:
            rule.to = self._rewriting(rule, option, negated=negated)
        elif any(word.kind is NodeKind.NULL for word in option):
            rule.parts.append(Perhaps(shown))
        elif rule.jumps and name in _OF_TARGETS:
            return
        elif len(values) > _VALUES.get(name, 1):
            self._add(rule, (), (), shown, negated=negated)
        elif name in ("-p", "--protocol") and values:
            rule.protocol = "" if negated else values[0].lower()
            if values[0] not in ("all", "0"):
                self._add(rule, ("meta l4proto",), [(values[0],)], shown, negated=negated)
        elif name == "--comment" or (name in ("-m", "--match") and values and values[0] in _PLAIN):
            return
        elif name in ("--syn", "--tcp-flags"):
            self._flags(rule, values, negated=negated)
        else:
            keys, elements = self._asked(rule, name, values)
            self._add(rule, keys, elements, shown, negated=negated)

    def _rewriting(self, rule: _Rule, option: Sequence[Node], *, negated: bool) -> Rewriting | None:
        """Return where ``DNAT`` or ``REDIRECT`` leads; ``None``, not decided, for a value that is not known or given twice."""
        name, values = option[0].text, option[1:]
        if name in ("--random", "--persistent") and not values:
            return rule.to
        twice = rule.to is not None and rule.to != redirected_to("")
        if negated or twice or len(values) != 1 or any(word.kind is NodeKind.NULL for word in option):
            return None
        if name == "--to-ports" and rule.target.endswith("REDIRECT"):
            return redirected_to(values[0].text)
        return rewritten_to(values[0].text, self.family) if name == "--to-destination" else None

    def _add(self, rule: _Rule, keys: Sequence[str], elements: Sequence[Element], shown: str, *, negated: bool) -> None:
        if keys and elements:
            rule.parts.append(self.vocabulary.condition(keys, elements, shown, negated=negated))
        else:
            rule.unread = rule.unread or shown
            rule.parts.append(Perhaps(shown))

    def _asked(self, rule: _Rule, name: str, values: Sequence[str]) -> tuple[Sequence[str], Sequence[Element]]:
        """Return what an option asks for as keys and elements, no key where it is not read."""
        internet = "ip6" if self.family == 6 else "ip"  # noqa: PLR2004 -- IPv6
        value = values[0] if values else ""
        if name in _PORTS and rule.protocol:
            return (f"{rule.protocol} {_PORTS[name]}",), [(v.replace(":", "-"),) for v in value.split(",")]
        if name == "--match-set" and len(values) > 1:
            keys = {"dst": (f"{internet} daddr",), "dst,dst": (f"{internet} daddr", "port")}.get(values[1], ())
            return keys, [(f"@{value}",)]
        single = {
            "-d": f"{internet} daddr",
            "--destination": f"{internet} daddr",
            "--dst-range": f"{internet} daddr",
            "-s": f"{internet} saddr",
            "--source": f"{internet} saddr",
            "-o": "oifname",
            "--out-interface": "oifname",
            "--dst-type": "fib daddr type",
            "--ctdir": "ct direction",
            "--icmp-type": "icmp type",
            "--icmpv6-type": "icmpv6 type",
        }
        if name in single:
            return (single[name],), [(v.lower() if name == "--ctdir" else v,) for v in value.split(",")]
        if name in ("--ctstate", "--state"):
            return ("ct state",), [(v.lower(),) for v in value.split(",")]
        return (), ()

    def _flags(self, rule: _Rule, values: Sequence[str], *, negated: bool) -> None:
        mask, wanted = ("FIN,SYN,RST,ACK", "SYN") if len(values) < 2 else values[:2]  # noqa: PLR2004 -- mask and flags
        found = tcp_flags(mask.split(","), wanted.split(","))
        rule.parts += [Traffic(connections("TCP", ALL_PORTS)), Not(found) if negated else found]

    def _target(self, rule: _Rule, name: str, *, goto: bool) -> None:
        rule.jumps = True
        if name in self.chains:
            rule.verdict, rule.target = (Verdict.GOTO if goto else Verdict.JUMP), name
        elif name in _ENDS:
            rule.verdict = _ENDS[name]
        elif name in ("DNAT", "REDIRECT"):
            rule.verdict, rule.target = Verdict.REWRITE, f"the target {name}"
            rule.to = redirected_to("") if name == "REDIRECT" else None
        elif name not in _GOES_ON:
            rule.verdict, rule.target = Verdict.UNREAD, f"the target {name}"


def _parted(words: Sequence[Node]) -> Iterator[Node]:
    """Yield the words with values apart that are written onto their option: ``--jump=DROP``, ``-jDROP`` (getopt_long(3))."""
    for word in words:
        attached = None if word.quoted or word.kind is NodeKind.NULL else _ATTACHED.fullmatch(word.text)
        if attached is None:
            yield word
        else:
            yield replace(word, text=attached[1] or attached[3])
            yield replace(word, text=attached[2] or attached[4], quoted=True)


def _is_option(word: Node) -> bool:
    return not word.quoted and word.text.startswith("-") and len(word.text) > 1 and not word.text[1].isdigit()
