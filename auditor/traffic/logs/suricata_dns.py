"""Suricata's three ways of writing a DNS event (facts F7), as look-ups.

Version 1 (before 4.1) has an event for each answer record; version 2 (4.1 to 7) one for each answer with ``rrname`` beside it;
version 3 (8) has ``queries``. Source: Suricata User Guide, "Eve JSON Format", event type dns (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.facts.hosts import normalise_host
from auditor.traffic.logs.fields import address
from auditor.traffic.logs.record import LogLookup, Place
from auditor.traffic.logs.values import Values

PORT = 53
LOCAL_PORTS = frozenset({137, 5353, 5355})
"""NBNS, mDNS, LLMNR: answers of the link, which name nothing beyond it (facts T20)."""
_MOST_OPEN = 100_000
_QUESTIONS = ("query", "request")


@dataclass(slots=True)
class Questions:
    """Names asked for, which version 1 needs: its answers name the end of the CNAME chain, not the question."""

    asked: dict[tuple[str, str], str] = field(default_factory=dict)

    def lookups(self, place: Place, values: Values, time: int | None) -> Iterator[LogLookup]:
        """Yield the look-ups of one event of type dns."""
        dns = values.inner("dns")
        source, destination, swapped = _ends(values, dns)
        if values.port("dest_port") in LOCAL_PORTS or values.port("src_port") in LOCAL_PORTS:
            values.coverage.passed_over["local_lookup"] += 1
            return
        version = dns.count("version") or 1
        values.coverage.word(values.coverage.versions, f"dns {version}")
        question = dns.text("type") in _QUESTIONS
        for name, kind in self._names(values, dns, version, question=question):
            yield LogLookup(
                place=place,
                client=destination if swapped else source,
                name=normalise_host(name),
                addresses=() if question else _addresses(dns, version),
                time=time,
                server=source if swapped else destination,
                kind=kind,
                outcome="" if question else dns.text("rcode"),
                reporter=values.text("host"),
            )

    def _names(self, values: Values, dns: Values, version: int, *, question: bool) -> list[tuple[str, str]]:
        queries = dns.record.get("queries", dns.record.get("query"))
        if isinstance(queries, list):
            inner = [Values(query, values.coverage) for query in queries if isinstance(query, dict)]
            return [(query.text("rrname"), query.text("rrtype")) for query in inner if query.text("rrname")]
        name, key = dns.text("rrname"), (values.text("flow_id"), dns.text("id"))
        if version == 1 and question and len(self.asked) < _MOST_OPEN:
            self.asked[key] = name
        if version == 1 and not question:
            name = self.asked.get(key, name)
        if not name:
            values.coverage.passed_over["lookup_without_question"] += 1
        return [(name, dns.text("rrtype"))] if name else []


def _ends(values: Values, dns: Values) -> tuple[str, str, bool]:
    """Return source, destination, and whether the source is the server: old versions write answers the way they flew."""
    source, destination = values.address("src_ip"), values.address("dest_ip")
    ports = values.port("src_port"), values.port("dest_port")
    if PORT in ports and ports[0] != ports[1]:
        return source, destination, ports[0] == PORT
    return source, destination, dns.text("type") == "answer" and (dns.count("version") or 1) == 1


def _addresses(dns: Values, version: int) -> tuple[str, ...]:
    if version == 1:
        found = address(dns.text("rdata"))
        return (found,) if found else ()
    answers = dns.record.get("answers")
    texts = [answer.get("rdata") for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []
    grouped = dns.inner("grouped")
    texts += [*grouped.texts("A"), *grouped.texts("AAAA")]
    return tuple(dict.fromkeys(found for text in texts if isinstance(text, str) and (found := address(text))))
