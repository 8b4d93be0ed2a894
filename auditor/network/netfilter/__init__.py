"""A host's own packet filter: iptables, ip6tables, ipset and nftables."""

from __future__ import annotations

from auditor.network.netfilter.layer import forwarded_rules, read_host_firewalls, sent_from_networks

__all__ = ["forwarded_rules", "read_host_firewalls", "sent_from_networks"]
