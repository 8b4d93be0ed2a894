"""The firewall of Copilot's cloud agent, as Actions variables set it (``COPILOT_AGENT_FIREWALL_…``).

Source: GitHub documentation, "Customizing or disabling the firewall": it holds the processes that the agent starts by its shell
tool alone, not MCP servers and setup steps; hosts that the agent needs of GitHub are always reached; a recommended list is on
unless a list replaces it; a domain takes its subdomains too. Neither of these lists stands in the variables, and settings of the
repository and the organisation may add to them: what is on no list that is shown is not decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.layers import Governed, Subject
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.nodes import text
from auditor.network.sandboxes.name_list import ListedName, NameList

_PREFIX = "COPILOT_AGENT_FIREWALL_"
_ENABLED, _LIST, _MORE = (_PREFIX + end for end in ("ENABLED", "ALLOW_LIST", "ALLOW_LIST_ADDITIONS"))
_KINDS = (DocumentKind.ENV, DocumentKind.JSON, DocumentKind.YAML, DocumentKind.TERRAFORM_PLAN)
_ASSUMED = (
    "processes of the agent's shell tool alone are held: not MCP servers and setup steps",
    "the settings pages at GitHub say what the variables say",
)


@dataclass(frozen=True, slots=True)
class _Variable:
    document: Document
    node: Node
    value: str


def read_copilot(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the commands of Copilot's cloud agent for each file that sets variables of its firewall."""
    speaks: dict[str, bool] = {}
    for document in documents:
        if document.kind not in _KINDS:
            continue
        if document.path not in speaks:
            speaks[document.path] = any(_PREFIX in line for line in document.lines)
        found = dict(_variables(document)) if speaks[document.path] else {}
        if found:
            yield _governed(document, found)


def _governed(document: Document, found: Mapping[str, _Variable]) -> Governed:
    first = next(iter(found.values()))
    place = document.locate(first.node)
    off = found[_ENABLED].value.strip().lower() == "false" if _ENABLED in found else False
    known = not off and (_ENABLED not in found or found[_ENABLED].value.strip().lower() == "true")
    listed = [e for name in (_LIST, _MORE) if name in found for e in _entries(found[name])] if known else []
    words = "the firewall is off" if off else "hosts that GitHub always allows and its recommended list are not shown"
    names = NameList(
        dialect="the firewall of Copilot's cloud agent",
        strength=Strength.SANDBOX,
        allowed=tuple(listed),
        denied=(),
        otherwise=Truth.YES if off else Truth.UNKNOWN,
        otherwise_text=words,
        location=place,
        assumed=_ASSUMED,
    )
    folder = document.path.rpartition("/")[0]
    subject = Subject(f"{folder}/copilot/commands" if folder else "copilot/commands", ("copilot", document.path), place)
    return Governed(subject, (names,), restricts=False)


def _entries(variable: _Variable) -> Iterator[ListedName]:
    """Yield the entries of a list with commas: a domain with its subdomains, or an address of pages on one host."""
    place = variable.document.locate(variable.node)
    for entry in (e.strip() for e in variable.value.replace("\n", ",").split(",")):
        host = urlsplit(entry).hostname or "" if "://" in entry else entry.partition("/")[0]
        if host and "$" not in entry:
            below = None if "://" in entry else NamePattern(f"*.{host}", NameDialect.TOOL)
            yield ListedName(NamePattern(host, NameDialect.TOOL), f"{entry} is on its list", place, wider=below)


def _variables(document: Document) -> Iterator[tuple[str, _Variable]]:
    """Yield the variables of a document, written ``NAME: value`` or as ``{name: …, value: …}`` (the API, Terraform)."""
    for _, node in document.root.walk():
        for key, value in node.entries:
            if key.text in (_ENABLED, _LIST, _MORE):
                yield key.text, _Variable(document, value, value.text)
        name, given = text(node, "name") or text(node, "variable_name"), node.get("value")
        if given is not None and name in (_ENABLED, _LIST, _MORE):
            yield name, _Variable(document, given, given.text)
