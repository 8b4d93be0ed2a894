"""One profile file to its own controls; ``loading`` follows ``extends``."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass

from auditor.documents.tree import Document, Node
from auditor.evaluate.adjusting import Adjustment, read_adjustments
from auditor.evaluate.control_reading import read_control
from auditor.evaluate.expiry import instant
from auditor.evaluate.parameters import BY_NAME, check_value
from auditor.evaluate.reading import check_countries, fault, text_at, texts
from auditor.evaluate.selector_reading import COUNTRY_KEYS
from auditor.facts.evidence import FileLocation
from auditor.facts.profile import Control, Parameter, Term, Values


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """What one file says, without what it inherits."""

    id: str
    title: str
    version: str
    valid_until: str
    extends: tuple[tuple[str, FileLocation], ...]
    """(name or path, where it is named)."""
    parameters: tuple[Parameter, ...]
    controls: tuple[Control, ...]
    adjustments: tuple[Adjustment, ...]
    not_tested: tuple[str, ...]
    location: FileLocation
    """Where ``valid_until`` stands."""
    path: str
    sha256: str


def read_profile(document: Document) -> OwnProfile:
    """Return what ``document``, checked against the profile schema, says.

    Raises:
        InvalidInputError: duplicate control id, unknown parameter or data class, empty or contradictory
            requirement, a date that is none.
    """
    root = document.root
    owner = text_at(root, "profile")
    until = root.get("valid_until") or root
    try:
        instant(until.text)
    except ValueError as error:
        raise fault(document, until, f"{until.text!r} is no date", "write it as 2027-12-31") from error
    parameters = _parameters(document, root.get("parameters"))
    controls = _controls(document, root, owner, parameters)
    _check_use(document, root.get("parameters"), controls)
    parents = root.get("extends")
    nodes = () if parents is None else (parents.items or (parents,))
    return OwnProfile(
        id=owner,
        title=text_at(root, "title"),
        version=text_at(root, "version"),
        valid_until=until.text,
        extends=tuple((n.text, document.locate(n)) for n in nodes),
        parameters=parameters,
        controls=controls,
        adjustments=read_adjustments(document, root),
        not_tested=tuple(" ".join(t.split()) for t in texts(root.get("not_tested"))),
        location=document.locate(until),
        path=document.path,
        sha256=document.sha256,
    )


def _parameters(document: Document, node: Node | None) -> tuple[Parameter, ...]:
    found = []
    for key, value in node.entries if node else ():
        values = texts(value)
        wrong = check_value(key.text, values)
        if wrong:
            raise fault(document, value, wrong)
        found.append(Parameter(key.text, values))
    return tuple(sorted(found, key=lambda p: p.name))


def _controls(document: Document, root: Node, owner: str, parameters: tuple[Parameter, ...]) -> tuple[Control, ...]:
    listed = root.get("controls")
    found: dict[str, Control] = {}
    requirements: dict[str, str] = {}
    names = {p.name for p in parameters}
    for node in listed.items if listed else ():
        control = read_control(document, node, owner, parameters)
        if control.id in found:
            raise fault(document, node.get("id") or node, f"duplicate control id {control.id}", "give each control its own id")
        for name in sorted(parameters_used(control) - names):
            raise fault(
                document, node, f"control {control.id} refers to an unknown parameter {name!r}", "add it under parameters:"
            )
        same = f"{control.requirement!r} {control.when!r}"
        if same in requirements:
            raise fault(document, node, f"control {control.id} asks the same as {requirements[same]}", "leave one of them out")
        requirements[same] = control.id
        found[control.id] = control
    return tuple(found.values())


def _check_use(document: Document, node: Node | None, controls: tuple[Control, ...]) -> None:
    """Refuse a parameter that asks for nothing, and countries that there are not."""
    used = [values for control in controls for values in _values((control.requirement, control.when))]
    for key, value in node.entries if node else ():
        kinds = {kind for kind, values in used if values.parameter == key.text}
        if not kinds and key.text not in BY_NAME:
            step = (
                f"refer to it by {{parameter: {key.text}}}; these need no reference: {', '.join(sorted(BY_NAME))}; "
                "what an inherited control asks is changed under tighten: or relax:"
            )
            raise fault(document, key, f"no control refers to the parameter {key.text!r}", step)
        if kinds & {"country", *COUNTRY_KEYS}:
            check_countries(document, value)


def parameters_used(control: Control) -> frozenset[str]:
    """Return the names of the parameters that the selectors of ``control`` refer to."""
    return frozenset(v.parameter for _, v in _values((control.requirement, control.when)) if v.parameter)


def _values(part: object, kind: str = "") -> list[tuple[str, Values]]:
    """Return every value below ``part`` with what it is asked of: the records say their parts themselves."""
    if isinstance(part, Values):
        return [(kind, part)]
    if isinstance(part, Term):
        return [(part.key.value, part.values)]
    if isinstance(part, tuple):
        return [found for item in part for found in _values(item)]
    if not is_dataclass(part) or isinstance(part, type):
        return []
    return [found for field in fields(part) for found in _values(getattr(part, field.name), field.name)]
