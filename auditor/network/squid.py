"""Squid: what a proxy relays for its clients. The first ``http_access`` line that matches decides (facts H6).

Sources: Squid configuration reference, ``acl``, ``http_access`` ("if none of the lines cause a match, the default is the opposite
of the last line"), ``include``. A line that holds an element which is not read may match or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.network.addresses import Range
from auditor.network.connections import ALL, NONE, Connections, wanted
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named
from auditor.network.layers import Governed, Layer, Resolver, Subject
from auditor.network.name_patterns import NamePattern
from auditor.network.progress import Progress
from auditor.network.spans import Spans
from auditor.network.squid_elements import BUILT_IN, Element, Request, read_element

_REWRITES = ("url_rewrite_program", "redirect_program", "adaptation_access", "icap_service", "ecap_service")
_UNDECIDED = {
    "include": "what it includes is not followed",
    "if": "whether its lines count is not followed",
    **dict.fromkeys(_REWRITES, "what is allowed may be sent elsewhere"),
}
"""Directives from which on any line may count, or that change where a request goes that was let through."""
_RESOLVED, _REVERSED = frozenset({"dst", "dst_as"}), frozenset({"dstdomain", "dstdom_regex"})
"""Kinds of elements for which a name, or an address, is looked up."""
_RELAYED = wanted(Transport.TCP, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One ``http_access`` line: all its elements together; an ``include`` may hold any."""

    allows: bool
    elements: tuple[tuple[bool, str], ...]
    """(whether negated, name)."""
    text: str
    location: FileLocation
    included: bool = False


@dataclass(frozen=True, slots=True)
class SquidRules:
    """The rules of one proxy for whatever its clients ask of it."""

    lines: tuple[Line, ...]
    elements: Mapping[str, Element]
    location: FileLocation
    ports: tuple[int, ...] = ()
    """Where it listens."""
    client: Range | None = None
    """Who asks; without, any client with a private address."""
    literal: bool = False
    """Whether addresses are asked about as they are written in a request; else also as those that a name has."""

    @property
    def dialect(self) -> str:
        """Return the dialect in plain words."""
        return "Squid"

    @property
    def strength(self) -> Strength:
        """Return that a setting of the proxy holds it: who can go round the proxy is not held at all (facts H5)."""
        return Strength.TOOL_SETTING

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return what must be taken for given."""
        return (
            "what is asked here goes through the proxy; a workload that has a way round it is not held by its rules",
            "clients have private addresses, and none is the proxy's own host",
            "a tunnel (CONNECT) is checked by host and port alone, not by what is spoken inside",
        )

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the address sets of its elements."""
        for element in self.elements.values():
            if family in element.addresses:
                yield element.addresses[family]

    def names(self) -> Sequence[NamePattern]:
        """Return the host patterns of its elements."""
        return tuple(p for e in self.elements.values() for p in e.patterns)

    def decide(self, target: Range | Named) -> Decision:
        """Return what the proxy relays: whatever it lets through as a tunnel or as a plain request."""
        tunnel, plain = (self._walk(Request(target, tunnel, self.client, self.literal)) for tunnel in (True, False))
        rest = ALL - _RELAYED
        steps = dict.fromkeys((*tunnel.steps, *plain.steps, Step(rest, Truth.NO, "a proxy relays TCP alone", self.location)))
        may_deny = (tunnel.may_deny & plain.may_deny) | rest
        return Decision(tunnel.may_allow | plain.may_allow, may_deny, tuple(steps))

    def _walk(self, request: Request) -> Decision:
        progress = Progress(open=_RELAYED)
        for line in self.lines:
            surely, possibly, doubts = self._match(line, request)
            taken = progress.open & possibly
            if not taken:
                continue
            sure = surely.covers(taken) and not line.included
            more = f" (not decided from the file: {', '.join(doubts)})" if doubts else ""
            self._end(progress, taken, line, sure=sure, text=f"{line.text}{more}")
            progress.open -= surely if not line.included else NONE
        last = self.lines[-1] if self.lines else None
        allowed = last is not None and not last.allows and not last.included
        text = "no http_access line matches, and the default is the opposite of the last" if last else "no http_access line"
        if allowed:
            progress.allow(progress.open, text, self.location)
        else:
            progress.close(Truth.YES, text, self.location)
        return progress.done()

    def _end(self, progress: Progress, taken: Connections, line: Line, *, sure: bool, text: str) -> None:
        truth = Truth.of(line.allows) if sure else Truth.UNKNOWN
        progress.steps.append(Step(taken, truth, text, line.location, by_rule=True))
        if line.allows or line.included:
            progress.may_allow |= taken
        if not line.allows or line.included:
            progress.may_deny |= taken

    def _match(self, line: Line, request: Request) -> tuple[Connections, Connections, list[str]]:
        surely, possibly = _RELAYED, _RELAYED
        doubts: list[str] = []
        for negated, name in line.elements:
            element = self.elements.get(name)
            found = element.match(request) if element is not None else (NONE, _RELAYED)
            if negated:
                found = (_RELAYED - found[1], _RELAYED - found[0])
            if found[1] - found[0]:
                doubts.append(f"{element.kind} {name}" if element is not None else f"the element {name}")
            surely, possibly = surely & found[0], possibly & found[1]
        return surely, possibly, doubts


def read_squid(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- the signature of readers
    """Yield one proxy for each configuration."""
    for document in documents:
        if document.kind is DocumentKind.SQUID:
            folder, _, name = document.path.rpartition("/")
            place = document.locate(document.root)
            subject = Subject(f"{folder}/squid" if folder else "squid", ("squid", document.path, name), place)
            rules = _rules(document, place)
            yield Governed(subject, (rules,), resolver=_resolver(rules))


def proxy_rules(document: Document, client: Range) -> Layer:
    """Return what the proxy with the configuration ``document`` relays for ``client``, addresses as they stand in a request."""
    return replace(_rules(document, document.locate(document.root)), client=client, literal=True)


def _resolver(rules: SquidRules) -> Resolver | None:
    """Return the proxy's own look-ups, which it makes before it denies: either way data leaves in what is looked up.

    An element of addresses makes it resolve the name that it is asked for, one of names the address, in reverse; with ``-n``
    neither (Squid configuration reference, ``acl``).
    """
    for line in rules.lines:
        used = {rules.elements[n].kind for _, n in line.elements if n in rules.elements and not rules.elements[n].numeric}
        if used & _RESOLVED:
            text = f"the proxy looks up the names that it is asked for, before it denies them: {line.text}"
            return Resolver(Truth.UNKNOWN, text, line.location)
        if used & _REVERSED:
            text = f"the proxy looks up in reverse the addresses that it is asked for, before it denies them: {line.text}"
            return Resolver(Truth.UNKNOWN, text, line.location)
    return None


def _listens(words: Sequence[str]) -> int:
    """Return the port of ``http_port 3128`` or ``http_port 10.0.0.1:3128``, 0 where it has none."""
    last = words[1].rpartition(":")[2] if len(words) > 1 else ""
    return int(last) if last.isdecimal() else 0


def _rules(document: Document, place: FileLocation) -> SquidRules:
    elements: dict[str, Element] = dict(BUILT_IN)
    lines: list[Line] = []
    for node in document.root.items:
        words = [word.text for word in node.items]
        if words[0] == "acl" and len(words) > 2:  # noqa: PLR2004 -- acl NAME TYPE
            known = elements.get(words[1])
            elements[words[1]] = read_element(words[2], node.items[3:], known)
        elif words[0] == "http_access" and len(words) > 1:
            lines.append(_line(document, node, words))
        elif words[0] in _UNDECIDED:
            shown = f"{' '.join(words)}: {_UNDECIDED[words[0]]}"
            line = Line(False, (), shown, document.locate(node), included=True)
            lines.insert(0 if words[0] in _REWRITES else len(lines), line)
    listed = ([word.text for word in node.items] for node in document.root.items)
    ports = tuple(port for words in listed if words[0] in ("http_port", "https_port") and (port := _listens(words)))
    return SquidRules(tuple(lines), elements, place, ports)


def _line(document: Document, node: Node, words: Sequence[str]) -> Line:
    asked = tuple((word.startswith("!"), word.removeprefix("!")) for word in words[2:])
    return Line(words[1] == "allow", asked, " ".join(words), document.locate(node))
