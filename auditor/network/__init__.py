"""What the network permits: the policies that are read, as exact sets of addresses, protocols and ports."""

from auditor.network.addresses import FAMILIES, Range, cut, parse_block, whole
from auditor.network.answering import ANYWHERE, Answers, deciding, matching
from auditor.network.cluster import Cluster, Region, read_cluster
from auditor.network.connections import ALL, ICMP, OTHER, Connections, wanted
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named, Neighbour, Target
from auditor.network.governing import read_governed
from auditor.network.istio import Mesh, read_mesh
from auditor.network.layers import Governed, Layer, LayeredDecision, Subject, layered_regions, together
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.names import address_targets, established, service_pods, service_targets
from auditor.network.netfilter import forwarded_rules, sent_from_networks
from auditor.network.objects import Pods
from auditor.network.platform import Platform, read_platform
from auditor.network.proxied import PodProxies, read_pod_proxies
from auditor.network.reachability import Moved, SideBySide
from auditor.network.relays import Relay, open_relays, proxy_targets, relays
from auditor.network.side_by_side import Closures
from auditor.network.sources import Source
from auditor.network.spans import Spans
from auditor.network.squid import proxy_rules
from auditor.network.through import asks_within, lookups, sealed_at, unsupplied, ways_out, ways_through

__all__ = [
    "ALL",
    "ANYWHERE",
    "FAMILIES",
    "ICMP",
    "OTHER",
    "Answers",
    "Closures",
    "Cluster",
    "Connections",
    "Decision",
    "Governed",
    "Layer",
    "LayeredDecision",
    "Mesh",
    "Moved",
    "NameDialect",
    "NamePattern",
    "Named",
    "Neighbour",
    "Platform",
    "PodProxies",
    "Pods",
    "Range",
    "Region",
    "Relay",
    "SideBySide",
    "Source",
    "Spans",
    "Step",
    "Subject",
    "Target",
    "address_targets",
    "asks_within",
    "cut",
    "deciding",
    "established",
    "forwarded_rules",
    "layered_regions",
    "lookups",
    "matching",
    "open_relays",
    "parse_block",
    "proxy_rules",
    "proxy_targets",
    "read_cluster",
    "read_governed",
    "read_mesh",
    "read_platform",
    "read_pod_proxies",
    "relays",
    "sealed_at",
    "sent_from_networks",
    "service_pods",
    "service_targets",
    "together",
    "unsupplied",
    "wanted",
    "ways_out",
    "ways_through",
    "whole",
]
