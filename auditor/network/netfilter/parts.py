"""The parts of a rule of nftables, whether it came as text or as JSON, and the rules that they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.network.netfilter.conditions import Both, Condition, Not, Perhaps
from auditor.network.netfilter.model import DSTNAT, NEXT_HOOK, FilterRule, Verdict
from auditor.network.netfilter.rewriting import Rewriting
from auditor.network.netfilter.terms import ANYTHING, Element, Vocabulary, family, tcp_flags

FAMILIES_OF: Mapping[str, tuple[int, ...]] = {"ip": (4,), "ip6": (6,), "inet": (4, 6)}
"""Address families whose packets the tables of a family see; bridges and devices see frames, which is another matter."""
LEAVING, CROSSING = ("output", "postrouting"), ("prerouting", "forward", "postrouting")
VERDICTS = {
    "accept": Verdict.ACCEPT,
    "drop": Verdict.DROP,
    "reject": Verdict.DROP,
    "return": Verdict.RETURN,
    "continue": Verdict.CONTINUE,
}
GOES_ON = frozenset({"masquerade", "snat", "notrack", "counter", "log", "comment", "flow"})
"""Statements that do not decide: they count, write down, or change where a packet seems to come from."""
ELSEWHERE = frozenset({"dnat", "redirect", "tproxy", "queue", "dup", "fwd", "synproxy"})
"""Statements that change where a packet goes, copy it, or ask a program."""
_PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": DSTNAT, "filter": 0, "security": 50, "srcnat": 100}
_HOOKS = {"forward": NEXT_HOOK, "postrouting": 2 * NEXT_HOOK}
"""How much later than ``output`` and ``prerouting`` the chains of a hook are asked."""
_PRIORITY = re.compile(r"([a-z]+)?\s*(?:([+-])\s*)?(\d+)?")
_OWN_KEYS = frozenset({"meta l4proto", "meta nfproto", "meta protocol"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The rule takes what has one of the elements under the keys."""

    keys: tuple[str, ...]
    elements: tuple[Element, ...]
    shown: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Flags:
    """The rule asks for flags of TCP under a mask."""

    mask: tuple[str, ...]
    wanted: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """The rule asks for something that is not decided from a file."""

    shown: str


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of what the rule takes."""

    verdict: Verdict
    target: str = ""
    to: Rewriting | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """What becomes of it depends on the element under the keys; ``None`` stands for all other elements."""

    keys: tuple[str, ...]
    choices: tuple[tuple[Element | None, Ending], ...]
    shown: str


def order_of(hook: str, priority: str) -> float | None:
    """Return when a chain of a hook and priority (``-150``, ``mangle + 5``) is asked, ``None`` where that is not understood."""
    match = _PRIORITY.fullmatch(priority.strip())
    if match is None or (match[1] or "filter") not in _PRIORITIES:
        return None
    number = int(match[3] or 0)
    return _HOOKS.get(hook, 0) + _PRIORITIES[match[1] or "filter"] + (-number if match[2] == "-" else number)


Part = Asked | Flags | Open | Ending | Mapped


def plain_key(key: str) -> str:
    """Return a key as ``terms`` knows it: ``meta oifname`` is ``oifname``."""
    return key if key in _OWN_KEYS else key.removeprefix("meta ")


def rules_of(parts: Sequence[Part], words: Vocabulary, text: str, place: FileLocation) -> Iterator[FilterRule]:
    """Yield the rules that the parts make: one, or one for each element of a verdict map."""
    conditions: list[Condition] = []
    for part in parts:
        if isinstance(part, Ending):
            only = part.to.place.family if part.to is not None and part.to.place is not None else None
            conditions += [] if only is None else [family(only)]
            yield FilterRule(Both(tuple(conditions)), part.verdict, part.target, text, place, part.to)
            return
        if isinstance(part, Mapped):
            yield from _mapped(part, conditions, words, text, place)
        else:
            conditions.append(_condition(part, words))


def _condition(part: Asked | Flags | Open, words: Vocabulary) -> Condition:
    if isinstance(part, Asked):
        return words.condition(part.keys, part.elements, part.shown, negated=part.negated)
    if isinstance(part, Flags):
        found = tcp_flags(part.mask, part.wanted)
        return Both((words.condition(("meta l4proto",), (("tcp",),), "tcp"), Not(found) if part.negated else found))
    return Perhaps(part.shown)


def _mapped(
    part: Mapped, conditions: Sequence[Condition], words: Vocabulary, text: str, place: FileLocation
) -> Iterator[FilterRule]:
    named = sorted(part.choices, key=lambda choice: choice[0] is None)
    for element, ending in named:
        asked = ANYTHING if element is None else words.condition(part.keys, (element,), part.shown)
        yield FilterRule(Both((*conditions, asked)), ending.verdict, ending.target, text, place)
