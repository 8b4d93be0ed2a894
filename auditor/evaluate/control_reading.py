"""Controls from located trees: what a schema cannot say is refused here, with its place."""

from __future__ import annotations

from collections.abc import Callable

from auditor.documents.tree import Document, Node
from auditor.evaluate.reading import fault, text_at, texts
from auditor.evaluate.selector_reading import read_component, read_evidence, read_flow, read_path, read_store
from auditor.facts.profile import (
    Condition,
    Control,
    EvidenceNeed,
    Exists,
    Forbid,
    FrameworkReference,
    Junction,
    Parameter,
    Require,
    RequireEvidence,
    Requirement,
    Selector,
)
from auditor.facts.vocabulary import Basis, OnUnknown, Plane, Severity

Reader = Callable[[Document, Node], Selector]

SELECTABLE: dict[str, Reader] = {"component": read_component, "flow": read_flow, "store": read_store}


def read_control(document: Document, node: Node, owner: str, parameters: tuple[Parameter, ...]) -> Control:
    """Return one control of the profile ``owner``.

    Raises:
        InvalidInputError: an empty or contradictory requirement, an unknown data class.
    """
    when = node.get("when")
    maps = node.get("maps")
    return Control(
        id=text_at(node, "id"),
        title=text_at(node, "title"),
        owner=owner,
        requirement=_requirement(document, node),
        when=None if when is None else _condition(document, when),
        evidence=_need(document, node),
        on_unknown=OnUnknown(text_at(node, "on_unknown")),
        severity=Severity(text_at(node, "severity")),
        maps=tuple(FrameworkReference(text_at(m, "id"), text_at(m, "strength")) for m in (maps.items if maps else ())),
        rationale=text_at(node, "rationale"),
        remediation=text_at(node, "remediation"),
        parameters=parameters,
        location=document.locate(node),
    )


def _requirement(document: Document, node: Node) -> Requirement:
    forbid, require = node.get("forbid"), node.get("require")
    if forbid is not None:
        return _forbid(document, forbid)
    if require is None:
        raise fault(document, node, "a control forbids or requires something", "write forbid: or require:")
    noun, value = _only_entry(document, require)
    if noun == "evidence":
        return RequireEvidence(read_evidence(document, value))
    return _require(document, value, SELECTABLE[noun])


def _forbid(document: Document, node: Node) -> Forbid:
    noun, value = _only_entry(document, node)
    if noun != "path" and not value.entries:
        raise fault(document, value, f"forbid {noun} without a selector is an empty requirement", "say which ones are forbidden")
    if noun == "path":
        return Forbid(read_path(document, value))
    what = SELECTABLE[noun](document, value)
    return Forbid(what)


def _require(document: Document, node: Node, reader: Reader) -> Require:
    where, every, some, count = node.get("where"), node.get("all"), node.get("any"), node.get("at_least")
    if where is None or (every is None and some is None and count is None):
        raise fault(document, node, "an empty requirement is always met", "write all:, any: or at_least: beside where:")
    for part in (every, some):
        if part is not None and not part.entries:
            raise fault(document, part, "an empty selector is always met", "say what every or one of them must be")
    return Require(
        where=reader(document, where),
        every=None if every is None else reader(document, every),
        some=None if some is None else reader(document, some),
        at_least=1 if count is None else int(count.text),
    )


def _condition(document: Document, node: Node) -> Condition:
    kind, value = _only_entry(document, node)
    if kind in ("all", "any"):
        return Junction(kind, tuple(_condition(document, item) for item in value.items))
    if kind == "not":
        return Junction(kind, (_condition(document, value),))
    if not value.entries:
        raise fault(document, value, "an empty condition always holds", "leave when: out, or say what must be there")
    found = read_flow(document, value) if kind == "flow" else read_component(document, value)
    return Exists(found)


def _need(document: Document, node: Node) -> EvidenceNeed:
    """Return the needed evidence of a control, which covers what the control requires to be complete."""
    found = node.get("evidence")
    if found is None:
        raise fault(document, node, "a control says what evidence it needs", "add evidence:")
    need = read_need(document, found)
    complete = node.at("require", "evidence", "complete")
    for item in complete.items if complete else ():
        if item.text not in need.operate:
            raise fault(
                document, item, f"{item.text} must be complete, but operate does not need it", "add it under evidence: operate:"
            )
    return need


def read_need(document: Document, found: Node) -> EvidenceNeed:
    """Return the needed evidence; a later stage never needs less than an earlier one.

    Raises:
        InvalidInputError: a later stage needs less, or traffic is needed where there is none.
    """
    change, predeploy, operate = (tuple(Basis(t) for t in texts(found.get(k))) for k in ("change", "predeploy", "operate"))
    for name, earlier, later in (("predeploy", change, predeploy), ("operate", predeploy, operate)):
        missing = [b.value for b in earlier if b not in later]
        if missing:
            where = found.get(name) or found
            raise fault(document, where, f"stage {name} needs less evidence than the stage before: {', '.join(missing)}")
    for name, bases in (("change", change), ("predeploy", predeploy)):
        if Basis.OBSERVED in bases:
            raise fault(document, found.get(name) or found, f"no traffic exists at stage {name}: observed cannot be needed")
    exercised = found.get("exercised")
    if exercised is not None and Basis.OBSERVED not in operate:
        raise fault(document, exercised, "exercised planes are seen in traffic: operate must need observed")
    return EvidenceNeed(change, predeploy, operate, tuple(Plane(t) for t in texts(exercised)))


def _only_entry(document: Document, node: Node) -> tuple[str, Node]:
    if len(node.entries) != 1:
        raise fault(document, node, "write exactly one of the nouns here")
    key, value = node.entries[0]
    return key.text, value
