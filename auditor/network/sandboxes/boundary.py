"""Coder's Agent Firewall (``boundary``): an allowlist of HTTP requests; what no rule takes is denied.

Source: Coder documentation, "Rules engine", and the rules engine of coder/boundary: rules are alternatives, a rule without a
domain takes every host, ``*.x`` one or more labels. Versions differ on ``x``: older ones take its subdomains too, newer ones do
not, so that a subdomain of a plain domain is not decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.layers import Governed, Subject
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.sandboxes.name_list import ListedName, NameList

_RULE = re.compile(r"(?:^|\s)(?:method|domain|path)=")
_DOMAIN = re.compile(r"(?:^|\s)domain=(\S+)")
_ASSUMED = ("the agent is started inside the firewall, and what it starts stays there",)


def read_boundary(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the commands that each configuration of the firewall holds."""
    for document in documents:
        listed = document.root.get("allowlist") if document.kind is DocumentKind.YAML else None
        if listed is None or not any(_RULE.search(item.text) for item in listed.items):
            continue
        place = document.locate(listed)
        rules = tuple(entry for item in listed.items for entry in _entries(document, item))
        names = NameList(
            "Agent Firewall", Strength.SANDBOX, rules, (), Truth.NO, "no rule of the allowlist takes it", place, _ASSUMED
        )
        folder, _, name = document.path.rpartition("/")
        yield Governed(
            Subject(f"{folder}/boundary" if folder else "boundary", ("boundary", name), place), (names,), restricts=False
        )


def _entries(document: Document, item: Node) -> Iterator[ListedName]:
    """Yield the entry of one rule; a method or path narrows what is asked of a host, not whether it is reached."""
    place, text = document.locate(item), f"the rule {item.text} allows it"
    domain = _DOMAIN.search(item.text)
    if domain is None:
        yield ListedName(NamePattern("*", NameDialect.TOOL), text, place)
    else:
        written = domain.group(1).rstrip(",")
        wider = NamePattern(f"*.{written}", NameDialect.TOOL)
        yield ListedName(NamePattern(written, NameDialect.TOOL), text, place, wider=wider)
