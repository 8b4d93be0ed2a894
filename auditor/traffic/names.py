"""Which name a client was told for an address, and which name a flow gets (facts R5)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TypeVar

from auditor.facts.observation import NameAnswer
from auditor.facts.vocabulary import NameRung
from auditor.traffic.times import rfc3339

Key = TypeVar("Key")
MOST_ANSWERS = 500_000
"""Distinct (client, name, address) kept over all captures; what comes later is counted, not kept."""


@dataclass(slots=True)
class Lookups:
    """Everything that DNS showed, over all captures of one observation."""

    dropped: int = 0
    _answers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """(client, name, address) to the earliest time."""
    _told: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)
    """(client, address) to (time, name) in the order of appearance."""
    _by_address: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    _asked: dict[str, set[str]] = field(default_factory=dict)
    """Source id to the names asked for through it."""

    def add(self, source_id: str, client: str, name: str, addresses: tuple[str, ...], time: int) -> None:
        """Remember that ``client`` asked for ``name`` and was told ``addresses`` (none for a bare question)."""
        asked, answers = self._asked.get(source_id), self._answers
        if asked is None:
            asked = self._asked[source_id] = set()
        if len(answers) >= MOST_ANSWERS:
            self.dropped += 1
            return
        asked.add(name)
        for address in addresses or ("",):
            key = (client, name, address)
            if time <= answers.get(key, time):
                answers[key] = time
            if address:
                _note(self._told, (client, address), time, name)
                _note(self._by_address, address, time, name)

    def extend(self, other: Lookups) -> bool:
        """Add what another capture showed after those in here; ``False`` where that could be more than is kept."""
        if len(self._answers) + len(other._answers) >= MOST_ANSWERS:
            return False
        for key, time in other._answers.items():
            self._answers[key] = min(time, self._answers.get(key, time))
        for source_id, asked in other._asked.items():
            self._asked.setdefault(source_id, set()).update(asked)
        for pair, told in other._told.items():
            _append(self._told.setdefault(pair, []), told)
        for address, told in other._by_address.items():
            _append(self._by_address.setdefault(address, []), told)
        return True

    def asked_through(self, source_id: str) -> set[str]:
        """Return the names that were asked for in one capture."""
        return self._asked.get(source_id, set())

    def finish(self) -> None:
        """Put the answers of all captures in order of time; call once before asking for names."""
        for told in (*self._told.values(), *self._by_address.values()):
            told.sort()

    def name(self, client: str, address: str, start: int, *, hidden: bool, shown: str = "") -> tuple[str, NameRung]:
        """Return the name of ``address`` for a flow of ``client`` that began at ``start``, with its rung.

        The latest answer before the flow counts. A flow that hides its name (encrypted ClientHello, no SNI, QUIC
        unread) takes only an answer to the same client: the one whose name it shows outside an encrypted hello
        (who hides a name asks for that name, not for its cover), or else the only name that the client was told
        for the address: one address of a content network serves thousands of names; a guess is worse than none.
        """
        told = self._told.get((client, address), [])
        if hidden:
            before = {name for time, name in told if time <= start}
            chosen = before & {shown} or before
            alone = len(chosen) == 1 and (chosen == {shown} or len({name for _, name in told}) == 1)
            return (next(iter(chosen)), NameRung.DNS_SAME_CLIENT) if alone else ("", NameRung.NONE)
        name = _latest(told, start)
        if name:
            return name, NameRung.DNS_SAME_CLIENT
        name = _latest(self._by_address.get(address, []), start)
        return (name, NameRung.DNS_OTHER_CLIENT) if name else ("", NameRung.NONE)

    def answers(self) -> tuple[NameAnswer, ...]:
        """Return every answer once, at its earliest time; a bare question only where no address came for it."""
        answered = {(client, name) for client, name, address in self._answers if address}
        return tuple(
            NameAnswer(client, name, address, rfc3339(time))
            for (client, name, address), time in sorted(self._answers.items())
            if address or (client, name) not in answered
        )


def _note(answers: dict[Key, list[tuple[int, str]]], key: Key, time: int, name: str) -> None:
    """Add an answer behind the earlier ones; a name that only repeats the last one says nothing new."""
    told = answers.get(key)
    if told is None:
        answers[key] = [(time, name)]
    elif told[-1][1] != name:
        told.append((time, name))


def _append(told: list[tuple[int, str]], more: list[tuple[int, str]]) -> None:
    """Add answers to earlier ones; a name that only repeats the last one says nothing new."""
    told.extend(more[1:] if told and more and told[-1][1] == more[0][1] else more)


def _latest(told: list[tuple[int, str]], start: int) -> str:
    at = bisect_right(told, (start, "\U0010ffff"))
    return told[at - 1][1] if at else ""
