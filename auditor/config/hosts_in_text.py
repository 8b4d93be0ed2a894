"""Hosts that a text names, and whether the manifest puts them inside."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.config.values import HostPort, host_of
from auditor.facts.hosts import host_matches
from auditor.facts.manifest import ComponentEntry, Manifest
from auditor.facts.places import Zone

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,30}://[^\s\"'<>,;|]+")
_PARTS = re.compile(r"[\\@]+")
_HOST_PORT = re.compile(r"(?:\[[0-9A-Fa-f:]+\]|[A-Za-z0-9_.\-]+):\d{1,5}\Z")
_HOST = re.compile(r"(?:[A-Za-z0-9_\-]+\.)+(?:[A-Za-z][A-Za-z0-9\-]*[A-Za-z0-9])\.?\Z|\d+\.\d+\.\d+\.\d+\Z")
_MODEL_ID = re.compile(
    r"[A-Za-z0-9.\-]+-v\d+:\d\Z|(?:[a-z\-]{2,10}\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.[a-z0-9.\-]+:\d\Z"
)
"""An id of a model of Bedrock (``us.meta.llama3-1b-instruct-v1:0``): it has the form of a host with a port."""
_PLACE = re.compile(
    r"(?:^|[_.\-/])(?:hosts?|hostname|endpoints?|ur[li]s?|servers?|addr|address|proxy|dsn|domains?)\Z", re.IGNORECASE
)
"""Names that say that their value is a place: then a bare host name is one."""
_NO_PLACE = ("$schema",)
"""Keys whose URL is an identifier that no product fetches (JSON Schema)."""
_OWN_SUFFIXES = ("localhost", "svc", "svc.cluster.local")
_THIS_MACHINE = (
    "localhost.localdomain",
    "host.docker.internal",
    "gateway.docker.internal",
    "kubernetes.docker.internal",
    "host.containers.internal",
)
"""This machine, and the names that Docker and Podman give the machine that a container runs on."""


def hosts_named(name: str, text: str) -> Iterator[HostPort]:
    """Yield what the value ``text`` of ``name`` names: URLs anywhere in it, ``host:port``, or a host under a telling name."""
    if name.rpartition(".")[2] in _NO_PLACE:
        return
    for match in _URL.finditer(text):
        yield from _in_url(match.group())
    for part in re.split(r"[\s,;]+", text):
        if (_HOST_PORT.match(part) and not _MODEL_ID.match(part)) or (_PLACE.search(name) and _HOST.match(part)):
            yield host_of(part)


def _in_url(text: str) -> Iterator[HostPort]:
    """Yield the host of a URL; one that cannot be read (a variable in it) stands as it is written, hence outside."""
    url = text.rstrip(").}" if "[" in text else ").}]")
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    if "\\" in authority:
        # Programs disagree on where the host begins (WHATWG URL against RFC 3986), so every part may be it.
        yield from (HostPort(name=part) if not (p := host_of(part)).host else p for part in _PARTS.split(authority) if part)
    elif authority:
        place = host_of(url)
        yield place if place.host else HostPort(name=authority.rpartition("@")[2] or authority)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the manifest says lies inside."""

    zones: tuple[Zone, ...]
    entries: tuple[ComponentEntry, ...]
    """Components with hosts or networks of their own, in a zone inside."""

    @classmethod
    def of(cls, manifest: Manifest) -> Surroundings:
        """Return the zones inside, and the components in them."""
        zones = tuple(z for z in manifest.zones if z.inside)
        names = {z.id for z in zones}
        own = [e for e in manifest.components if e.zone in names]
        own += [e for s in manifest.systems for e in s.components if (e.zone or s.zone) in names]
        return cls(zones, tuple(own))

    def hold(self, place: HostPort) -> bool:
        """Return whether the place is inside, this machine, or a bare service name."""
        return self._holds_address(place.address) if place.address else self._holds_name(place.name)

    def _holds_name(self, name: str) -> bool:
        if name.replace("-", "").replace("_", "").isalnum() or any(name.endswith(f".{s}") for s in _OWN_SUFFIXES):
            return True
        if name in _THIS_MACHINE:
            return True
        patterns = [h for z in self.zones for h in z.hosts] + [h for e in self.entries for h in e.hosts]
        return any(host_matches(p, name) for p in patterns)

    def _holds_address(self, text: str) -> bool:
        address = ipaddress.ip_address(text.partition("%")[0])
        if address.is_loopback or address.is_unspecified:
            return True
        networks = [n for z in self.zones for n in z.networks] + [n for e in self.entries for n in e.networks]
        return any(address in ipaddress.ip_network(n) for n in networks)
