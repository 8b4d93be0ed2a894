"""The sandbox of Codex's commands (``sandbox_mode`` in its ``config.toml``).

Source: Codex documentation, "Sandboxing" and "Configuration reference": read-only and workspace-write have no network unless
``sandbox_workspace_write.network_access`` is true; danger-full-access has no sandbox; unless ``approval_policy`` is ``never`` the
user may let a command run outside. Permission profiles (``default_permissions``) are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.connections import ALL
from auditor.network.layers import Governed, Subject
from auditor.network.nodes import text
from auditor.network.sandboxes.name_list import NameList

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
        found, words = _network(document)
        key = next((k for k in _KEYS if document.root.key(k) is not None), "")
        place = document.locate(document.root.key(key) or document.root)
        names = NameList(
            "the sandbox of Codex", Strength.SANDBOX, (), (), found, words, place, _ASSUMED,
            holds=Truth.of(text(document.root, "approval_policy") == "never"), covers=ALL,
        )  # fmt: skip
        folder = document.path.rpartition("/")[0]
        subject = Subject(f"{folder}/codex/commands" if folder else "codex/commands", ("codex", document.path), place)
        yield Governed(subject, (names,), restricts=False)


def _network(document: Document) -> tuple[Truth, str]:
    mode, profile = text(document.root, "sandbox_mode"), text(document.root, "default_permissions")
    if profile and not mode:
        return Truth.UNKNOWN, f"the permission profile {profile} is not read"
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
