"""Azure NSG and virtual network flow logs (facts F4). Records are written by us in the documented forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from auditor.facts.vocabulary import Sighting, Transport
from auditor.traffic.logs import Action
from tests.traffic.logs.reader import Outcome, read, told

_NSG = "/SUBSCRIPTIONS/1/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG1"


def _security_group(version: int, *tuples: str, rule: str = "DefaultRule_AllowInternetOutBound") -> dict[str, Any]:
    flows = [{"rule": rule, "flows": [{"mac": "000D3AF87856", "flowTuples": list(tuples)}]}]
    return {
        "time": "2026-09-21T10:00:35.3899262Z",
        "systemId": "s1",
        "category": "NetworkSecurityGroupFlowEvent",
        "resourceId": _NSG,
        "operationName": "NetworkSecurityGroupFlowEvents",
        "properties": {"Version": version, "flows": flows},
    }


def _network(*tuples: str, rule: str = "DefaultRule_AllowInternetOutBound") -> dict[str, Any]:
    return {
        "time": "2026-09-21T10:00:35Z",
        "flowLogVersion": 4,
        "flowLogGUID": "g1",
        "macAddress": "112233445566",
        "category": "FlowLogFlowEvent",
        "targetResourceID": "/subscriptions/1/virtualNetworks/net1",
        "operationName": "FlowLogFlowEvent",
        "flowRecords": {"flows": [{"aclID": "a1", "flowGroups": [{"rule": rule, "flowTuples": list(tuples)}]}]},
    }


def _read(folder: Path, *records: dict[str, Any]) -> Outcome:
    return read(folder, {"PT1H.json": json.dumps({"records": records})})


def test_f4_version_1_has_eight_fields_and_no_counts(tmp_path: Path) -> None:
    record = _security_group(1, "1790000000,10.0.0.4,192.0.2.10,44931,443,T,O,A", "1790000001,10.0.0.4,192.0.2.11,44932,53,U,O,D")
    outcome = _read(tmp_path, record)
    assert outcome.format == "azure_flow"
    one, two = outcome.flows
    assert told(one) == {
        "start": 1790000000 * 10**9,
        "end": 1790000000 * 10**9,
        "src_addr": "10.0.0.4",
        "src_port": 44931,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "loss_flags": ("one_way",),
        "action": Action.PASSED,
        "action_word": "A",
        "reporter": _NSG,
        "source": one.source,
        "evidence": (("rule", "DefaultRule_AllowInternetOutBound"),),
    }
    assert (one.source.kind, one.source.name) == ("interface", "000D3AF87856")
    assert (two.transport, two.sighting, two.attempt_reason) == (Transport.UDP, Sighting.ATTEMPT, "denied")


def test_f4_counts_of_continuing_records_of_version_2_are_added_up(tmp_path: Path) -> None:
    ends = "10.0.0.4,192.0.2.10,44931,443,T,O,A"
    begun, going, over = (
        f"1790000000,{ends},B,,,,",
        f"1790000060,{ends},C,1021,588096,8005,4610880",
        f"1790000120,{ends},E,52,29952,47,27072",
    )
    flow = _read(tmp_path, _security_group(2, begun), _security_group(2, going), _security_group(2, over)).flow
    assert (flow.packets_out, flow.wire_out, flow.packets_in, flow.wire_in) == (1073, 618048, 8052, 4637952)
    assert (flow.place.lines, flow.end, flow.action_word, flow.loss_flags) == (3, 1790000120 * 10**9, "AB|AC|AE", ())


def test_f4_virtual_network_logs_have_milliseconds_numbers_and_denied_as_a_state(tmp_path: Path) -> None:
    passed = (
        "1790000003599,10.0.0.6,192.0.2.180,23956,443,6,O,B,NX,0,0,0,0",
        "1790000006606,10.0.0.6,192.0.2.180,23956,443,6,O,E,NX,3,767,2,1580",
    )
    outcome = _read(
        tmp_path, _network(*passed), _network("1790000004000,192.0.2.9,10.0.0.6,6370,23,6,I,D,NX,0,0,0,0", rule="DenyAll")
    )
    one, two = outcome.flows
    assert (one.start, one.packets_out, one.wire_in) == (1790000003599 * 10**6, 3, 1580)
    assert one.evidence == (("encryption", "NX"), ("rule", "DefaultRule_AllowInternetOutBound"))
    assert (two.src_addr, two.attempt_reason, two.action) == ("192.0.2.9", "denied", Action.DENIED)
    assert two.destination.name == "112233445566"
    assert outcome.coverage.versions == {"4": 3}


def test_an_unknown_version_and_damaged_tuples_are_counted(tmp_path: Path) -> None:
    records = [
        _security_group(3, "1790000000,10.0.0.4,192.0.2.10,44931,443,T,O,A"),
        _security_group(2, "1790000000,10.0.0.4", "1790000000,here,there,44931,443,T,O,A,B,,,,"),
        {"time": "x", "category": "Administrative"},
    ]
    coverage = _read(tmp_path, *records).coverage
    assert coverage.skipped == {"version_not_known": 1, "wrong_number_of_fields": 1, "no_address": 1}
    assert coverage.passed_over == {"other_log": 1}


def test_several_documents_in_one_file_are_read(tmp_path: Path) -> None:
    one = json.dumps({"records": [_network("1790000003599,10.0.0.6,192.0.2.180,23956,443,6,O,E,NX,3,767,2,1580")]})
    two = json.dumps({"records": [_network("1790000003599,10.0.0.6,192.0.2.181,23956,443,6,O,E,NX,3,767,2,1580")]})
    outcome = read(tmp_path, {"PT1H.json": f"{one}\n{two}\n"})
    assert [(f.dst_addr, f.place.line) for f in outcome.flows] == [("192.0.2.180", 1), ("192.0.2.181", 2)]
