"""What the networks of a compose service let through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth, any_of
from auditor.network.addresses import LOOPBACK, PRIVATE, Range, parse_block
from auditor.network.connections import ALL, NONE
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named
from auditor.network.layers import Resolver
from auditor.network.name_patterns import NamePattern
from auditor.network.spans import Spans

_MENDED = ((25, 0, 5), (26, 0, 0))
"""Docker Engine versions from which an internal network's resolver asks nobody outside (CVE-2024-29018)."""


@dataclass(frozen=True, slots=True)
class AttachedNetwork:
    """One network that a service is attached to."""

    name: str
    internal: Truth
    """Whether it has no route out."""
    words: str
    location: FileLocation
    subnets: tuple[Range, ...]
    """Its own addresses, empty when the engine chooses them."""
    families: Mapping[int, Truth]
    """Whether it carries an address family at all."""


@dataclass(frozen=True, slots=True)
class ComposeNetworks:
    """All networks of one service; without any it has none but its own loopback."""

    service: str
    networks: tuple[AttachedNetwork, ...]
    location: FileLocation
    doubts: tuple[str, ...] = ()
    on_host: bool = False
    pinned: Mapping[str, str] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        """Return what it is, in plain words."""
        return "compose networks"

    @property
    def strength(self) -> Strength:
        """Return how strongly a denial holds: there is no route."""
        return Strength.NO_ROUTE

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return what must be taken for given."""
        return (
            "the containers run as the compose files say, and nobody attaches them to further networks",
            "what a build fetches goes over the network of the build, which is not asked here",
        )

    @property
    def restricts(self) -> bool:
        """Return whether it stops anything for certain."""
        return not self.doubts and all(n.internal is Truth.YES for n in self.networks)

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the networks' own addresses, the private ones and the loopback."""
        yield from (r.spans for n in self.networks for r in n.subnets if r.family == family)
        yield from (r.spans for r in (*PRIVATE, *LOOPBACK) if r.family == family)

    def names(self) -> Sequence[NamePattern]:
        """Return nothing: a network knows no names."""
        return ()

    def decide(self, target: Range | Named) -> Decision:
        """Return whether there is a route to a range, or to what a name is pinned to."""
        place = target.range if isinstance(target, Named) else target
        pinned = parse_block(self.pinned.get(target.name.lower(), "")) if isinstance(target, Named) else None
        place = pinned or place
        if any(r.family == place.family and r.spans.covers(place.spans) for r in LOOPBACK):
            return Decision(ALL, NONE, (Step(ALL, Truth.YES, f"{place.text()} is the container itself", self.location),))
        if self.doubts:
            return Decision(ALL, ALL, tuple(Step(ALL, Truth.UNKNOWN, f"{self.service}: {d}", self.location) for d in self.doubts))
        if not self.networks:
            return Decision(NONE, ALL, (Step(ALL, Truth.NO, f"{self.service} has no network", self.location),))
        routes = [(self._route(n, place), n) for n in self.networks]
        found = any_of(truth for truth, _ in routes)
        steps = tuple(Step(ALL, t, _words(t, n, place), n.location, by_rule=True) for t, n in routes if t is found)
        return Decision(NONE if found is Truth.NO else ALL, NONE if found is Truth.YES else ALL, steps)

    def _route(self, network: AttachedNetwork, place: Range) -> Truth:
        """Return whether a network leads to a range: a sealed one leads to its own addresses alone, as far as these are known."""
        carried = network.families.get(place.family, Truth.UNKNOWN)
        if carried is Truth.NO:
            return Truth.NO
        own = [r for r in network.subnets if r.family == place.family]
        if network.internal is Truth.YES:
            private = any(r.family == place.family and r.spans.covers(place.spans) for r in PRIVATE)
            on_link = any(r.spans.covers(place.spans) for r in own) if own else private
            return Truth.UNKNOWN if on_link else Truth.NO
        return carried if network.internal is Truth.NO else Truth.UNKNOWN


def _words(truth: Truth, network: AttachedNetwork, place: Range) -> str:
    if truth is Truth.UNKNOWN and network.internal is Truth.YES:
        return f"{network.words}, and {place.text()} may be addresses of its own"
    if truth is not Truth.YES and network.internal is Truth.NO:
        said = "whether it carries IPv6 is not said (enable_ipv6)" if truth is Truth.UNKNOWN else "it carries no IPv6"
        return f"{network.words}, and {said}"
    return network.words


def resolver_of(networks: ComposeNetworks, platform: Mapping[str, str]) -> Resolver | None:
    """Return the engine's resolver for a service, ``None`` where it has no network.

    ``container_engine_version`` of the manifest's ``platform:`` tells whether that of an internal network asks others.
    """
    if not networks.networks:
        return None
    if not networks.restricts:
        text = f"{networks.service} may ask the engine's resolver, which asks others"
        return Resolver(Truth.YES, text, networks.location)
    version = _version(platform.get("container_engine_version", ""))
    mended = version is not None and (version >= _MENDED[1] or _MENDED[0] <= version < _MENDED[1])
    if mended:
        return Resolver(Truth.NO, "the engine's resolver asks nobody outside for an internal network", networks.location)
    known = (
        f"version {'.'.join(map(str, version))}"
        if version
        else "a version that is not given (platform: container_engine_version)"
    )
    text = f"the engine, of {known}, may pass on what {networks.service} looks up, as Docker did before 26.0.0 and 25.0.5"
    return Resolver(Truth.UNKNOWN, text, networks.location)


def _version(written: str) -> tuple[int, ...] | None:
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", written)
    return tuple(int(part or 0) for part in match.groups()) if match else None
