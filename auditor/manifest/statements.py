"""``states:``, in a document's entry or at the top: what is stated of flows, and answers to catalog questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auditor.documents import digest_file
from auditor.documents.tree import Node, NodeKind
from auditor.errors import UnreadableError
from auditor.facts.evidence import Evidence, StatementLocation
from auditor.facts.flows import DeclaredStatement
from auditor.facts.manifest import StatedFact
from auditor.facts.vocabulary import Basis, DataClass, expand_data_classes
from auditor.manifest.reading import Reading, listed, text

NOTHING = "none"


@dataclass(frozen=True, slots=True)
class _Origin:
    """Who states: a document, or (``None``) the manifest's author."""

    document: Node | None
    sha256: str = ""

    def evidence(self, reading: Reading, node: Node, said: str) -> Evidence:
        if self.document is None:
            return reading.evidence(node, said)
        page, clause = text(self.document, "page"), text(self.document, "clause")
        place = ", ".join(p for p in (f"page {page}" if page else "", f"clause {clause}" if clause else "") if p)
        path, issuer, date = (text(self.document, key) for key in ("document", "issuer", "date"))
        location = StatementLocation(path.removeprefix("./"), self.sha256, place, issuer, date, said)
        return Evidence(Basis.DECLARED, location, said, collected=date, origin=issuer)


def read_statements(
    reading: Reading, base: Path, systems: set[str], outer: set[str]
) -> tuple[tuple[DeclaredStatement, ...], tuple[StatedFact, ...]]:
    """Return what documents and the author state, in the order of the file.

    A document that is not there, or is empty, proves nothing: its answers and its "sends none" are left out (the pipeline
    reports it as named and unreadable); what it says *is* sent stays, because leaving it out could only help.
    """
    flows: list[DeclaredStatement] = []
    facts: list[StatedFact] = []
    for states, origin in _sources(reading, base):
        supplied = origin.document is None or origin.sha256 != ""
        for node in states.items:
            if (node.get("flow") is None) == (node.get("fact") is None):
                reading.fault(node, "a statement is about exactly one of flow, fact", next_step="keep one of the two")
            elif node.get("flow") is not None:
                flow = _flow(reading, origin, node, systems | outer)
                flows.extend([flow] if supplied or flow.sends else [])
            else:
                fact = _fact(reading, origin, node, systems)
                facts.extend([fact] if supplied else [])
    return tuple(flows), tuple(facts)


def _sources(reading: Reading, base: Path) -> list[tuple[Node, _Origin]]:
    root = reading.document.root
    own, inputs = root.get("states"), root.get("inputs")
    found = [(own, _Origin(None))] if own is not None else []
    for entry in inputs.items if inputs is not None else ():
        document, states = entry.get("document"), entry.get("states")
        if document is not None and states is not None:
            found.append((states, _Origin(entry, _digest(base / document.text))))
    return found


def _digest(path: Path) -> str:
    try:
        digest = digest_file(path, path.name, "document")
    except UnreadableError:
        return ""  # reported by document_digests, once for each document
    return digest.sha256 if digest.size else ""


def _flow(reading: Reading, origin: _Origin, node: Node, known: set[str]) -> DeclaredStatement:
    flow = node.get("flow") or node
    source, _, destination = (part.strip() for part in flow.text.partition("->"))
    if source != "*" and source.partition("/")[0] not in known:
        reading.fault(flow, f'flow begins at "{source}", which is no component here', f"known: {listed(known)}", "correct the id")
    _only(reading, node, {"flow", "sends"})
    sends = _sends(reading, node)
    said = f"{source} -> {destination} sends {', '.join(sends) or 'nothing'}"
    return DeclaredStatement(source, destination, sends, origin.evidence(reading, node, said))


def _sends(reading: Reading, node: Node) -> tuple[DataClass, ...]:
    sends = node.get("sends")
    if sends is None:
        reading.fault(node, 'a statement about a flow lacks "sends"', next_step="add sends: none, or a list of data classes")
        return ()
    if sends.kind is not NodeKind.SEQUENCE:
        if sends.text != NOTHING:
            reading.fault(sends, f'sends is "{sends.text}"', "it is the word none, or a list of data classes", "write a list")
        return ()
    for item in sends.items:
        try:
            expand_data_classes([item.text])
        except ValueError:
            reading.fault(
                item, f'"{item.text}" is not a data class', f"known: {', '.join(DataClass)}", "use one of these, or a group"
            )
            return ()
    return expand_data_classes(item.text for item in sends.items)


def _fact(reading: Reading, origin: _Origin, node: Node, systems: set[str]) -> StatedFact:
    _only(reading, node, {"fact", "system", "value"})
    system = text(node, "system")
    if not system and len(systems) == 1:
        (system,) = systems
    if system not in systems:
        where = node.get("system") or node
        what = f'the fact is about system "{system}", which is not defined' if system else 'the fact lacks "system"'
        reading.fault(where, what, f"systems: {listed(systems)}", "name the system")
    if node.get("value") is None:
        reading.fault(node, 'a fact lacks "value"', next_step='add value:, for example "on"')
    name, value = text(node, "fact"), text(node, "value")
    evidence = origin.evidence(reading, node, f"{system}: {name} is {value}")
    return StatedFact(system, name, value, evidence, reading.locate(node.get("value") or node))


def _only(reading: Reading, node: Node, allowed: set[str]) -> None:
    for key, _ in node.entries:
        if key.text not in allowed:
            reading.fault(key, f'"{key.text}" says nothing here', f"known here: {listed(allowed)}", "remove it")
