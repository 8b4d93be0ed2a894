"""Garbage, truncated, mixed-version, duplicated, out-of-order and clock-shifted logs, for every reader that there is.

Each log is made of the sample of its format, again and again with other clients, ports and times, so that a new reader is held
to all six as soon as it is registered: without a sample, and without an answer to each question below, a test fails.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.traffic.logs import LogFlow, LogLookup
from auditor.traffic.logs.registry import FORMATS
from tests.traffic.logs.reader import Outcome, read
from tests.traffic.logs.samples import MAP, SAMPLES

NAMES = sorted(known.name for known in FORMATS)
UNITS = 3
STEP = 60
SECOND = 1_000_000_000
_DATES = (
    (re.compile(r"2026-09-21T10:00:\d\d"), "%Y-%m-%dT%H:%M:%S"),
    (re.compile(r"21-Sep-2026 10:00:\d\d"), "%d-%b-%Y %H:%M:%S"),
    (re.compile(r"21/Sep/2026:10:00:\d\d"), "%d/%b/%Y:%H:%M:%S"),
    (re.compile(r"Mon Sep 21 10:00:\d\d 2026"), "%a %b %d %H:%M:%S %Y"),
    (re.compile(r"(?<=^)Sep 21 10:00:\d\d", re.MULTILINE), "%b %d %H:%M:%S"),
)
_EPOCH = re.compile(r"\b17(?:90000|89984)\d{3}(?=\d{3}\b|\d{9}\b|\b)")
DOCUMENTS = frozenset({"mitmproxy"})
"""Formats without lines: garbage between their records ends them."""
ONE_COUNT = frozenset({"dnstap_yaml", "har"})
"""Formats in which what does not belong is one part of the file, however many lines it has."""
UNTIMED = frozenset({"coredns", "dnsmasq"})
"""Formats that write no time of their own, or no year."""
UNORDERED = frozenset({"conntrack"})
"""Formats in which no order of time is promised, so that none can be broken."""
HEADERS = {"zeek": 7, "map": 1}
"""Lines in front of the first record."""


def _shifted(text: str, by: int) -> str:
    """Return a sample with all of its times later by ``by`` seconds."""

    def later(form: str) -> Any:
        def change(match: re.Match[str]) -> str:
            year = "" if "%Y" in form else " 2026"
            moment = datetime.strptime(match[0] + year, form + (" %Y" if year else "")).replace(tzinfo=UTC) + timedelta(
                seconds=by
            )
            return moment.strftime(form)

        return change

    for pattern, form in _DATES:
        text = pattern.sub(later(form), text)
    return _EPOCH.sub(lambda match: str(int(match[0]) + by), text)


def head(name: str) -> str:
    return "".join(SAMPLES[name].splitlines(keepends=True)[: HEADERS.get(name, 0)])


def unit(name: str, number: int, by: int) -> str:
    """Return the records of the sample as those of another client, flow and time."""
    body = "".join(SAMPLES[name].splitlines(keepends=True)[HEADERS.get(name, 0) :])
    text = body.rstrip("\n") + ("\n" if name not in DOCUMENTS else "")
    for client in ("10.0.0.5", "10.1.0.5"):
        text = text.replace(client, client[:-1] + str(5 + number))
    text = (
        text.replace("10.0.0.4", f"10.0.0.{7 + number * 2 % 9}")
        .replace("50000", str(50000 + number))
        .replace("\tC1\t", f"\tC{number + 1}\t")
    )
    text = re.sub(r'"flow_id": (\d)', lambda match: f'"flow_id": {int(match[1]) + 10 * number}', text)
    return _shifted(text, by)


def units(name: str, by: int = 0, count: int = UNITS) -> list[str]:
    return [unit(name, number, number * STEP + by) for number in range(count)]


def held(folder: Path, name: str, *files: str | bytes) -> Outcome:
    named = {f"{number}.log": content for number, content in enumerate(files)}
    return read(folder, named, format=name, columns=MAP if name == "map" else {})


def known(outcome: Outcome) -> list[str]:
    """Return what was understood, without where it stands."""
    found: list[LogFlow | LogLookup] = [*outcome.flows, *outcome.lookups]
    return sorted(re.sub(r"place=Place\([^)]*\)", "", repr(one)) for one in found)


def lost(outcome: Outcome) -> Counter[str]:
    """Return what was left out, by reason."""
    return outcome.coverage.skipped + outcome.coverage.passed_over


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return each format in turn."""
    return str(request.param)


def test_every_reader_has_a_sample_and_the_units_are_told_apart(tmp_path: Path, name: str) -> None:
    assert name in SAMPLES
    whole, one = held(tmp_path, name, head(name) + "".join(units(name))), held(tmp_path, name, SAMPLES[name])
    assert len(known(one)) > 0
    assert len(set(known(whole))) == len(known(whole)) == UNITS * len(known(one))
    assert not whole.coverage.skipped


def test_garbage_is_counted_by_reason_and_takes_nothing_away(tmp_path: Path, name: str) -> None:
    parts = units(name)
    rubbish = ["%PDF-1.7 \x01\x02 no record at all", "\x00\xff\ufffd" * 9, "}{ half of something else", "tail -f gone away"]
    clean = held(tmp_path, name, head(name) + "".join(parts))
    if name in DOCUMENTS:
        mixed = held(tmp_path, name, "".join(parts) + "".join(rubbish))
        assert known(mixed) == known(clean)
        assert mixed.coverage.skipped
        return
    between = "".join(f"{one}{line}\n" for one, line in zip(parts, rubbish, strict=False)) + rubbish[-1] + "\n"
    mixed = held(tmp_path, name, head(name) + between)
    assert known(mixed) == known(clean)
    assert sum((lost(mixed) - lost(clean)).values()) >= (1 if name in ONE_COUNT else len(rubbish))


def test_a_log_that_is_cut_keeps_what_stands_before_and_counts_the_rest(tmp_path: Path, name: str) -> None:
    parts = units(name)
    two = held(tmp_path, name, head(name) + "".join(parts[:-1]))
    last = parts[-1].rstrip("\n")
    cut = held(tmp_path, name, head(name) + "".join(parts[:-1]) + last[: len(last) // 2].rstrip())
    assert set(known(two)) <= set(known(cut))
    assert lost(cut) - lost(two) or cut.coverage.truncated
    assert not cut.coverage.lossless or sum(lost(cut).values()) > sum(lost(two).values())


def test_a_compression_that_is_cut_says_so(tmp_path: Path, name: str) -> None:
    packed = gzip.compress((head(name) + "".join(units(name, count=UNITS))).encode())
    cut = held(tmp_path, name, packed[: len(packed) * 4 // 5])
    assert cut.coverage.truncated
    assert cut.coverage.skipped["compression_cut"] == 1
    assert not cut.coverage.lossless


def test_what_is_written_twice_counts_once(tmp_path: Path, name: str) -> None:
    parts = units(name)
    once = held(tmp_path, name, head(name) + "".join(parts))
    rotated = held(tmp_path, name, head(name) + "".join(parts), head(name) + "".join(parts))
    assert known(rotated) == known(once)
    again = rotated.coverage.passed_over - once.coverage.passed_over
    assert again["repeated_line"] + again["repeated_record"] + again["repeated_file"] >= 1, dict(lost(rotated))


def test_records_out_of_order_are_all_there_and_the_step_back_is_told(tmp_path: Path, name: str) -> None:
    parts = units(name)
    ordered, turned = (held(tmp_path, name, head(name) + "".join(some)) for some in (parts, parts[::-1]))
    assert known(turned) == known(ordered)
    before, after = ordered.coverage, turned.coverage
    assert (after.first, after.last) == (before.first, before.last)
    if name in UNTIMED | UNORDERED:
        assert after.notes["out_of_order"] == 0
    else:
        assert after.notes["out_of_order"] >= UNITS - 1
        assert after.furthest_behind >= STEP * SECOND


def test_a_shifted_clock_shifts_every_time_and_nothing_else(tmp_path: Path, name: str) -> None:
    plain, later = (held(tmp_path, name, head(name) + "".join(units(name, by))) for by in (0, 3600))
    assert plain.coverage.notes - Counter() == later.coverage.notes - Counter()
    times = [
        [t for one in outcome.flows for t in (one.start, one.end)] + [one.time for one in outcome.lookups]
        for outcome in (plain, later)
    ]
    moved = [None if one is None or two is None else two - one for one, two in zip(*times, strict=True)]
    assert all(by is None or by == 3600 * SECOND for by in moved)
    assert (set(moved) == {None}) == (name in UNTIMED)


MIXED: dict[str, list[str]] = {
    "aws_vpc": [
        (
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status "
            "tcp-flags\n"
            "5 123456789012 eni-0a1b 10.0.0.9 192.0.2.10 50009 443 6 10 4249 1790000000 1790000060 ACCEPT OK 3\n"
        ),
    ],
    "azure_flow": [
        json.dumps(
            {
                "records": [
                    {
                        "time": "2026-09-21T10:00:35Z",
                        "properties": {
                            "Version": 1,
                            "flows": [
                                {
                                    "rule": "r",
                                    "flows": [{"mac": "1122", "flowTuples": ["1790000000,10.0.0.9,192.0.2.10,44931,443,T,O,A"]}],
                                }
                            ],
                        },
                    }
                ]
            }
        ),
        json.dumps(
            {
                "records": [
                    {
                        "time": "2026-09-21T10:00:35Z",
                        "flowLogVersion": 4,
                        "macAddress": "1122",
                        "flowRecords": {
                            "flows": [
                                {
                                    "aclID": "a",
                                    "flowGroups": [
                                        {
                                            "rule": "r",
                                            "flowTuples": ["1790000000000,10.0.0.8,192.0.2.10,44931,443,6,O,E,NX,3,300,2,200"],
                                        }
                                    ],
                                }
                            ]
                        },
                    }
                ]
            }
        ),
    ],
    "bind": ["21-Sep-2026 10:00:01.1 client 10.0.0.9#53 (b.example.org): query: b.example.org IN A + (10.0.0.53)\n"],
    "cloudtrail": [SAMPLES["cloudtrail"].replace("1.09", "1.11").replace("10.0.0.5", "10.0.0.9")],
    "coder_boundary": [
        SAMPLES["coder_boundary"].replace("api.example.org", "b.example.org").replace('"fields": {', '"fields": {"owner": "o", ')
    ],
    "combined": ['10.0.0.9 - - [21/Sep/2026:10:00:01 +0000] "CONNECT b.example.org:443 HTTP/1.1" 200 615\n'],
    "conntrack": [
        (
            "tcp      6 117 TIME_WAIT src=10.0.0.9 dst=192.0.2.10 sport=50009 dport=443 "
            "src=192.0.2.10 dst=10.0.0.9 sport=443 dport=50009 use=1\n"
        )
    ],
    "coredns": [
        '2026-09-21T10:00:01Z [INFO] 10.1.0.9:47867 - 53734 "AAAA IN b.example.org. tcp 41 false 65535" NXDOMAIN qr 138 0.034s\n'
    ],
    "dnsmasq": ["Sep 21 10:00:01 dnsmasq[7]: query[AAAA] b.example.org from 10.0.0.9\n"],
    "dnstap": ["21-Sep-2026 10:00:01.123 CR 10.0.0.9:53211 <- 10.0.0.53:53 TCP 41b b.example.org/IN/A\n"],
    "dnstap_yaml": [SAMPLES["dnstap_yaml"].replace("CLIENT_RESPONSE", "CLIENT_QUERY").replace("10.0.0.5\n", "10.0.0.9\n")],
    "envoy": ['[2026-09-21T10:00:01.250Z] "POST /x HTTP/1.1" 200 - 5 6 7 4 "-" "curl" "r-1" "b.example.org" "192.0.2.10:443"\n'],
    "flow_table": [SAMPLES["flow_table"].replace("10.0.0.5", "10.0.0.9").replace(', "ran_in": "", "told": ""', "")],
    "gcp_vpc": [SAMPLES["gcp_vpc"].replace("10.0.0.5", "10.0.0.9").replace("1200", "1300")],
    "har": [SAMPLES["har"].replace('"version": "1.2"', '"version": "1.1"').replace("api.example.org", "b.example.org")],
    "hubble": [json.dumps(json.loads(SAMPLES["hubble"])["flow"]).replace("10.1.0.5", "10.1.0.9") + "\n"],
    "mitmproxy": [SAMPLES["mitmproxy"].replace("2:21#", "2:18#").replace("10.0.0.5", "10.0.0.9")],
    "nfdump": [
        json.dumps(json.loads(SAMPLES["nfdump"])[0]).replace("10.0.0.5", "10.0.0.9") + "\n",
    ],
    "ocsf": [SAMPLES["ocsf"].replace("1.1.0", "1.6.0").replace("10.0.0.5", "10.0.0.8")],
    "route53_resolver": [SAMPLES["route53_resolver"].replace('"1.1"', '"1.100"').replace("10.0.0.5", "10.0.0.9")],
    "squid": [
        '10.0.0.9 - - [21/Sep/2026:10:00:01 +0000] "CONNECT b.example.org:443 HTTP/1.1" 200 615 "-" "c" TCP_TUNNEL:HIER_DIRECT\n'
    ],
    "suricata": [
        (
            '{"timestamp": "2026-09-21T10:00:03+0000", "flow_id": 90, "event_type": "dns", "src_ip": "10.0.0.53", '
            '"src_port": 53, '
            '"dest_ip": "10.0.0.9", "dest_port": 50009, "proto": "UDP", "dns": {"type": "answer", "id": 7, "rcode": "NOERROR", '
            '"rrname": "b.example.org", "rrtype": "A", "rdata": "192.0.2.1", "ttl": 60}}\n'
        ),
        (
            '{"timestamp": "2026-09-21T10:00:03+0000", "flow_id": 91, "event_type": "dns", "src_ip": "10.0.0.9", '
            '"src_port": 50009, '
            '"dest_ip": "10.0.0.53", "dest_port": 53, "proto": "UDP", "dns": {"version": 3, "type": "request", "id": 8, '
            '"queries": [{"rrname": "c.example.org", "rrtype": "A"}]}}\n'
        ),
    ],
    "unbound": ["[1790000000] unbound[7:0] info: 10.0.0.9 b.example.org. AAAA IN\n"],
    "zeek": [
        (
            '{"ts": 1790000001.5, "uid": "C9", "id.orig_h": "10.0.0.9", "id.orig_p": 50009, "id.resp_h": "192.0.2.10", '
            '"id.resp_p": 443, "proto": "tcp", "conn_state": "SF", "duration": 1.0}\n'
        ),
    ],
    "map": [],
}
"""By format, the same kind of log as other versions, dialects or shapes write it; none for what its user describes."""


def test_every_reader_says_which_versions_it_meets() -> None:
    assert sorted(MIXED) == NAMES


def test_versions_beside_each_other_are_each_read_as_alone(tmp_path: Path, name: str) -> None:
    """In files of one rotated set; each of them is also recognised by itself."""
    alone = [held(tmp_path, name, SAMPLES[name]), *(held(tmp_path, name, other) for other in MIXED[name])]
    assert all(known(one) for one in alone)
    assert not any(one.coverage.skipped for one in alone)
    for other in MIXED[name]:
        assert read(tmp_path, {"x.log": other}).format == name
    mixed = held(tmp_path, name, SAMPLES[name], *MIXED[name])
    assert known(mixed) == sorted(record for one in alone for record in known(one))
    assert not mixed.coverage.skipped


VERSIONED = {
    "aws_vpc": ("2 123", "19 123"), "azure_flow": ('"Version": 2', '"Version": 9'), "cloudtrail": ('"1.09"', '"99.0"'),
    "har": ('"1.2"', '"99.0"'), "mitmproxy": ("2:21#", "2:99#"), "ocsf": ('"1.1.0"', '"9.0.0"'),
    "route53_resolver": ('"1.1"', '"9.9"'),
}  # fmt: skip
"""What a record says of its version, and a version that nobody knows."""


@pytest.mark.parametrize("name", sorted(VERSIONED))
def test_a_version_that_nobody_knows_is_told(tmp_path: Path, name: str) -> None:
    mine, strange = VERSIONED[name]
    assert mine in SAMPLES[name]
    found = held(tmp_path, name, SAMPLES[name].replace(mine, strange))
    told = found.coverage.versions + found.coverage.skipped + found.coverage.notes
    assert any("version" in word or "9.0" in word or "99" in word or "9.9" in word for word in told), dict(told)
