"""Selectors from located trees: the one grammar that every verb and noun uses."""

from __future__ import annotations

from auditor.documents.tree import Document, Node, NodeKind
from auditor.evaluate.reading import check_countries, fault, texts
from auditor.facts.profile import (
    ComponentSelector,
    Direction,
    EvidenceSelector,
    FlowSelector,
    PathSelector,
    SelectorKey,
    StoreSelector,
    Term,
    Values,
)
from auditor.facts.vocabulary import Basis, RowName, Sighting, expand_data_classes

COUNTRY_KEYS = frozenset({SelectorKey.OPERATOR_COUNTRY, SelectorKey.PROCESSING, SelectorKey.STORAGE})
"""What asks for countries."""


def read_component(document: Document, node: Node | None) -> ComponentSelector:
    """Return a component selector, its terms in the order of the vocabulary; nothing written is any component."""
    if node is None:
        return ComponentSelector()
    found = ((key, node.get(key.value)) for key in SelectorKey)
    return ComponentSelector(
        tuple(
            Term(key, (_read_countries if key in COUNTRY_KEYS else read_values)(document, value))
            for key, value in found
            if value is not None
        )
    )


def _read_countries(document: Document, node: Node) -> Values:
    """Return the values of a key that asks for countries; those of a parameter are checked where it stands."""
    values = read_values(document, node)
    if not values.parameter:
        check_countries(document, node.get("not") or node)
    return values


def read_values(document: Document, node: Node) -> Values:
    """Return the values of one key: a scalar, a list, ``{parameter: …}`` or ``{not: …}`` of these.

    Raises:
        InvalidInputError: an empty text, which would match by accident.
    """
    if node.kind is NodeKind.MAPPING:
        inverse = node.get("not")
        if inverse is not None:
            inner = read_values(document, inverse)
            return Values(inner.any_of, negated=True, parameter=inner.parameter)
        name = node.get("parameter")
        if name is None:
            raise fault(document, node, "a value is a text, a list, {not: …} or {parameter: …}")
        return Values((), parameter=name.text)
    found = texts(node)
    if not found or not all(found):
        raise fault(document, node, "an empty value matches nothing and everything", "write the value, or leave the key out")
    return Values(found)


def read_flow(document: Document, node: Node) -> FlowSelector:
    """Return a flow selector.

    Raises:
        InvalidInputError: unknown data class, or a direction without data.
    """
    direction, required, strength = node.get("direction"), node.get("required"), node.get("strength")
    data = read_data(document, node.get("data"))
    if direction is not None and not data:
        raise fault(document, direction, "a direction needs data", "name the classes under data:, or leave direction: out")
    return FlowSelector(
        source=read_component(document, node.get("from")),
        destination=read_component(document, node.get("to")),
        data=data,
        direction=Direction(direction.text) if direction else Direction.SENDS,
        names=tuple(RowName(t) for t in texts(node.get("name"))),
        sightings=tuple(Sighting(t) for t in texts(node.get("sighting"))),
        required=None if required is None else required.text == "yes",
        strength=None if strength is None else read_values(document, strength),
    )


def read_path(document: Document, node: Node) -> PathSelector:
    """Return a path selector.

    Raises:
        InvalidInputError: unknown data class.
    """
    middle = node.get("intermediary")
    return PathSelector(
        source=read_component(document, node.get("from")),
        destination=read_component(document, node.get("to")),
        intermediary=None if middle is None else read_component(document, middle),
        data=read_data(document, node.get("data")),
    )


def read_store(document: Document, node: Node) -> StoreSelector:
    """Return a store selector.

    Raises:
        InvalidInputError: unknown data class.
    """
    country = node.get("country")
    return StoreSelector(
        at=read_component(document, node.get("at")),
        data=read_data(document, node.get("data")),
        country=None if country is None else _read_countries(document, country),
    )


def read_evidence(document: Document, node: Node) -> EvidenceSelector:
    """Return an evidence selector."""
    return EvidenceSelector(
        of=read_component(document, node.get("of")), complete=tuple(Basis(t) for t in texts(node.get("complete")))
    )


def read_data(document: Document, node: Node | None) -> tuple[str, ...]:
    """Return data classes and groups as written.

    Raises:
        InvalidInputError: a name that is neither a class nor a group, at its place.
    """
    if node is None:
        return ()
    for item in node.items:
        try:
            expand_data_classes((item.text,))
        except ValueError as error:
            raise fault(
                document, item, str(error), "use a class such as content.source_code or a group such as content"
            ) from error
    return texts(node)
