"""Query logs of resolvers inside: CoreDNS, BIND, Unbound, dnsmasq, dnstap as text. Who asked for which name.

An egress capture shows the resolver asking, never the client behind it; such a log ties the name to the client.

Source: CoreDNS plugin ``log``; BIND 9 Administrator Reference, "Query Logging" and dnstap-read(1); unbound.conf(5),
``log-queries`` and ``log-replies``; dnsmasq(8), ``--log-queries`` (read 2026-11), and runs of Unbound 1.17 and dnsmasq 2.90.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from auditor.facts.blindness import Blind
from auditor.facts.hosts import normalise_host
from auditor.traffic.logs.access_lines import MONTHS
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import address, iso
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED
from auditor.traffic.logs.record import Action, LogLookup, LogRecord, Place
from auditor.traffic.times import SECOND

_ADDRESS = r"[0-9a-fA-F:.]+(?:%\S+)?"
_COREDNS = re.compile(
    rf'(?P<client>{_ADDRESS}|\[{_ADDRESS}\]):\d+ - \d+ "(?P<kind>\S+) \S+ (?P<name>\S+) (?:udp|tcp|tls|https|quic|grpc)\S* '
    r'\d+ \S+ \d+" (?P<outcome>\S+) '
)
_BIND = re.compile(
    rf"client (?:@0x[0-9a-f]+ )?(?P<client>{_ADDRESS})#\d+(?: \([^)]*\))?: (?:view \S+: )?"
    rf"query: (?P<name>\S+) \S+ (?P<kind>\S+) \S+(?: \((?P<server>{_ADDRESS})\))?"
)
_BIND_DENIED = re.compile(
    rf"client (?:@0x[0-9a-f]+ )?(?P<client>{_ADDRESS})#\d+(?: \([^)]*\))?: (?:view \S+: )?"
    r"query(?: \(cache\))? '(?P<name>[^/']+)/(?P<kind>[^/']+)/[^']*' denied"
)
_DNSTAP = re.compile(
    rf"(?P<type>[A-Z]{{2}}) (?P<client>{_ADDRESS}):\d+ (?:->|<-) (?P<server>{_ADDRESS}):\d+ \S+ \S+ "
    r"(?P<name>[^/\s]+)/\S+/(?P<kind>\S+)"
)
_UNBOUND = re.compile(
    rf"(?:(?:query|reply): )?(?P<client>{_ADDRESS}) (?P<name>\S+) (?P<kind>[A-Z0-9]+) (?:IN|CH|HS)"
    r"(?: (?P<outcome>[A-Z]+) \S+ \d+ \d+)?\Z"
)
_DNSMASQ = re.compile(rf"(?:\d+ \S+/\d+ )?query\[(?P<kind>[^\]]+)\] (?P<name>\S+) from (?P<client>{_ADDRESS})\Z")
_EPOCH = re.compile(r"\[(\d{9,10})\]")
_BIND_TIME = re.compile(r"(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d:\d\d:\d\d(?:\.\d+)?)")
_FROM_CLIENTS = frozenset({"CQ", "CR"})


class _Dialect(NamedTuple):
    """One resolver's lines."""

    begins: Callable[[str], int]
    """Where the part of a line begins that tells the question; -1 for a line that tells none."""
    patterns: tuple[tuple[re.Pattern[str], Action], ...]

    def match(self, text: str) -> tuple[str, re.Match[str], Action] | None:
        """Return what stands before the question, the question, and what was done with it."""
        at = self.begins(text)
        if at < 0:
            return None
        found = ((pattern.match(text, at), action) for pattern, action in self.patterns)
        return next(((text[:at], match, action) for match, action in found if match is not None), None)


def _client_before_dash(text: str) -> int:
    dash = text.find(" - ")
    return text.rfind(" ", 0, dash) + 1 if dash > 0 else -1


def _after_time(text: str) -> int:
    words = text.split(" ", 2)
    return len(words[0]) + len(words[1]) + 2 if len(words) > 2 else -1  # noqa: PLR2004 -- date, time, the rest


def _past(text: str, program: str, mark: str) -> int:
    """Return where what a program says begins: behind the first ``mark`` after its name; -1 for a line of another program."""
    at = text.find(program)
    found = text.find(mark, at) if at >= 0 else -1
    return found + len(mark) if found >= 0 else -1


_COREDNS_LINES = _Dialect(_client_before_dash, ((_COREDNS, Action.UNSAID),))
_BIND_LINES = _Dialect(lambda text: text.find("client "), ((_BIND, Action.UNSAID), (_BIND_DENIED, Action.DENIED)))
_UNBOUND_LINES = _Dialect(lambda text: _past(text, " unbound[", "] info: "), ((_UNBOUND, Action.UNSAID),))
_DNSMASQ_LINES = _Dialect(lambda text: _past(text, "dnsmasq[", "]: "), ((_DNSMASQ, Action.UNSAID),))
_DNSTAP_LINES = _Dialect(_after_time, ((_DNSTAP, Action.UNSAID),))


def _recogniser(dialect: _Dialect) -> Callable[[Head], bool]:
    """Return what tells the dialect: one of the first lines is of it (a resolver logs other things as well)."""
    return lambda head: any(dialect.match(line) is not None for line in head.lines)


def _reader(dialect: _Dialect) -> Callable[[Task], Iterator[LogRecord]]:
    def read(task: Task) -> Iterator[LogRecord]:
        for file in task.files:
            for number, text in file.lines(longest=LONGEST_MATCHED):
                found = dialect.match(text)
                if found is None:
                    task.coverage.passed_over["other_line"] += 1
                else:
                    yield from _lookup(Place(file.id, number), *found, task.coverage)

    return read


def _lookup(place: Place, before: str, match: re.Match[str], action: Action, coverage: LogCoverage) -> Iterator[LogLookup]:
    coverage.records += 1
    told = match.groupdict()
    kind = told.get("type") or "CQ"
    if kind not in _FROM_CLIENTS:
        coverage.passed_over[f"dnstap:{kind}"] += 1
        return
    time = _time(before, coverage)
    coverage.saw(time)
    client = address(told["client"])
    if not client:
        coverage.skip("no_address")
        return
    yield LogLookup(
        place=place,
        client=client,
        name=normalise_host(told["name"]),
        time=time,
        server=address(told.get("server") or ""),
        kind=told["kind"],
        outcome=told.get("outcome") or "",
        action=action,
    )


def _time(text: str, coverage: LogCoverage) -> int | None:
    """Return the time that stands before a line; BIND's has no zone unless told to write ISO 8601, syslog's no year."""
    match = _BIND_TIME.search(text)
    if match is not None and match[2] in MONTHS:
        coverage.note("time_without_zone")
        text = f"{match[3]}-{MONTHS[match[2]]:02}-{match[1]}T{match[4]}"
    epoch = _EPOCH.match(text)
    if epoch is not None:
        return int(epoch[1]) * SECOND
    text = text.partition(" ")[0]
    try:
        found = iso(text) if text else None
    except ValueError:
        found = None
    if found is None:
        coverage.note("no_time")
    return found


_BLIND = (Blind.CONTACT, Blind.COUNTS, Blind.OTHER_RESOLVERS)
COREDNS = LogFormat("coredns", "CoreDNS query log", _recogniser(_COREDNS_LINES), _reader(_COREDNS_LINES), _BLIND)
BIND = LogFormat("bind", "BIND query log", _recogniser(_BIND_LINES), _reader(_BIND_LINES), _BLIND)
UNBOUND = LogFormat("unbound", "Unbound query log", _recogniser(_UNBOUND_LINES), _reader(_UNBOUND_LINES), _BLIND)
DNSMASQ = LogFormat("dnsmasq", "dnsmasq query log", _recogniser(_DNSMASQ_LINES), _reader(_DNSMASQ_LINES), _BLIND)
DNSTAP = LogFormat("dnstap", "dnstap as text (dnstap-read)", _recogniser(_DNSTAP_LINES), _reader(_DNSTAP_LINES), _BLIND)
