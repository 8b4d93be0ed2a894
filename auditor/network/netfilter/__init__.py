"""A host's own packet filter: iptables, ip6tables, ipset and nftables."""

from __future__ import annotations

from auditor.network.netfilter.layer import read_host_firewalls, sent_from_networks

__all__ = ["read_host_firewalls", "sent_from_networks"]
