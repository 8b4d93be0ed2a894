"""Query logs of Amazon's Route 53 (VPC) Resolver: JSON, one question a line.

Source: Amazon Route 53 Developer Guide, "Resolver query logging" (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.blindness import Blind
from auditor.facts.hosts import normalise_host
from auditor.traffic.logs.fields import address
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.record import NOBODY, Action, LogLookup, LogRecord, Place, Workload
from auditor.traffic.logs.shapes import ROUTE53
from auditor.traffic.logs.values import Values

_KNOWN = frozenset(
    {
        "version", "account_id", "region", "vpc_id", "query_timestamp", "query_name", "query_type", "query_class", "rcode",
        "answers", "srcaddr", "srcport", "transport", "srcids", "firewall_rule_action", "firewall_rule_group_id",
        "firewall_domain_list_id", "firewall_protection",
    }
)  # fmt: skip
_ACTIONS = {"ALLOW": Action.PASSED, "ALERT": Action.AUDITED, "BLOCK": Action.DENIED, "": Action.UNSAID}


def _recognise(head: Head) -> bool:
    return any({"query_name", "srcaddr", "query_timestamp"} <= record.keys() for record in head.objects[:1])


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        for line, record in records(file, ROUTE53):
            task.coverage.records += 1
            for name in record.keys() - _KNOWN:
                task.coverage.word(task.coverage.unknown_fields, name)
            values = Values(record, task.coverage)
            task.coverage.word(task.coverage.versions, values.text("version") or "unsaid")
            lookup = _lookup(Place(file.id, line), values)
            if lookup is not None:
                yield lookup


def _lookup(place: Place, values: Values) -> LogLookup | None:
    time, client, name = values.iso("query_timestamp"), values.address("srcaddr"), values.text("query_name")
    values.coverage.saw(time)
    if not (client and name):
        values.coverage.skip("no_address" if name else "no_question")
        return None
    action = values.text("firewall_rule_action")
    if action not in _ACTIONS:
        values.coverage.note(f"action:{action}")
    instance = values.inner("srcids").text("instance")
    answers = values.record.get("answers")
    shown = [answer for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []
    return LogLookup(
        place=place,
        client=client,
        name=normalise_host(name),
        addresses=tuple(one for answer in shown if (one := address(Values(answer, values.coverage).text("Rdata")))),
        time=time,
        kind=values.text("query_type"),
        outcome=values.text("rcode"),
        action=_ACTIONS.get(action, Action.UNSAID),
        reporter=values.text("vpc_id"),
        workload=Workload("", instance, "instance", "", values.text("account_id")) if instance else NOBODY,
    )


FORMAT = LogFormat(
    "route53_resolver",
    "Route 53 Resolver query log",
    _recognise,
    _read,
    (Blind.CACHED, Blind.CONTACT, Blind.COUNTS, Blind.OTHER_RESOLVERS),
)
