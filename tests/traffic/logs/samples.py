"""One small valid log of every format, for tests that hold all formats to the same rules."""

from __future__ import annotations

import json
from typing import Any

_ENDS = {"src_ip": "10.0.0.5", "src_port": 50000, "dest_ip": "192.0.2.10", "dest_port": 443, "proto": "TCP"}
_HUBBLE = {
    "flow": {
        "time": "2026-09-21T10:00:01.5Z",
        "verdict": "FORWARDED",
        "IP": {"source": "10.1.0.5", "destination": "192.0.2.10", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 50000, "destination_port": 443, "flags": {"SYN": True}}},
        "source": {"identity": 7, "namespace": "agents", "labels": ["k8s:app=w"], "pod_name": "w-1"},
        "destination": {"identity": 2, "labels": ["reserved:world"]},
        "Type": "L7",
        "node_name": "node-a",
        "l7": {
            "type": "REQUEST",
            "http": {"url": "http://api.example.org/x"},
            "dns": {"query": "a.example.org.", "ips": ["192.0.2.1"]},
        },
        "destination_names": ["api.example.org"],
        "is_reply": False,
    },
}
_SURICATA = [
    {"timestamp": "2026-09-21T10:00:02+0000", "flow_id": 1, "event_type": "tls", **_ENDS, "tls": {"sni": "api.example.org"}},
    {
        "timestamp": "2026-09-21T10:00:02+0000",
        "flow_id": 2,
        "event_type": "http",
        **_ENDS,
        "http": {"url": "/", "hostname": "a.example.org"},
    },
    {
        "timestamp": "2026-09-21T10:00:02+0000",
        "flow_id": 3,
        "event_type": "netflow",
        **_ENDS,
        "netflow": {"pkts": 1, "bytes": 60},
    },
    {"timestamp": "2026-09-21T10:00:02+0000", "event_type": "stats", "stats": {"capture": {"kernel_drops": 3}}},
    {
        "timestamp": "2026-09-21T10:00:03+0000",
        "flow_id": 4,
        "event_type": "dns",
        **_ENDS,
        "dns": {
            "version": 2,
            "type": "answer",
            "rrname": "a.example.org",
            "answers": [{"rdata": "192.0.2.1"}],
            "grouped": {"A": ["192.0.2.2"]},
        },
    },
    {
        "timestamp": "2026-09-21T10:00:09+0000",
        "flow_id": 1,
        "event_type": "flow",
        **_ENDS,
        "app_proto": "tls",
        "vlan": [7],
        "flow": {"pkts_toserver": 9, "pkts_toclient": 8, "bytes_toserver": 1100, "start": "2026-09-21T10:00:01+0000"},
        "tcp": {"tcp_flags_ts": "1b", "tcp_flags_tc": "1b", "state": "closed"},
    },
]
_GCP = {
    "jsonPayload": {
        "connection": {"src_ip": "10.0.0.5", "src_port": 50000, "dest_ip": "192.0.2.10", "dest_port": 443, "protocol": 6},
        "reporter": "SRC",
        "bytes_sent": "1200",
        "start_time": "2026-09-21T10:00:01Z",
        "src_instance": {"vm_name": "runner-1"},
        "src_gke_details": {"pod": {"pod_name": "w-1"}},
        "dest_location": {"country": "usa"},
        "dest_google_service": {"service_name": "x"},
    },
}
_AZURE = {
    "time": "2026-09-21T10:00:35Z",
    "macAddress": "1122",
    "properties": {
        "Version": 2,
        "flows": [
            {"rule": "r", "flows": [{"mac": "1122", "flowTuples": ["1790000000,10.0.0.4,192.0.2.10,44931,443,T,O,A,B,,,,"]}]}
        ],
    },
}
_NFDUMP = {
    "type": "FLOW",
    "first": "2026-09-21T10:00:01.936",
    "last": "2026-09-21T10:00:02.541",
    "in_packets": 30,
    "in_bytes": 26577,
    "proto": 6,
    "tcp_flags": "...AP.SF",
    "src_port": 37692,
    "dst_port": 443,
    "src4_addr": "10.0.0.5",
    "dst4_addr": "192.0.2.10",
}
_OCSF = {
    "class_uid": 4001,
    "time": 1789984806000,
    "metadata": {"version": "1.1.0", "product": {"name": "x"}},
    "src_endpoint": {"ip": "10.0.0.5", "port": 50000, "interface_uid": "eni-1", "intermediate_ips": ["10.0.0.9"]},
    "dst_endpoint": {"ip": "192.0.2.10", "port": 443, "location": {"country": "US"}},
    "connection_info": {"protocol_num": 6, "tcp_flags": 2},
    "traffic": {"packets": 10, "bytes_out": 4249},
    "http_request": {"url": {"hostname": "a.example.org", "path": "/"}},
    "action_id": 1,
}
_TRAIL = {
    "eventVersion": "1.09",
    "eventTime": "2026-09-21T10:00:01Z",
    "eventSource": "bedrock.amazonaws.com",
    "eventName": "Converse",
    "awsRegion": "eu-central-1",
    "sourceIPAddress": "10.0.0.5",
    "userIdentity": {"arn": "arn:aws:sts::1:assumed-role/agent/s"},
    "requestParameters": {"modelId": "m"},
    "additionalEventData": {"inferenceRegion": "eu-west-3"},
    "tlsDetails": {"clientProvidedHostHeader": "bedrock-runtime.eu-central-1.amazonaws.com"},
}
_HAR = {
    "log": {
        "version": "1.2",
        "creator": {"name": "x"},
        "entries": [
            {
                "startedDateTime": "2026-09-21T10:00:01.250Z",
                "time": 150.5,
                "serverIPAddress": "192.0.2.10",
                "request": {"method": "POST", "url": "https://api.example.org/x", "headersSize": 1, "bodySize": 2},
                "response": {"status": 200, "headersSize": 1, "bodySize": 2},
            },
        ],
    },
}
_CODER = {
    "ts": "2026-09-21T10:00:02Z",
    "msg": "boundary_request",
    "fields": {"decision": "allow", "http_url": "https://api.example.org/x"},
}
_ENVOY = {
    "start_time": "2026-09-21T10:00:01.250Z",
    "method": "POST",
    "path": "/x",
    "response_code": 200,
    "response_flags": "-",
    "authority": "api.example.org",
    "upstream_host": "192.0.2.10:443",
    "downstream_remote_address": "10.0.0.5:50000",
    "downstream_local_address": "192.0.2.10:443",
}
_ROUTE53 = {
    "version": "1.1",
    "query_timestamp": "2026-09-21T10:00:01Z",
    "query_name": "a.example.org.",
    "query_type": "A",
    "srcaddr": "10.0.0.5",
    "answers": [{"Rdata": "192.0.2.1"}],
    "srcids": {"instance": "i-1"},
}
_ZEEK = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tconn_state\ttunnel_parents\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tstring\tset[string]\n"
    "1790000000.5\tC1\t10.0.0.5\t50000\t192.0.2.10\t443\ttcp\tssl\t2.5\t517\tSF\t(empty)\n"
)
_DNSTAP_YAML = """type: MESSAGE
identity: ns1
message:
  type: CLIENT_RESPONSE
  response_time: !!timestamp 2026-09-21T10:00:01Z
  query_address: 10.0.0.5
  response_address: 10.0.0.53
  response_message_data:
    status: NOERROR
    QUESTION_SECTION:
      - a.example.org. IN A
    ANSWER_SECTION:
      - a.example.org. 60 IN A 192.0.2.10
---
"""


def _lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def tnetstring(value: Any) -> str:
    """Return a value as mitmproxy writes it (ASCII only)."""
    if value is None:
        return "0:~"
    if isinstance(value, bool):
        data, kind = ("true" if value else "false"), "!"
    elif isinstance(value, int | float):
        data, kind = str(value), "#" if isinstance(value, int) else "^"
    elif isinstance(value, dict):
        data, kind = "".join(tnetstring(key) + tnetstring(inner) for key, inner in value.items()), "}"
    elif isinstance(value, list):
        data, kind = "".join(map(tnetstring, value)), "]"
    else:
        data, kind = (value.decode(), ",") if isinstance(value, bytes) else (value, ";")
    return f"{len(data)}:{data}{kind}"


MITMPROXY: dict[str, Any] = {
    "version": 21,
    "type": "http",
    "client_conn": {"peername": ["10.0.0.5", 50000]},
    "server_conn": {"peername": ["192.0.2.10", 443], "address": ["api.example.org", 443], "sni": "api.example.org"},
    "request": {
        "host": "api.example.org",
        "port": 443,
        "method": b"POST",
        "scheme": b"https",
        "path": b"/v1/chat?key=x",
        "content": b"prompt",
        "timestamp_start": 1790000000.25,
    },
    "response": {"status_code": 200, "content": b"completion", "timestamp_end": 1790000001.5},
    "error": None,
}

_FLOW = {
    "start": 1790000000000000000, "end": 1790000002000000000, "src_addr": "10.0.0.5", "src_port": 50000, "dst_addr": "192.0.2.10",
    "dst_port": 443, "transport": "tcp", "vlan": None, "vni": None, "orientation_rule": "syn", "packets_out": 5, "packets_in": 4,
    "payload_out": 517, "payload_in": 900, "wire_out": 800, "wire_in": 1100, "state": "closed", "name": "api.example.org",
    "name_rung": "sni", "app_protocol": "tls", "first_frame": 1, "last_frame": 9, "source_id": "a.pcap", "loss_flags": "",
    "server_name": "", "tunnel": "", "outer_src_addr": "", "outer_dst_addr": "", "community_id": "", "local_protocol": "",
    "hidden": False, "file": "", "reporter": "", "isn": None, "fingerprint": "", "source_sha256": "", "src_workload": "pod:a/x",
    "dst_workload": "", "ran_in": "", "told": "",
}  # fmt: skip

SAMPLES: dict[str, str] = {
    "zeek": _ZEEK,
    "hubble": _lines(_HUBBLE),
    "suricata": _lines(*_SURICATA),
    "gcp_vpc": _lines(_GCP),
    "azure_flow": json.dumps({"records": [_AZURE]}, indent=1),
    "nfdump": json.dumps([_NFDUMP], indent=1),
    "ocsf": _lines(_OCSF),
    "cloudtrail": json.dumps({"Records": [_TRAIL]}),
    "har": json.dumps(_HAR),
    "mitmproxy": tnetstring(MITMPROXY),
    "coder_boundary": _lines(_CODER),
    "conntrack": "ipv4     2 tcp      6 117 TIME_WAIT src=10.0.0.5 dst=192.0.2.10 sport=50000 dport=443 packets=5 bytes=900 "
    "src=192.0.2.10 dst=198.51.100.7 sport=443 dport=61000 packets=4 bytes=1200 [ASSURED] mark=0 delta-time=9 "
    "[start=Mon Sep 21 10:00:01 2026] use=1\n",
    "aws_vpc": "2 123456789012 eni-0a1b 10.0.0.5 192.0.2.10 50000 443 6 10 4249 1790000000 1790000060 ACCEPT OK\n",
    "squid": "1790000000.250 150 10.0.0.5 TCP_TUNNEL/200 4521 CONNECT api.example.org:443 alice HIER_DIRECT/192.0.2.10 -\n",
    "envoy": _lines(_ENVOY),
    "route53_resolver": _lines(_ROUTE53),
    "dnstap_yaml": _DNSTAP_YAML,
    "dnstap": "21-Sep-2026 10:00:01.123 CQ 10.0.0.5:53211 -> 10.0.0.53:53 UDP 41b a.example.org/IN/A\n",
    "bind": "21-Sep-2026 10:00:01.1 queries: info: client @0x7f 10.0.0.5#53 (a.example.org): query: a.example.org IN A +\n",
    "coredns": '[INFO] 10.1.0.5:47867 - 53734 "A IN a.example.org. udp 41 false 4096" NOERROR qr 138 0.034s\n',
    "unbound": "[1790000000] unbound[7:0] info: 10.0.0.5 a.example.org. A IN NOERROR 0.000000 1 43\n",
    "dnsmasq": "Sep 21 10:00:01 dnsmasq[7]: 1 10.0.0.5/46708 query[A] a.example.org from 10.0.0.5\n",
    "combined": '10.0.0.5 - - [21/Sep/2026:10:00:01 +0000] "GET http://api.example.org/x HTTP/1.1" 200 615 "-" "curl/7.88.1"\n',
    "flow_table": _lines(_FLOW),
    "map": "when,src,dst,port,proto,sent,verdict\n2026-09-21T10:00:01Z,10.0.0.5,192.0.2.10,443,tcp,1200,allow\n",
}
MAP = {
    "columns": {
        "time": "when",
        "source": "src",
        "destination": "dst",
        "destination_port": "port",
        "protocol": "proto",
        "bytes_out": "sent",
        "action": "verdict",
    },
    "actions": {"passed": ["allow"]},
}
