"""What the network permits: the policies that are read, as exact sets of addresses, protocols and ports."""

from auditor.network.addresses import Range, parse_block
from auditor.network.answering import ANYWHERE, Answers, deciding, matching
from auditor.network.cluster import Cluster, Region, read_cluster
from auditor.network.connections import ALL, OTHER, Connections, wanted
from auditor.network.deciding import Step
from auditor.network.match import End
from auditor.network.names import established, service_pods
from auditor.network.objects import Pods
from auditor.network.platform import Platform, read_platform
from auditor.network.through import ways_out, ways_through

__all__ = [
    "ALL",
    "ANYWHERE",
    "OTHER",
    "Answers",
    "Cluster",
    "Connections",
    "End",
    "Platform",
    "Pods",
    "Range",
    "Region",
    "Step",
    "deciding",
    "established",
    "matching",
    "parse_block",
    "read_cluster",
    "read_platform",
    "service_pods",
    "wanted",
    "ways_out",
    "ways_through",
]
