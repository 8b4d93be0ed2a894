"""Whether the catalog speaks of the version that is deployed: parseable, not newer, the same in all places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.config.effective import place
from auditor.config.recognition import tag_version
from auditor.facts.vocabulary import UnknownKind

if TYPE_CHECKING:
    from auditor.config.context import SystemContext

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?:[.+-]?[A-Za-z][\w.+-]*|[+-][\w.+-]+)?\Z")
_FINE = 2
"""Numbers that count: a newer patch level of the newest release line is within the facts."""

Doubt = tuple[UnknownKind, str, str]
"""Kind, sentence, step."""


def version_doubts(context: SystemContext) -> Iterator[Doubt]:
    """Yield why the version leaves open what the product does."""
    title, version, newest = context.product.title, context.version, context.product.newest_version
    if not version:
        text = f"The version of {title} is not given, so its defaults are not certain"
        yield UnknownKind.INVENTORY_OPEN, text, f"State version: of the system {context.system} in the manifest"
        return
    yield from _contradictions(context)
    if newest:
        yield from _beyond(title, version, newest)


def _beyond(title: str, version: str, newest: str) -> Iterator[Doubt]:
    own, known = version_numbers(version), version_numbers(newest) or ()
    kind = UnknownKind.INVENTORY_OPEN
    if own is None or len(own) < min(_FINE, len(known)):
        text = f'"{version}" does not say which release of {title} runs, so its defaults are not certain'
        yield kind, text, "State the version as a number, such as " + newest
    elif own[:_FINE] > known[:_FINE]:
        text = f"The facts on {title} reach to {newest}; {version} may behave differently"
        yield kind, text, f"Check the release notes from {newest} to {version}, and supply a catalog overlay for {version}"


def _contradictions(context: SystemContext) -> Iterator[Doubt]:
    """Yield where the image of the main process says another version than the one that counts."""
    product = context.product
    main = product.workloads[0].id if product.workloads else ""
    for assigned in context.parts.launches:
        tag = tag_version(assigned.launch.image)
        if assigned.workload == main and tag and not _agree(tag, context.version):
            stated = f" ({context.parts.stated_at})" if context.parts.stated_at else ""
            text = (
                f"The version of {product.title} is {context.version}{stated}, "
                f"and the image {assigned.launch.image} says {tag} ({place(assigned.launch.evidence)})"
            )
            yield UnknownKind.CONFLICT, text, "Correct the version of the manifest, or the tag of the image"


def _agree(one: str, other: str) -> bool:
    left, right = version_numbers(one), version_numbers(other)
    if left is None or right is None:
        return True  # nothing to compare: what is no version is told by itself
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]


def version_numbers(text: str) -> tuple[int, ...] | None:
    """Return the numbers of ``2.36``, ``v2.36.0-rc.1`` (the suffix does not count); ``None`` for what is no version."""
    match = _VERSION.match(text.strip())
    return tuple(int(n) for n in match.group(1).split(".")) if match else None
