"""The sandbox of Claude Code's shell commands (``sandbox`` in its settings).

Source: Claude Code documentation, "Settings" and "Sandboxing": ``allowedDomains`` of all scopes are joined; any other domain is
asked for unless ``allowManagedDomainsOnly`` stands in the managed settings; ``deniedDomains`` count first; a command may run
outside unless ``allowUnsandboxedCommands`` is false. The program itself, its web tools, hooks and MCP servers are not held by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.connections import ALL_PORTS, connections
from auditor.network.layers import Governed, Subject
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.netfilter.protocols import port_span
from auditor.network.nodes import text
from auditor.network.sandboxes.name_list import ListedName, NameList

_NAMES = ("settings.json", "settings.local.json", "managed-settings.json", "Settings.json")
_MANAGED = ("managed-settings.json", "Settings.json")
_ASSUMED = (
    "shell commands alone are held: not the program itself, its web tools, hooks and MCP servers",
    "the settings that were supplied are all that count on the machine",
)


def read_claude_code(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the shell commands of Claude Code where its settings speak of the sandbox."""
    found = [(d, box) for d in documents if _is_settings(d) and (box := d.root.get("sandbox")) is not None and box.entries]
    if not found:
        return
    said = {text(box, "enabled") for _, box in found} - {""}
    place = found[-1][0].locate(found[-1][1])
    enabled = Truth.YES if said == {"true"} else Truth.UNKNOWN if "true" in said else Truth.NO
    held = {text(box, "allowUnsandboxedCommands") for _, box in found} == {"false"} and not any(
        box.get("excludedCommands") for _, box in found
    )
    closed = any(text(box, "network", "allowManagedDomainsOnly") == "true" and _managed(d) for d, box in found)
    kept = [(d, box) for d, box in found if not closed or _managed(d)]
    if enabled is Truth.NO:
        otherwise, words = Truth.YES, "the sandbox is off"
    else:
        otherwise = Truth.NO if closed and enabled is Truth.YES else Truth.UNKNOWN
        words = "no managed setting allows it" if closed else "it is on no list, and the user is asked"
    names = NameList(
        dialect="the sandbox of Claude Code",
        strength=Strength.SANDBOX,
        allowed=tuple(e for d, box in kept for e in _entries(d, box.at("network", "allowedDomains"), "allows it")),
        denied=tuple(e for d, box in found for e in _entries(d, box.at("network", "deniedDomains"), "denies it"))
        if enabled is not Truth.NO
        else (),
        otherwise=otherwise,
        otherwise_text=words,
        location=place,
        assumed=_ASSUMED,
        holds=Truth.of(held),
    )
    yield Governed(Subject("claude-code/commands", ("claude-code",), place), (names,), restricts=False)


def _is_settings(document: Document) -> bool:
    return document.kind is DocumentKind.JSON and document.name.rpartition("/")[2] in _NAMES


def _managed(document: Document) -> bool:
    return document.name.rpartition("/")[2] in _MANAGED


def _entries(document: Document, listed: Node | None, does: str) -> Iterator[ListedName]:
    for item in listed.items if listed is not None else ():
        host, colon, port = item.text.rpartition(":")
        spans = port_span(port) if colon else ALL_PORTS
        pattern = NamePattern(host if colon and spans is not None else item.text, NameDialect.TOOL)
        taken = connections("TCP", spans if spans is not None else ALL_PORTS)
        yield ListedName(pattern, f"{item.text} {does}", document.locate(item), taken)
