"""Query logs of resolvers: who asked for which name. Lines are written by us in the documented forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.traffic.logs import Action, Blind
from tests.traffic.logs.reader import Outcome, json_lines, read

_TIME = 1789984801123000000
_BIND_CLIENT = "queries: info: client @0x7f8f 10.0.0.5#53211 (API.example.org): "


def _seen(outcome: Outcome) -> list[tuple[object, ...]]:
    return [(x.time, x.client, x.name, x.kind, x.outcome, x.addresses, x.server) for x in outcome.lookups]


@pytest.mark.parametrize(
    "before", ["2026-09-21T10:00:01.123Z ", "2026-09-21T10:00:01.123Z stdout F ", "2026-09-21T12:00:01.123+02:00 stdout F "]
)
def test_coredns_tells_client_name_and_outcome(tmp_path: Path, before: str) -> None:
    lines = [
        f'{before}[INFO] 10.1.0.5:47867 - 53734 "AAAA IN API.example.org. udp 41 false 4096" NOERROR qr,rd,ra 138 0.034s',
        f'{before}[INFO] [2001:db8::5]:47867 - 53735 "A IN nowhere.example.org. tcp 41 false 65535" NXDOMAIN qr,rd,ra 138 0.034s',
        f"{before}[INFO] plugin/reload: Running configuration SHA512 = abc",
    ]
    outcome = read(tmp_path, {"coredns.log": "\n".join(lines)})
    assert outcome.format == "coredns"
    assert _seen(outcome) == [
        (_TIME, "10.1.0.5", "api.example.org", "AAAA", "NOERROR", (), ""),
        (_TIME, "2001:db8::5", "nowhere.example.org", "A", "NXDOMAIN", (), ""),
    ]
    assert outcome.coverage.passed_over == {"other_line": 1}
    assert {Blind.CONTACT, Blind.OTHER_RESOLVERS} <= set(outcome.coverage.blind)


def test_coredns_without_times_says_so(tmp_path: Path) -> None:
    outcome = read(
        tmp_path, {"coredns.log": '[INFO] 10.1.0.5:47867 - 53734 "A IN a.example.org. udp 41 false 4096" NOERROR qr 138 0.0s\n'}
    )
    assert (outcome.lookup.time, outcome.coverage.notes["no_time"]) == (None, 1)


@pytest.mark.parametrize(
    ("line", "time", "note"),
    [
        (
            f"21-Sep-2026 10:00:01.123 {_BIND_CLIENT}query: API.example.org IN A +E(0)K (10.0.0.53)",
            _TIME,
            "time_without_zone",
        ),
        (
            f"2026-09-21T10:00:01.123Z {_BIND_CLIENT}view int: query: API.example.org IN A + (10.0.0.53)",
            _TIME,
            "",
        ),
        ("Sep 21 10:00:01 ns1 named[7]: client 10.0.0.5#53211: query: API.example.org IN A + (10.0.0.53)", None, "no_time"),
    ],
)
def test_bind_tells_client_name_and_server(tmp_path: Path, line: str, time: int | None, note: str) -> None:
    outcome = read(tmp_path, {"query.log": f"{line}\n"})
    assert outcome.format == "bind"
    assert _seen(outcome) == [(time, "10.0.0.5", "api.example.org", "A", "", (), "10.0.0.53")]
    assert set(outcome.coverage.notes) == ({note} if note else set())


def test_what_bind_refused_is_denied(tmp_path: Path) -> None:
    client = "21-Sep-2026 10:00:01.123 security: info: client @0x7f 10.0.0.5#53211 (a.example.org): "
    line = f"{client}query (cache) 'a.example.org/A/IN' denied\n"
    assert read(tmp_path, {"security.log": line}).lookup.action is Action.DENIED


def test_dnstap_as_text_keeps_what_clients_ask(tmp_path: Path) -> None:
    lines = [
        "21-Sep-2026 10:00:01.123 CQ 10.0.0.5:53211 -> 10.0.0.53:53 UDP 41b API.example.org/IN/A",
        "21-Sep-2026 10:00:01.124 RQ 10.0.0.53:4444 -> 192.0.2.53:53 UDP 41b API.example.org/IN/A",
        "21-Sep-2026 10:00:01.125 CR 10.0.0.5:53211 <- 10.0.0.53:53 UDP 97b API.example.org/IN/A",
    ]
    outcome = read(tmp_path, {"tap.txt": "\n".join(lines)})
    assert outcome.format == "dnstap"
    assert [(x.client, x.name, x.server) for x in outcome.lookups] == [("10.0.0.5", "api.example.org", "10.0.0.53")] * 2
    assert outcome.coverage.passed_over == {"dnstap:RQ": 1}


_BIND_YAML = """type: MESSAGE
identity: ns1
version: BIND 9.18
message:
  type: CLIENT_RESPONSE
  query_time: !!timestamp 2026-09-21T10:00:01.100Z
  response_time: !!timestamp 2026-09-21T10:00:01.123Z
  message_size: 97b
  socket_family: INET
  socket_protocol: UDP
  query_address: 10.0.0.5
  response_address: 10.0.0.53
  query_port: 53211
  response_port: 53
  response_message_data:
    opcode: QUERY
    status: NOERROR
    id: 7
    QUESTION: 1
    ANSWER: 2
    QUESTION_SECTION:
      - API.example.org. IN A
    ANSWER_SECTION:
      - API.example.org. 60 IN CNAME cdn.example.net.
      - cdn.example.net. 60 IN A 192.0.2.10
"""
_GO_YAML = """type: MESSAGE
identity: ns1
version: dnsdist
message:
  type: CLIENT_RESPONSE
  query_time: !!timestamp 2026-09-21 10:00:01.100
  response_time: !!timestamp 2026-09-21 10:00:01.123
  socket_family: INET
  socket_protocol: UDP
  query_address: "10.0.0.5"
  response_address: "10.0.0.53"
  query_port: 53211
  response_port: 53
  response_message: |
    ;; opcode: QUERY, status: NOERROR, id: 7
    ;; QUESTION SECTION:
    ;API.example.org.\tIN\t A

    ;; ANSWER SECTION:
    API.example.org.\t60\tIN\tCNAME\tcdn.example.net.
    cdn.example.net.\t60\tIN\tA\t192.0.2.10
"""


@pytest.mark.parametrize(("document", "outcome_word"), [(_BIND_YAML, "NOERROR"), (_GO_YAML, "")])
def test_dnstap_as_yaml_ties_answers_to_the_client(tmp_path: Path, document: str, outcome_word: str) -> None:
    """A message that is there twice word for word counts once, one of another port is another."""
    other, again = document.replace("CLIENT_RESPONSE", "RESOLVER_RESPONSE"), document.replace("53211", "53212")
    outcome = read(tmp_path, {"tap.yaml": f"{document}---\n{other}---\n{again}---\n{document}---\n"})
    assert outcome.format == "dnstap_yaml"
    assert _seen(outcome) == [(_TIME, "10.0.0.5", "api.example.org", "A", outcome_word, ("192.0.2.10",), "10.0.0.53")] * 2
    assert [x.place.line for x in outcome.lookups] == [1, 2 * document.count("\n") + 3]
    assert outcome.coverage.passed_over == {"dnstap:RESOLVER_RESPONSE": 1, "repeated_record": 1}
    assert outcome.lookups[0].reporter == "ns1"


_TWICE = """type: MESSAGE
identity: ns1
message:
  type: CLIENT_RESPONSE
  response_time: !!timestamp 2026-09-21T10:00:01Z
  message_size: 124b
  query_address: "10.0.0.5"
  response_address: "10.0.0.53"
  response_message_data:
    status: NOERROR
    QUESTION_SECTION:
      - 'api.example.org. IN A'
    ANSWER_SECTION:
      - 'api.example.org. 60 IN A 192.0.2.11'
      - 'api.example.org. 60 IN A 192.0.2.10'
  response_message: |
    ;; QUESTION SECTION:
    ;api.example.org.		IN	A
    ;; ANSWER SECTION:
    api.example.org.	60	IN	A	192.0.2.11
    api.example.org.	60	IN	A	192.0.2.10
"""


def test_a_message_that_is_written_as_data_and_as_text_tells_each_address_once(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"tap.yaml": _TWICE})
    assert (outcome.lookup.addresses, outcome.coverage.unknown_fields) == (("192.0.2.11", "192.0.2.10"), {})


def _route53(**fields: Any) -> dict[str, Any]:
    usual = {
        "version": "1.100000",
        "account_id": "123456789012",
        "region": "eu-central-1",
        "vpc_id": "vpc-1",
        "query_timestamp": "2026-09-21T10:00:01.123Z",
        "query_name": "API.example.org.",
        "query_type": "A",
        "query_class": "IN",
        "rcode": "NOERROR",
        "srcaddr": "10.0.0.5",
        "srcport": "56067",
        "answers": [
            {"Rdata": "cdn.example.net.", "Type": "CNAME", "Class": "IN"},
            {"Rdata": "192.0.2.10", "Type": "A", "Class": "IN"},
        ],
        "transport": "UDP",
        "srcids": {"instance": "i-0123"},
    }
    return {**usual, **fields}


def test_route_53_resolver_tells_instance_and_firewall(tmp_path: Path) -> None:
    blocked = _route53(query_name="evil.example.org.", answers=[], firewall_rule_action="BLOCK", srcids={})
    outcome = read(
        tmp_path,
        {"resolver.log": json_lines([_route53(), blocked, _route53(srcaddr="x"), _route53(mood="good", rcode="SERVFAIL")])},
    )
    assert outcome.format == "route53_resolver"
    assert _seen(outcome)[0] == (_TIME, "10.0.0.5", "api.example.org", "A", "NOERROR", ("192.0.2.10",), "")
    first, second, _ = outcome.lookups
    assert (first.workload.reference, first.reporter, first.action) == ("i-0123", "vpc-1", Action.UNSAID)
    assert (second.action, second.addresses) == (Action.DENIED, ())
    assert (outcome.coverage.skipped, outcome.coverage.unknown_fields) == ({"no_address": 1}, {"mood": 1})
    assert Blind.CACHED in outcome.coverage.blind
