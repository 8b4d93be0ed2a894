"""The sandbox of Codex's commands (``sandbox_mode`` or a permission profile in its ``config.toml``).

Sources: Codex documentation, "Sandboxing", "Configuration reference" and "Permissions": read-only and workspace-write have no
network unless ``sandbox_workspace_write.network_access`` is true; danger-full-access has no sandbox; unless ``approval_policy``
is ``never`` the user may let a command run outside. A profile (``default_permissions``) counts only where no sandbox mode stands;
its list of domains holds only while ``features.network_proxy`` runs the proxy; ``*.x`` is subdomains alone, ``**.x`` the domain
too; denied domains count first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.connections import ALL
from auditor.network.layers import Governed, Subject
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.nodes import text
from auditor.network.sandboxes.name_list import TCP, ListedName, NameList

_BUILT_IN = {":read-only": Truth.NO, ":workspace": Truth.NO, ":danger-full-access": Truth.YES}
_KEYS = ("sandbox_mode", "sandbox_workspace_write", "default_permissions")
_ASSUMED = (
    "commands alone are held: not the program itself and its MCP servers",
    "no option on the command line and no profile changes the mode",
)


def read_codex(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the commands of Codex for each configuration that speaks of its sandbox."""
    for document in documents:
        if document.kind is not DocumentKind.TOML or not any(document.root.get(key) is not None for key in _KEYS):
            continue
        key = next((k for k in _KEYS if document.root.key(k) is not None), "")
        place = document.locate(document.root.key(key) or document.root)
        held = Truth.of(text(document.root, "approval_policy") == "never")
        folder = document.path.rpartition("/")[0]
        subject = Subject(f"{folder}/codex/commands" if folder else "codex/commands", ("codex", document.path), place)
        yield Governed(subject, (_layer(document, place, held),), restricts=False)


def _layer(document: Document, place: FileLocation, held: Truth) -> NameList:
    profile = document.root.at("permissions", text(document.root, "default_permissions"))
    filtered = profile is not None and not text(document.root, "sandbox_mode") and _reaches(document, profile) is Truth.UNKNOWN
    found, words = _network(document, profile)
    entries = profile.at("network", "domains") if profile is not None and filtered else None
    listed = [(key, value.text) for key, value in entries.entries] if entries is not None else []
    return NameList(
        "the sandbox of Codex", Strength.SANDBOX,
        tuple(e for key, said in listed if said == "allow" for e in _entries(document, key, "allows")),
        tuple(e for key, said in listed if said == "deny" for e in _entries(document, key, "denies")),
        found, words, place, _ASSUMED, holds=held, covers=TCP if entries is not None else ALL,
    )  # fmt: skip


def _entries(document: Document, key: Node, does: str) -> Iterator[ListedName]:
    names = [key.text[1:], key.text[3:]] if key.text.startswith("**.") else [key.text]
    for name in names:
        yield ListedName(NamePattern(name, NameDialect.TOOL), f"{key.text}: the profile {does} it", document.locate(key))


def _reaches(document: Document, profile: Node) -> Truth:
    """Return whether a profile has the network: no, all of it, or what its proxy lets through (unknown)."""
    enabled = text(profile, "network", "enabled")
    if enabled != "true":
        return Truth.NO
    proxy = document.root.at("features", "network_proxy")
    runs = proxy is not None and (proxy.text == "true" or (bool(proxy.entries) and text(proxy, "enabled") != "false"))
    return Truth.UNKNOWN if runs else Truth.YES


def _network(document: Document, profile: Node | None) -> tuple[Truth, str]:
    mode, name = text(document.root, "sandbox_mode"), text(document.root, "default_permissions")
    if name and not mode:
        return _of_profile(document, name, profile)
    if mode == "danger-full-access":
        return Truth.YES, "danger-full-access has no sandbox"
    access = text(document.root, "sandbox_workspace_write", "network_access")
    if mode == "read-only":
        return Truth.NO, "read-only has no network"
    if mode not in ("", "workspace-write") or (not mode and access == "true"):
        return Truth.UNKNOWN, f"what the sandbox mode {mode or 'that is not given'} lets through is not read"
    if access == "true":
        return Truth.YES, "workspace-write has the network (network_access)"
    return Truth.NO, f"{mode or 'the mode that is not given'} has no network"


def _of_profile(document: Document, name: str, profile: Node | None) -> tuple[Truth, str]:
    """Return what a profile lets through besides its domains; one that builds on another is not followed."""
    if name in _BUILT_IN:
        return _BUILT_IN[name], f"the profile {name} {'has no sandbox' if _BUILT_IN[name] is Truth.YES else 'has no network'}"
    if profile is None or profile.get("extends") is not None:
        return Truth.UNKNOWN, f"what the permission profile {name} builds on is not shown"
    found = _reaches(document, profile)
    words = {
        Truth.NO: f"the profile {name} has no network",
        Truth.YES: f"the profile {name} has the network, and no proxy that holds its domains (features.network_proxy)",
        Truth.UNKNOWN: f"what the proxy of the profile {name} does with what is on no list is not decided here",
    }
    return found, words[found]
