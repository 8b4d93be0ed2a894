"""The fields that the objects inside records are documented to have: what is not among them is reported, never dropped silently.

The fields of a record itself are known to its reader; here are those one level down and deeper. An object that is not listed is
open by its nature (what a caller sent, counters by module), and its fields are nobody's to know. Source: the references of the
formats as their readers name them (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from auditor.traffic.logs.coverage import LogCoverage


class Shape(NamedTuple):
    """An object, or each object of a list."""

    fields: frozenset[str]
    """Empty where its reader knows them, or where they are open."""
    inside: Mapping[str, Shape]


def shape(fields: str, **inside: Shape) -> Shape:
    """Return a shape from its fields, separated by blanks; those with a shape of their own need not stand among them."""
    return Shape(frozenset((*fields.split(), *inside)) if fields else frozenset(), inside)


def note_words(names: Iterable[str], coverage: LogCoverage, path: str = "") -> None:
    """Count the names of unknown fields of one record."""
    for name in names:
        coverage.word(coverage.unknown_fields, f"{path}{name}")


def note_unknown(record: Mapping[str, Any], known: Shape, coverage: LogCoverage, path: str = "") -> None:
    """Count the fields of a record that its shape does not know, by their dotted names."""
    if known.fields and not known.fields.issuperset(record):
        note_words(record.keys() - known.fields, coverage, path)
    for name in known.inside.keys() & record.keys() if len(record) > len(known.inside) else record:
        value = record[name]
        kind = type(value)
        if kind is dict:
            inner = known.inside.get(name)
            if inner is not None:
                note_unknown(value, inner, coverage, f"{path}{name}.")
        elif kind is list and name in known.inside:
            for item in value:
                if isinstance(item, dict):
                    note_unknown(item, known.inside[name], coverage, f"{path}{name}.")


_PORTS = shape("source_port destination_port")
_ICMP = shape("type code")
_HUBBLE_END = shape("ID identity cluster_name namespace labels pod_name workloads")
_HUBBLE_FLOW = shape(
    "",
    IP=shape("source source_xlated destination ipVersion encrypted"),
    l4=shape(
        "VRRP IGMP",
        TCP=shape("source_port destination_port", flags=shape("FIN SYN RST PSH ACK URG ECE CWR NS")),
        UDP=_PORTS, SCTP=_PORTS, ICMPv4=_ICMP, ICMPv6=_ICMP,
    ),
    source=_HUBBLE_END,
    destination=_HUBBLE_END,
    l7=shape(
        "type latency_ns kafka record",
        http=shape("code method url protocol headers"),
        dns=shape("query ips ttl cnames observation_source rcode qtypes rrtypes"),
    ),
)  # fmt: skip
HUBBLE = shape("", **{"flow": _HUBBLE_FLOW, **_HUBBLE_FLOW.inside})  # a flow stands inside an event, or is the record itself
HUBBLE_EVENT = frozenset({"flow", "node_name", "time", "lost_events", "node_status", "agent_event", "debug_event"})
"""What stands beside a flow in an event of the exporter."""
_RESOURCE_RECORD = shape("rrname rrtype ttl rdata soa srv sshfp opt")
SURICATA = shape(
    "",
    tls=shape(
        "subject issuerdn serial fingerprint sni version notbefore notafter ja3 ja3s ja4 session_resumed from_proto client_alpns "
        "server_alpns certificate chain subjectaltname client client_handshake server_handshake"
    ),
    http=shape(
        "hostname url http_user_agent http_content_type http_refer http_method protocol status length redirect xff http_port "
        "content_range request_headers response_headers http_request_body http_response_body http_request_body_printable "
        "http_response_body_printable version http2 true_client_ip org_src_ip location cookie x_bluecoat_via"
    ),
    netflow=shape("pkts bytes start end age min_ttl max_ttl tx_cnt"),
    dns=shape(
        "type id rcode rrname rrtype tx_id opcode version flags qr aa tc rd ra z ttl rdata grouped additionals",
        answers=_RESOURCE_RECORD, authorities=_RESOURCE_RECORD, queries=shape("rrname rrtype tx_id opcode"),
    ),
    flow=shape(
        "pkts_toserver pkts_toclient bytes_toserver bytes_toclient start end age state reason alerted tx_cnt wrong_thread bypass "
        "bypassed emergency exception_policy action elephant src_ip dest_ip src_port dest_port"
    ),
    tcp=shape(
        "tcp_flags tcp_flags_ts tcp_flags_tc syn fin rst psh ack urg ecn cwr state ts_max_regions tc_max_regions ts_gap tc_gap "
        "ts_urgent_oob_data tc_urgent_oob_data ssn_reused"
    ),
)  # fmt: skip
_GCP_MACHINE = shape("project_id region vm_name zone managed_instance_group vm_id")
_GCP_CLUSTER = shape(
    "service",
    cluster=shape("cluster_location cluster_name location name"),
    pod=shape("pod_name pod_namespace pod_workload name namespace workload"),
)
_GCP_PLACE = shape("asn city continent country region")
_GCP_SERVICE = shape("connectivity private_domain service_name type")
_GCP_FLOW = shape(
    "",
    connection=shape("src_ip src_port dest_ip dest_port protocol"),
    **{f"{end}_instance": _GCP_MACHINE for end in ("src", "dest")},
    **{f"{end}_gke_details": _GCP_CLUSTER for end in ("src", "dest")},
    **{f"{end}_location": _GCP_PLACE for end in ("src", "dest")},
    **{f"{end}_google_service": _GCP_SERVICE for end in ("src", "dest")},
)
GCP = shape("", jsonPayload=_GCP_FLOW, **_GCP_FLOW.inside)
GCP_ENTRY = frozenset(
    {
        "insertId", "jsonPayload", "logName", "receiveTimestamp", "resource", "timestamp", "labels", "severity", "trace",
        "spanId",
        "traceSampled", "httpRequest", "operation", "sourceLocation", "split", "errorGroups", "apphub", "receiveLocation",
        "protoPayload", "textPayload", "metadata",
    }
)  # fmt: skip
"""An entry of Cloud Logging around a flow."""
CODER_LINE = frozenset({"ts", "level", "msg", "caller", "func", "logger_names", "fields", "error", "trace", "span"})
"""A line of Coder's log around what it says."""
_AZURE_TUPLES = shape("mac rule flowTuples")
AZURE = shape(
    "time systemId macAddress category resourceId operationName flowLogVersion flowLogGUID flowLogResourceID targetResourceID "
    "location tenantId level resultType callerIpAddress correlationId",
    properties=shape("Version", flows=shape("rule", flows=_AZURE_TUPLES)),
    flowRecords=shape("", flows=shape("aclID", flowGroups=_AZURE_TUPLES)),
)
_OCSF_END = shape(
    "ip port hostname name uid svc_name interface_uid interface_name instance_uid subnet_uid vpc_uid vlan_uid mac domain zone "
    "intermediate_ips proxy_endpoint autonomous_system owner hw_info os type type_id namespace_pid network_scope "
    "network_scope_id isp isp_org container agent_list boot_uid subdomain",
    location=shape("city country continent region coordinates desc geohash isp is_on_premises lat long postal_code provider"),
)
OCSF = shape(
    "",
    metadata=shape(
        "version profiles extension extensions event_code uid labels log_name log_level log_provider log_version logged_time "
        "logged_time_dt loggers modified_time modified_time_dt original_time processed_time processed_time_dt sequence "
        "tenant_uid correlation_uid data_classification data_classifications debug is_truncated original_event_uid reporter "
        "source tags transformation_info_list type untruncated_size",
        product=shape("name vendor_name version uid feature lang path url_string cpe_name data_classification"),
    ),
    src_endpoint=_OCSF_END,
    dst_endpoint=_OCSF_END,
    connection_info=shape(
        "uid direction direction_id protocol_name protocol_num protocol_ver protocol_ver_id tcp_flags boundary boundary_id "
        "session community_uid flag_history"
    ),
    traffic=shape("bytes bytes_in bytes_out bytes_missed packets packets_in packets_out chunks chunks_in chunks_out timespan"),
    http_request=shape(
        "uid http_method user_agent version referrer args body_length length http_headers x_forwarded_for",
        url=shape("hostname path port query_string scheme subdomain domain url_string resource_type categories category_ids"),
    ),
)
CLOUDTRAIL = shape(
    "eventVersion eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage requestParameters "
    "responseElements additionalEventData requestID eventID readOnly eventType managementEvent recipientAccountId apiVersion "
    "sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory addendum sessionCredentialFromConsole serviceEventDetails "
    "edgeDeviceDetails resources inScopeOf networkActivityEvent insightDetails schemaType schemaVersion timestamp accountId "
    "region requestId operation modelId input output identity errorMessage inferenceRegion requestMetadata status",
    userIdentity=shape(
        "type principalId arn accountId accessKeyId userName sessionContext invokedBy identityProvider credentialId inScopeOf "
        "onBehalfOf invokedByDelegate"
    ),
    tlsDetails=shape("tlsVersion cipherSuite clientProvidedHostHeader keyExchange"),
)
HAR = shape(
    "pageref startedDateTime time cache timings serverIPAddress connection comment",
    request=shape("method url httpVersion cookies headers queryString postData headersSize bodySize comment"),
    response=shape("status statusText httpVersion cookies headers content redirectURL headersSize bodySize comment"),
)
ROUTE53 = shape("", answers=shape("Rdata Type Class"), srcids=shape("instance resolver_endpoint resolver_network_interface"))
MITMPROXY = shape(
    "version type client_conn server_conn request response error intercepted is_replay marked metadata id comment "
    "timestamp_created websocket messages backup mode"
)
"""The fields of a flow itself; those of connections and messages come and go with each of its versions, which are told."""
