"""Whom logs and inventories name, and where calls ran: from the files to the assessment, by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.facts.assessment import Assessment, FlowRecord
from auditor.pipeline import Request, gather, judge, model
from tests.identify.test_cloud_exports import TASK
from tests.identify.test_tenures import FIRST, OF_WORKSPACES, SECOND, SERVICE, TAKEN
from tests.traffic.wire import CLIENT, SERVER, START, Connection, client_hello, pcap, records

PROXY = "10.0.0.200"
REGION = "bedrock-runtime.eu-central-1.amazonaws.com"


def deployment(folder: Path, inputs: str, workloads: str) -> Path:
    (folder / "auditor.yaml").write_text(
        "version: 1\ndeployment: logged\nzones:\n"
        "  corp: {operator: customer, hosted_by: customer, processing: [DE], storage: [DE], networks: [10.0.0.0/8]}\n"
        f"perimeter: [corp]\ncomponents:\n{workloads}inputs:\n{inputs}profiles: [in-network]\n"
    )
    return folder


def assessed(folder: Path) -> Assessment:
    inputs = gather(Request(paths=(folder,)))
    return judge(model(inputs), inputs, "2026-11-26T00:00:00Z")


def vpc(source: str, sport: int, target: str, port: int, size: int) -> str:
    return f"2 123456789010 eni-1 {source} {target} {sport} {port} 6 5 {size} {START} {START + 1} ACCEPT OK\n"


def test_captures_flow_logs_and_a_proxy_log_of_one_window_make_one_table(tmp_path: Path) -> None:
    """A flow that capture and flow log saw counts once with the evidence of both; the proxy's log names whom it was asked for."""
    direct, proxied = Connection(), Connection(port=443, client_port=50001)
    frames = [*direct.handshake(), direct.say(records(client_hello("direct.example"))), direct.answer(b"y" * 900)]
    frames += [*proxied.handshake(), proxied.say(records(client_hello("api.example.org"))), proxied.answer(b"z" * 400)]
    (tmp_path / "perimeter.pcap").write_bytes(pcap(frames))
    (tmp_path / "vpc.log").write_text(
        vpc(CLIENT, 50000, SERVER, 443, 900) + vpc(SERVER, 443, CLIENT, 50000, 1200) + vpc(CLIENT, 50009, PROXY, 3128, 700)
    )
    (tmp_path / "access.log").write_text(
        f"{START}.250    150 {CLIENT} TCP_TUNNEL/200 4521 CONNECT asked.example:443 - HIER_DIRECT/192.0.2.10 -\n"
    )
    inputs = "".join(
        f"  - {{{kind}: {name}, vantage: {name}, sees: [corp]}}\n"
        for kind, name in (("capture", "perimeter.pcap"), ("log", "vpc.log"), ("log", "access.log"))
    )
    workloads = f"  - {{id: agent, plane: execution, role: workspace, zone: corp, networks: [{CLIENT}/32]}}\n"
    workloads += f"  - {{id: proxy, plane: supporting, role: proxy, zone: corp, networks: [{PROXY}/32]}}\n"
    deployment(tmp_path, inputs, workloads)
    assert main(["check", str(tmp_path), "--output", f"json:{tmp_path / 'a.json'}", "--exit-zero"]) == 0
    found = json.loads((tmp_path / "a.json").read_text())
    kinds = {e["id"]: (e["kind"], e["path"]) for e in found["evidence"]}
    shown = {c["destination"]: (c["payload_in"], sorted(kinds[e] for e in c["evidence"])) for c in found["channels"]}
    assert shown == {
        "host:direct.example": (900, [("frames", "perimeter.pcap"), ("lines", "vpc.log")]),
        "host:api.example.org": (400, [("frames", "perimeter.pcap")]),
        "proxy": (None, [("lines", "vpc.log")]),
        "host:asked.example": (4521, [("lines", "access.log")]),
    }
    assert {c["source"] for c in found["channels"]} == {"agent"}


def zeek(number: int, time: str) -> str:
    told = {
        "ts": f"2026-11-20T{time}.000000Z", "uid": f"C{number}", "id.orig_h": OF_WORKSPACES, "id.orig_p": 50000 + number,
        "id.resp_h": SERVER, "id.resp_p": 443, "proto": "tcp", "duration": 2.0, "orig_bytes": 500, "resp_bytes": 900,
        "conn_state": "SF", "history": "ShADadFf", "orig_pkts": 5, "orig_ip_bytes": 800, "resp_pkts": 3, "resp_ip_bytes": 1100,
    }  # fmt: skip
    return json.dumps(told) + "\n"


def test_flows_of_a_recycled_address_are_given_to_whoever_held_it(tmp_path: Path) -> None:
    pods = [{**pod, "status": {**pod["status"], "podIP": OF_WORKSPACES, "podIPs": []}} for pod in (FIRST, SECOND)]
    listed = {"apiVersion": "v1", "kind": "List", "items": [*pods, SERVICE, TAKEN]}
    (tmp_path / "pods.json").write_text(json.dumps(listed, indent=1))
    (tmp_path / "conn.log").write_text(zeek(1, "08:10:00") + zeek(2, "09:30:00") + zeek(3, "11:00:00"))
    workloads = '  - {id: ws, plane: execution, role: workspace, zone: corp, hosts: ["*.workspaces.pod"]}\n'
    workloads += "  - {id: git, plane: supporting, role: source_control, zone: corp, hosts: [git.tools.svc]}\n"
    inputs = "  - {log: conn.log, vantage: nodes, sees: [corp]}\n  - {file: pods.json, state: live, collected: 2026-11-20}\n"
    found = assessed(deployment(tmp_path, inputs, workloads))
    assert sorted(c.source for c in found.channels) == [f"addr:{OF_WORKSPACES}", "git", "ws"]
    (open_one,) = (u for u in found.unknowns if u.kind == "source_not_established" and "changes hands" in u.text)
    assert "pod tools/git-1, pod workspaces/alice-1" in open_one.text
    evidence = {e.id: e for e in found.evidence}
    (by_git,) = (c for c in found.channels if c.source == "git")
    assert any(evidence[e].path == "pods.json" and "pod tools/git-1 has the address" in evidence[e].text for e in by_git.evidence)


def bedrock(folder: Path, ran_in: str, model_id: str = "eu.anthropic.claude") -> FlowRecord:
    event = {
        "eventVersion": "1.09", "eventTime": "2026-11-20T10:00:01Z", "eventSource": "bedrock.amazonaws.com",
        "eventName": "Converse", "awsRegion": "eu-central-1", "sourceIPAddress": CLIENT, "requestID": "r-1",
        "recipientAccountId": "123456789012", "requestParameters": {"modelId": model_id},
        "additionalEventData": {"inferenceRegion": ran_in} if ran_in else {},
        "userIdentity": {"arn": "arn:aws:sts::123456789012:assumed-role/agent/session", "accountId": "123456789012"},
        "tlsDetails": {"clientProvidedHostHeader": REGION},
    }  # fmt: skip
    (folder / "trail.json").write_text(json.dumps({"Records": [event]}))
    workloads = f"  - {{id: agent, plane: execution, role: workspace, zone: corp, networks: [{CLIENT}/32]}}\n"
    found = assessed(deployment(folder, "  - {log: trail.json, vantage: aws, sees: [corp]}\n", workloads))
    (row,) = found.flows
    evidence = {e.id: e.text for e in found.evidence}
    assert any("model " + model_id in evidence[e] for e in row.evidence)
    return row


def test_where_inference_ran_reaches_the_table_with_its_country(tmp_path: Path) -> None:
    row = bedrock(tmp_path, "us-east-1")
    assert "the log shows calls that ran at bedrock-runtime.us-east-1.amazonaws.com (US)" in row.processing_reason


def test_a_model_of_one_region_ran_in_it_and_a_profile_that_tells_no_region_anywhere(tmp_path: Path) -> None:
    plain = bedrock(tmp_path, "", "anthropic.claude-3-5-sonnet-20240620-v1:0")
    assert f"the log shows calls that ran at {REGION} (DE)" in plain.processing_reason
    assert "ran at" not in bedrock(tmp_path, "").processing_reason


def test_a_pod_that_only_the_log_names_is_the_source(tmp_path: Path) -> None:
    flow = {
        "time": "2026-11-20T10:00:00Z", "verdict": "FORWARDED", "IP": {"source": "10.9.9.9", "destination": SERVER},
        "l4": {"TCP": {"source_port": 4000, "destination_port": 443, "flags": {"SYN": True}}}, "is_reply": False,
        "source": {"identity": 7, "namespace": "workspaces", "pod_name": "alice-1", "labels": ["k8s:app=ws"]},
        "destination": {"identity": 2, "labels": ["reserved:world"]}, "Type": "L3_L4", "node_name": "n1",
        "traffic_direction": "EGRESS", "event_type": {"type": 4, "sub_type": 3},
    }  # fmt: skip
    (tmp_path / "hubble.json").write_text(json.dumps({"flow": flow, "node_name": "n1", "time": flow["time"]}) + "\n")
    workloads = '  - {id: ws, plane: execution, role: workspace, zone: corp, hosts: ["*.workspaces.pod.cluster.local"]}\n'
    found = assessed(deployment(tmp_path, "  - {log: hubble.json, vantage: cilium, sees: [corp]}\n", workloads))
    (channel,) = found.channels
    assert channel.source == "ws"
    evidence = {e.id: e.text for e in found.evidence}
    assert any("the log names the sender pod workspaces/alice-1" in evidence[e] for e in channel.evidence)


GCP = {
    "jsonPayload": {
        "connection": {"src_ip": "10.9.9.9", "src_port": 50000, "dest_ip": SERVER, "dest_port": 443, "protocol": 6},
        "reporter": "SRC", "bytes_sent": "1200", "start_time": "2026-11-20T10:00:01Z", "end_time": "2026-11-20T10:00:05Z",
        "src_instance": {"vm_name": "runner-1", "project_id": "p", "zone": "europe-west3-a"},
    },
}  # fmt: skip
ECS = (
    "version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status flow-direction "
    "ecs-cluster-name ecs-service-name ecs-task-id\n"
    f"7 eni-0a1b 10.9.9.9 {SERVER} 50000 443 6 10 4249 1795168800 1795168860 ACCEPT OK egress agents web 0f1e\n"
)
OCSF = {
    "class_uid": 4001, "time": 1795168801000, "metadata": {"version": "1.1.0", "product": {"name": "x"}}, "activity_id": 6,
    "src_endpoint": {"ip": "10.9.9.9", "port": 50000, "svc_name": "web", "instance_uid": ""},
    "dst_endpoint": {"ip": SERVER, "port": 443}, "connection_info": {"protocol_num": 6}, "traffic": {"bytes_out": 4249},
}  # fmt: skip
HUBBLE = {
    "flow": {
        "time": "2026-11-20T10:00:00Z", "verdict": "FORWARDED", "IP": {"source": "10.9.9.9", "destination": SERVER},
        "l4": {"TCP": {"source_port": 4000, "destination_port": 443, "flags": {"SYN": True}}}, "is_reply": False,
        "source": {"identity": 7, "labels": ["k8s:app=web", "k8s:io.kubernetes.pod.namespace=workspaces", "k8s:tier=front"]},
        "destination": {"identity": 2, "labels": ["reserved:world"]}, "Type": "L3_L4", "node_name": "n1",
        "traffic_direction": "EGRESS", "event_type": {"type": 4, "sub_type": 3},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("log", "host", "said"),
    [
        (json.dumps(GCP), "runner-1", "instance runner-1"),
        (ECS, "web.agents", "task agents/web/0f1e"),
        (ECS, "web", "task agents/web/0f1e"),
        (json.dumps(OCSF), "web", "service web"),
        (json.dumps(HUBBLE), "*.workspaces.pod.cluster.local", "workload workspaces/web"),
    ],
    ids=["gcp instance", "ecs service of a cluster", "ecs service", "ocsf service", "hubble labels"],
)
def test_a_workload_that_only_the_log_names_is_the_source(tmp_path: Path, log: str, host: str, said: str) -> None:
    (tmp_path / "flows.log").write_text(log.rstrip("\n") + "\n")
    workloads = f'  - {{id: ws, plane: execution, role: workspace, zone: corp, hosts: ["{host}"]}}\n'
    found = assessed(deployment(tmp_path, "  - {log: flows.log, vantage: cloud, sees: [corp]}\n", workloads))
    (channel,) = found.channels
    assert channel.source == "ws"
    evidence = {e.id: e.text for e in found.evidence}
    assert any(f"the log names the sender {said}" in evidence[e] for e in channel.evidence)


def test_labels_of_another_namespace_are_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "flows.log").write_text(json.dumps(HUBBLE).replace("=workspaces", "=tools") + "\n")
    workloads = '  - {id: ws, plane: execution, role: workspace, zone: corp, hosts: ["*.workspaces.pod.cluster.local"]}\n'
    found = assessed(deployment(tmp_path, "  - {log: flows.log, vantage: cloud, sees: [corp]}\n", workloads))
    assert [channel.source for channel in found.channels] == ["addr:10.9.9.9"]


def test_an_inventory_of_tasks_tells_the_source_where_the_log_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "vpc.log").write_text(
        f"2 123456789010 eni-0a1b 10.9.9.9 {SERVER} 50000 443 6 5 900 1795168801 1795168802 ACCEPT OK\n"
    )
    task = json.loads(json.dumps(TASK).replace("10.20.77.9", "10.9.9.9"))
    later = {**task, "taskArn": task["taskArn"] + "2", "connectivityAt": "2026-11-20T12:00:00Z", "attachments": []}
    (tmp_path / "tasks.json").write_text(json.dumps({"tasks": [task, later]}))
    workloads = "  - {id: ws, plane: execution, role: workspace, zone: corp, hosts: [web.agents]}\n"
    inputs = "  - {log: vpc.log, vantage: cloud, sees: [corp]}\n  - {file: tasks.json, state: live, collected: 2026-11-20}\n"
    (channel,) = assessed(deployment(tmp_path, inputs, workloads)).channels
    assert channel.source == "ws"
