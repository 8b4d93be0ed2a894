"""Whether a rule of Azure takes what one machine sends: by its source addresses, groups and ports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.documents import Node
from auditor.network.addresses import Range, parse_block
from auditor.network.clouds.azure_network import strings
from auditor.network.clouds.traffic import ANY, LATER, later
from auditor.network.netfilter.conditions import Both, Condition, Either, Perhaps
from auditor.network.netfilter.terms import family

_PREFIXES = ("source_address_prefix", "source_address_prefixes", "source_addresses")
_OTHERS = ("source_application_security_group_ids", "source_ip_groups")
_PORTS = ("source_port_range", "source_port_ranges")
_OPEN = "whether its source is this machine"


def source_condition(node: Node, mark: Node | None, own: Sequence[Range]) -> Condition:
    """Return the condition that a rule is meant for a machine with an address in ``own``; without a source it is for all."""
    if later(mark, *_PREFIXES, *_OTHERS, *_PORTS):
        return Perhaps(f"its source is {LATER}")
    written = [w for key in _PREFIXES for w in strings(node.get(key)) if w]
    others = [w for key in _OTHERS for w in strings(node.get(key)) if w]
    ports = [w for key in _PORTS for w in strings(node.get(key)) if w not in ("", "*", "0-65535")]
    choices = [c for w in written for c in _one(w, own)] + [Perhaps(_OPEN) for _ in others]
    found: list[Condition] = [Either(tuple(choices))] if written or others else []
    if ports:
        found.append(Perhaps("its source ports"))
    return Both(tuple(found)) if found else ANY


def _one(written: str, own: Sequence[Range]) -> Iterator[Condition]:
    block = parse_block(written)
    if written.lower() in ("*", "any", "virtualnetwork"):
        yield ANY
    elif block is None:
        yield Perhaps(f"whether this machine is in {written}")
    else:
        near = [b for b in own if b.family == block.family]
        if any(block.spans.covers(b.spans) for b in near) or block.last - block.first + 1 == {4: 2**32, 6: 2**128}[block.family]:
            yield family(block.family)
        elif not near or any(block.spans & b.spans for b in near):
            yield Both((family(block.family), Perhaps(_OPEN)))
