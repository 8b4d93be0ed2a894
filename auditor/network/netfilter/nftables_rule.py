"""One rule of nftables as text: its words into parts. Source: nft(8)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditor.documents import Node, NodeKind
from auditor.network.netfilter.model import Verdict
from auditor.network.netfilter.parts import ELSEWHERE, VERDICTS, Asked, Ending, Flags, Mapped, Open, Part, plain_key
from auditor.network.netfilter.rewriting import Rewriting, redirected_to, rewritten_to
from auditor.network.netfilter.terms import Element

_TWO_WORDS = frozenset(
    {"ip", "ip6", "tcp", "udp", "sctp", "th", "icmp", "icmpv6", "meta", "ct", "ether", "arp", "dccp", "udplite", "ah", "esp"}
    | {"comp", "vlan", "rt", "ipsec", "socket", "igmp", "gre", "exthdr", "frag", "hbh", "dst", "mh", "osf"}
)
_ONE_WORD = frozenset(
    {"oif", "oifname", "iif", "iifname", "mark", "skuid", "skgid", "l4proto", "nfproto", "protocol", "pkttype", "cpu", "cgroup"}
    | {
        "random",
        "length",
        "priority",
        "iifgroup",
        "oifgroup",
        "oiftype",
        "iiftype",
        "time",
        "hour",
        "day",
        "rtclassid",
        "secpath",
    }
)
_CHANGED = frozenset({"set"})
_NEGATIONS = {"!=": True, "==": False}
_LIMIT = re.compile(r"(?:[kmg]?bytes|packets)(?:/\w+)?")
Maps = Mapping[str, tuple[tuple[Element | None, Ending], ...]]
"""Verdict maps by name."""


@dataclass(slots=True)
class RuleWords:
    """Reads one rule from left to right."""

    words: Sequence[Node]
    maps: Maps
    at: int = 0
    parts: list[Part] = field(default_factory=list)

    def read(self) -> list[Part]:
        """Return the parts; from a word that is not known on, only the verdict is read."""
        while self.at < len(self.words):
            if not self._statement() and not self._asked():
                self._give_up()
        return self.parts

    def _peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.words[place].text if place < len(self.words) and self.words[place].kind is NodeKind.SCALAR else ""

    def _statement(self) -> bool:
        word = self._peek()
        if word in VERDICTS or word in ("jump", "goto"):
            ending = verdict(word, self._peek(1))
            self.parts.append(ending)
            self.at = len(self.words)
        elif word in ELSEWHERE:
            shown, to = shown_words(self.words[self.at :]), self._rewriting()
            self.parts.append(Ending(Verdict.UNREAD, shown) if to is None else Ending(Verdict.REWRITE, shown, to))
            self.at = len(self.words)
        elif word in ("masquerade", "snat", "flow"):
            self.at = len(self.words)
        elif word == "counter":
            self.at += {"packets": 5, "name": 3}.get(self._peek(1), 1)
        elif word == "comment":
            self.at += 2
        elif word == "notrack":
            self.at += 1
        elif word == "log":
            self.at += 1
            while self._peek() in ("prefix", "level", "group", "snaplen", "queue-threshold", "flags"):
                self.at += 2
        elif word == "limit":
            self._limit()
        else:
            return word in ("add", "update", "delete") and self._dynamic()
        return True

    def _rewriting(self) -> Rewriting | None:
        """Return where ``dnat to …`` or ``redirect to …`` leads, ``None`` where that is not written out."""
        words = self.words[self.at :]
        if any(w.kind is not NodeKind.SCALAR for w in words):
            return None
        texts = [w.text for w in words if w.text not in ("random", "fully-random", "persistent", "random,persistent")]
        if texts == ["redirect"]:
            return redirected_to("")
        if len(texts) == 3 and texts[:2] == ["redirect", "to"]:  # noqa: PLR2004 -- redirect to :PORT
            return redirected_to(texts[2])
        only = {"ip": 4, "ip6": 6}.get(texts[1]) if len(texts) > 1 else None
        rest = texts[2:] if only is not None else texts[1:]
        return rewritten_to(rest[1], only) if texts[0] == "dnat" and len(rest) == 2 and rest[0] == "to" else None  # noqa: PLR2004

    def _limit(self) -> None:
        start = self.at
        self.at += 2
        while self._peek() in ("over", "burst") or self._peek()[:1].isdigit() or _LIMIT.fullmatch(self._peek()):
            self.at += 1
        if self._peek(-1) == "name":
            self.at += 1
        self.parts.append(Open(shown_words(self.words[start : self.at])))

    def _dynamic(self) -> bool:
        """Read ``add @set { … }``: with a limit among the braces it also asks for something."""
        if not self._peek(1).startswith("@"):
            return False
        shown = shown_words(self.words[self.at : self.at + 3])
        if "limit" in shown or "ct count" in shown:
            self.parts.append(Open(shown))
        self.at += 3
        return True

    def _asked(self) -> bool:
        start = self.at
        keys = self._keys()
        if not keys:
            return False
        if self._peek() in _CHANGED or (keys[0] == "tcp option" and "set" in [w.text for w in self.words[self.at :]]):
            self.at = self._after_change()
            return True
        if self._peek() == "vmap":
            return self._mapped(keys)
        if keys == ("tcp flags",):
            return self._flags()
        negated = _NEGATIONS.get(self._peek())
        sign = self._peek() if self._peek() in ("<", ">", "<=", ">=") else ""
        self.at += negated is not None or bool(sign)
        if self.at >= len(self.words) or self._peek() in ("&", "|", "^", "<<", ">>", "map"):
            self.at = start
            return False
        elements = (
            elements_of(self.words[self.at]) if self.words[self.at].kind is not NodeKind.SCALAR else self._written(len(keys))
        )
        self.at += self.words[self.at].kind is not NodeKind.SCALAR
        shown = shown_words(self.words[start : self.at])
        found = compared(sign, elements) if sign else elements
        self.parts.append(Asked(keys, tuple(found), shown, negated or False) if found else Open(shown))
        return True

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        place = self.at
        while True:
            word = self._peek()
            if word == "fib" and (self._peek(1), self._peek(2)) == ("daddr", "type"):
                keys.append("fib daddr type")
                self.at += 3
            elif word in _TWO_WORDS and self._peek(1):
                keys.append(plain_key(f"{word} {self._peek(1)}"))
                self.at += 2
            elif word in _ONE_WORD:
                keys.append(f"meta {word}" if word in ("l4proto", "nfproto", "protocol") else word)
                self.at += 1
            else:
                self.at = place
                return ()
            if self._peek() != ".":
                return tuple(keys)
            self.at += 1

    def _written(self, count: int) -> list[Element]:
        """Return the element that stands there without braces: ``a,b`` and ``a | b`` are a choice, ``a . b`` is joined."""
        values = [self._peek()]
        self.at += 1
        while self._peek() == "." and len(values) < count:
            values.append(self._peek(1))
            self.at += 2
        choices = values[0].replace("|", ",").split(",") if count == 1 else []
        while count == 1 and self._peek() == "|":
            choices.append(self._peek(1))
            self.at += 2
        return [(choice,) for choice in choices if choice] if count == 1 else [tuple(values)]

    def _flags(self) -> bool:
        text = [w.text for w in self.words[self.at :]]
        negated = text[:1] == ["!="]
        text = text[1:] if negated or text[:1] == ["=="] else text
        skipped = self.at + (negated or self._peek() == "==")
        if text[1:2] == ["/"] and len(text) > 2:  # noqa: PLR2004 -- flags / mask
            self.parts.append(Flags(tuple(text[2].split(",")), tuple(text[0].split(",")), negated))
            self.at = skipped + 3
            return True
        if len(text) >= 1 and not negated and self._peek() != "==" and re.fullmatch(r"[a-z,]+", text[0]):
            self.parts.append(Flags(tuple(text[0].split(",")), (), negated=True))
            self.at += 1
            return True
        mask = re.match(r"& \(?([a-z |]+?)\)? (==|!=) ([a-z0-9x|]+)", " ".join(text))
        if mask is None:
            return False
        wanted = tuple(f.strip() for f in mask[3].split("|") if f not in ("0x0", "0"))
        self.parts.append(Flags(tuple(f.strip() for f in mask[1].split("|")), wanted, mask[2] == "!="))
        self.at = skipped + len(mask[0].split(" "))
        return True

    def _mapped(self, keys: tuple[str, ...]) -> bool:
        value = self.words[self.at + 1] if self.at + 1 < len(self.words) else None
        if value is None:
            return False
        choices = self.maps.get(value.text[1:], ()) if value.kind is NodeKind.SCALAR else choices_of(value)
        shown = f"{' . '.join(keys)} vmap"
        if not choices:
            choices = ((None, Ending(Verdict.UNREAD, f"{shown}: a map that is not supplied or empty")),)
        self.parts.append(Mapped(keys, tuple(choices), shown))
        self.at += 2
        return True

    def _after_change(self) -> int:
        """Return where the statement that sets a field ends: behind its value, which may be a whole expression."""
        known = [n for n in range(self.at + 1, len(self.words)) if self.words[n].text in (*VERDICTS, "jump", "goto", "counter")]
        return known[0] if known else len(self.words)

    def _give_up(self) -> None:
        ends = [n for n in range(self.at, len(self.words)) if self.words[n].text in (*VERDICTS, "jump", "goto", *ELSEWHERE)]
        end = ends[0] if ends else len(self.words)
        self.parts.append(Open(shown_words(self.words[self.at : end])))
        self.at = end


def verdict(word: str, target: str) -> Ending:
    """Return what a verdict word does."""
    if word in ("jump", "goto"):
        return Ending(Verdict.JUMP if word == "jump" else Verdict.GOTO, target)
    return Ending(VERDICTS[word]) if word in VERDICTS else Ending(Verdict.UNREAD, word)


def elements_of(braces: Node) -> list[Element]:
    """Return the elements of a set, without what stands behind them (timeouts, counters, comments)."""
    return [_joined([w.text for w in item.items]) for item in braces.items]


def choices_of(braces: Node) -> tuple[tuple[Element | None, Ending], ...]:
    """Return the elements of a verdict map with what becomes of each."""
    found: list[tuple[Element | None, Ending]] = []
    for item in braces.items:
        texts = [w.text for w in item.items]
        if ":" not in texts:
            return ()
        at = texts.index(":")
        ending = verdict(*[*texts[at + 1 :], "", ""][:2])
        found.append((None if texts[0] == "*" else _joined(texts[:at]), ending))
    return tuple(found)


def _joined(texts: Sequence[str]) -> Element:
    values, at = [texts[0]], 1
    while at + 1 < len(texts) and texts[at] == ".":
        values.append(texts[at + 1])
        at += 2
    return tuple(values)


def compared(sign: str, elements: Sequence[Element]) -> list[Element]:
    """Return a comparison of numbers as a range of ports, nothing when it is none."""
    value = elements[0][0] if len(elements) == 1 and len(elements[0]) == 1 else ""
    if not value.isdigit():
        return []
    number = int(value)
    return [(f"0-{number - (sign == '<')}" if sign in ("<", "<=") else f"{number + (sign == '>')}-65535",)]


def shown_words(words: Sequence[Node]) -> str:
    """Return words as their author sees them."""
    return " ".join(w.text if w.kind is NodeKind.SCALAR else _shown_set(w) for w in words)


def _shown_set(node: Node) -> str:
    return "{ " + ", ".join(shown_words(item.items) for item in node.items) + " }"
