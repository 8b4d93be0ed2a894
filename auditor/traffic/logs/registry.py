"""All log formats, in the order in which a file is held against them: the most telling signs first."""

from __future__ import annotations

from auditor.traffic.logs.aws import FORMAT as AWS
from auditor.traffic.logs.azure import FORMAT as AZURE
from auditor.traffic.logs.cloudtrail import FORMAT as CLOUDTRAIL
from auditor.traffic.logs.coder import FORMAT as CODER
from auditor.traffic.logs.combined import FORMAT as COMBINED
from auditor.traffic.logs.conntrack import FORMAT as CONNTRACK
from auditor.traffic.logs.dnstap_yaml import FORMAT as DNSTAP_YAML
from auditor.traffic.logs.envoy import FORMAT as ENVOY
from auditor.traffic.logs.flow_table import FORMAT as FLOW_TABLE
from auditor.traffic.logs.formats import LogFormat
from auditor.traffic.logs.gcp import FORMAT as GCP
from auditor.traffic.logs.har import FORMAT as HAR
from auditor.traffic.logs.hubble import FORMAT as HUBBLE
from auditor.traffic.logs.mapped import FORMAT as MAPPED
from auditor.traffic.logs.mitmproxy import FORMAT as MITMPROXY
from auditor.traffic.logs.nfdump import FORMAT as NFDUMP
from auditor.traffic.logs.ocsf import FORMAT as OCSF
from auditor.traffic.logs.resolver import BIND, COREDNS, DNSMASQ, DNSTAP, UNBOUND
from auditor.traffic.logs.route53 import FORMAT as ROUTE53
from auditor.traffic.logs.squid import FORMAT as SQUID
from auditor.traffic.logs.suricata import FORMAT as SURICATA
from auditor.traffic.logs.zeek import FORMAT as ZEEK

FORMATS: tuple[LogFormat, ...] = (
    ZEEK,
    HUBBLE,
    SURICATA,
    GCP,
    AZURE,
    NFDUMP,
    OCSF,
    CLOUDTRAIL,
    HAR,
    MITMPROXY,
    CODER,
    CONNTRACK,
    AWS,
    SQUID,
    ENVOY,
    ROUTE53,
    FLOW_TABLE,
    DNSTAP_YAML,
    DNSTAP,
    BIND,
    UNBOUND,
    DNSMASQ,
    COREDNS,
    COMBINED,
    MAPPED,
)
