"""What a log cannot see by its nature, so that its silence about it means nothing."""

from __future__ import annotations

from enum import StrEnum


class Blind(StrEnum):
    """What a format cannot see, so that its silence about it means nothing. The sentence is ``Blind.sentence``."""

    PROVIDER_RESOLVER = "provider_resolver"
    METADATA_ADDRESSES = "metadata_addresses"
    NAMES = "names"
    ADDRESSES = "addresses"
    COUNTS = "counts"
    PAYLOAD = "payload"
    REPLIES = "replies"
    ATTEMPTS = "attempts"
    SAMPLED = "sampled"
    AGGREGATED = "aggregated"
    NOT_PROXIED = "not_proxied"
    OTHER_RESOLVERS = "other_resolvers"
    CONTACT = "contact"
    CLIENTS = "clients"
    NOT_RECORDED = "not_recorded"
    CLEARTEXT_ONLY = "cleartext_only"
    OTHER_SERVICES = "other_services"
    CACHED = "cached"
    INTERMEDIATE = "intermediate"
    SNAPSHOT = "snapshot"

    @property
    def sentence(self) -> str:
        """Return what it means, for reports."""
        return _SENTENCES[self]


_SENTENCES: dict[Blind, str] = {
    Blind.PROVIDER_RESOLVER: "questions to the cloud provider's own resolver are not logged",
    Blind.METADATA_ADDRESSES: "traffic to instance metadata, time and licence services of the provider is not logged",
    Blind.NAMES: "it holds addresses and no names",
    Blind.ADDRESSES: "it holds names and need not hold the address behind them",
    Blind.COUNTS: "it counts no bytes",
    Blind.PAYLOAD: "its byte counts include headers, so a small exchange cannot be told from an attempt",
    Blind.REPLIES: "it does not tell whether anybody answered",
    Blind.ATTEMPTS: "what was refused before it reached the writer of the log is not logged",
    Blind.SAMPLED: "only some packets are looked at; small flows may be missing",
    Blind.AGGREGATED: "packets of up to ten minutes are one record; times are those of the record",
    Blind.NOT_PROXIED: "only what goes through this proxy is logged",
    Blind.OTHER_RESOLVERS: "only what is asked of this resolver is logged",
    Blind.CONTACT: "it shows which names were asked for, not who was then contacted",
    Blind.CLIENTS: "it need not hold the address of the client itself",
    Blind.NOT_RECORDED: "only what the recording program was shown is logged",
    Blind.CLEARTEXT_ONLY: "requests inside encrypted connections are not logged",
    Blind.OTHER_SERVICES: "only calls of this provider's interfaces are logged",
    Blind.CACHED: "questions answered from the resolver's cache are not logged",
    Blind.INTERMEDIATE: "its addresses may be those of a translator or balancer on the way",
    Blind.SNAPSHOT: "only connections that were open when it was taken, or while it was listened to, are in it",
}

NEVER_PROVING: frozenset[Blind] = frozenset(
    {
        Blind.SAMPLED,
        Blind.NOT_PROXIED,
        Blind.OTHER_RESOLVERS,
        Blind.CONTACT,
        Blind.CLIENTS,
        Blind.NOT_RECORDED,
        Blind.CLEARTEXT_ONLY,
        Blind.OTHER_SERVICES,
        Blind.CACHED,
        Blind.INTERMEDIATE,
        Blind.SNAPSHOT,
    }
)
"""Ways past the writer of the log: whatever it does not show may have happened all the same."""
