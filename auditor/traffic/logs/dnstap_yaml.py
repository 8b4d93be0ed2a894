"""dnstap as YAML: ``dnstap-read -y`` of BIND, ``dnstap -y`` of golang-dnstap. One document a message.

Only the flat keys and the lists of the two sections count, so the documents are read line by line: months of them are
streamed, and nothing in them can make a YAML parser work hard. Source: dnstap-read(1), dnstap.pb (read 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.facts.blindness import Blind
from auditor.facts.hosts import normalise_host
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import address, iso
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED, LogInput
from auditor.traffic.logs.record import LogLookup, LogRecord, Place
from auditor.traffic.logs.shapes import note_words

_PAIR = re.compile(r"\s*([A-Za-z_]+):\s*(.*)\Z")
_QUESTION = re.compile(r"\s*(?:- |;)?\s*'?(\S+?)'?\s+IN\s+([A-Z0-9]+)'?\s*\Z")
_ANSWER = re.compile(r"\s*(?:- )?'?\S+\s+\d+\s+IN\s+(?:A|AAAA)\s+([0-9a-fA-F:.]+)'?\s*\Z")
_CLIENTS = frozenset({"CLIENT_QUERY", "CLIENT_RESPONSE"})
_OWN = 2
"""Blanks in front of the fields of a document and of its message; those of the DNS message inside stand deeper."""
_KNOWN = frozenset(
    {
        "type", "identity", "version", "extra", "message", "socket_family", "socket_protocol", "query_address",
        "response_address", "query_port", "response_port", "query_time", "response_time", "query_zone", "query_message",
        "response_message", "query_message_data", "response_message_data", "policy", "http_protocol", "query_message_size",
        "response_message_size", "message_size",
    }
)  # fmt: skip
_SHOWN = 64
"""Addresses of one answer that are kept."""


@dataclass(slots=True)
class _Message:
    """One document."""

    line: int
    told: dict[str, str] = field(default_factory=dict)
    question: tuple[str, str] | None = None
    addresses: list[str] = field(default_factory=list)
    section: str = ""
    unknown: list[str] = field(default_factory=list)
    digest: int = 0
    """Over all of its lines so far."""

    def take(self, text: str) -> None:
        self.digest = hash((self.digest, text))
        upper = text.upper()
        if "SECTION" in upper:
            self.section = "question" if "QUESTION" in upper else "answer" if "ANSWER" in upper else "other"
            return
        found = _ANSWER.match(text) if self.section == "answer" else None
        if found is not None:
            one = address(found[1])  # dnstap-read writes the message twice: as data, and as text
            if one and one not in self.addresses and len(self.addresses) < _SHOWN:
                self.addresses.append(one)
            return
        asked = _QUESTION.match(text) if self.section == "question" and self.question is None else None
        if asked is not None:
            self.question = (asked[1], asked[2])
            return
        pair = _PAIR.match(text)
        if pair is not None and not self.section and pair[1] not in _KNOWN and len(text) - len(text.lstrip()) <= _OWN:
            self.unknown.append(pair[1])
        if pair is not None and (pair[1] not in self.told or pair[1] == "type"):
            self.told[pair[1]] = pair[2].removeprefix("!!timestamp ").strip("\"' ")


def _recognise(head: Head) -> bool:
    text = head.text[:4096]
    return text.startswith(("type: MESSAGE", "---\ntype: MESSAGE")) or ("\nmessage:" in text and "query_address:" in text)


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        message: _Message | None = None
        for number, text in file.lines(repeated=True, longest=LONGEST_MATCHED):
            if text.startswith("---"):
                yield from _ended(file, message, task.coverage)
                message = None
            else:
                message = message or _Message(number)
                message.take(text)
        yield from _ended(file, message, task.coverage)


def _ended(file: LogInput, message: _Message | None, coverage: LogCoverage) -> Iterator[LogLookup]:
    if message is None:
        return
    if file.repeats.again(message.digest.to_bytes(8, "little", signed=True)):
        coverage.passed_over["repeated_record"] += 1
    else:
        yield from _lookup(file.id, message, coverage)


def _lookup(file: str, message: _Message, coverage: LogCoverage) -> Iterator[LogLookup]:
    coverage.records += 1
    note_words(message.unknown, coverage)
    told = message.told
    kind = told.get("type", "")
    if kind not in _CLIENTS:
        coverage.word(coverage.passed_over, f"dnstap:{kind or 'untyped'}")
        return
    time = _time(
        told.get("response_time" if kind == "CLIENT_RESPONSE" else "query_time", "") or told.get("query_time", ""), coverage
    )
    coverage.saw(time)
    client = address(told.get("query_address", ""))
    if message.question is None or not client:
        coverage.skip("no_question" if message.question is None else "no_address")
        return
    yield LogLookup(
        place=Place(file, message.line),
        client=client,
        name=normalise_host(message.question[0]),
        addresses=tuple(message.addresses),
        time=time,
        server=address(told.get("response_address", "")),
        kind=message.question[1],
        outcome=told.get("status", "") if kind == "CLIENT_RESPONSE" else "",
        reporter=told.get("identity", ""),
    )


def _time(text: str, coverage: LogCoverage) -> int | None:
    try:
        return iso(text)
    except ValueError:
        coverage.note("field_invalid:time")
        return None


FORMAT = LogFormat("dnstap_yaml", "dnstap as YAML", _recognise, _read, (Blind.CONTACT, Blind.COUNTS, Blind.OTHER_RESOLVERS))
