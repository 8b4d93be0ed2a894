"""The name of a row: the table of docs/design.md section 4, "Reconciliation", first match."""

from __future__ import annotations

from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Mark, RowName, Sighting


def name_row(intended: Truth, permitted: Truth, sighting: Sighting, sole: bool, *, permission_asked: bool = False) -> RowName:
    """Return the name of a row.

    ``sole``: this is the channel's only intended flow, or something tells it apart. ``permission_asked``: what the
    network permits was examined; then an unknown permission leaves a flow ``open`` that nobody intends.
    """
    if sighting is Sighting.DATA:
        return _seen(intended, permitted, sole)
    if intended is Truth.YES:
        return _unseen_though_intended(permitted, sighting)
    if sighting is Sighting.ATTEMPT:
        return RowName.ATTEMPTED
    if intended is Truth.UNKNOWN:
        return RowName.POSSIBLE
    if permitted is Truth.YES:
        return RowName.LATENT
    return RowName.OPEN if permitted is Truth.UNKNOWN and permission_asked else RowName.ABSENT


def _seen(intended: Truth, permitted: Truth, sole: bool) -> RowName:
    if permitted is Truth.NO:
        return RowName.BYPASS
    if intended is Truth.YES:
        return RowName.CONFIRMED if sole else RowName.CONFIRMED_SHARED
    return RowName.UNEXPLAINED if intended is Truth.UNKNOWN else RowName.UNDECLARED


def _unseen_though_intended(permitted: Truth, sighting: Sighting) -> RowName:
    if permitted is Truth.NO:
        return RowName.BLOCKED
    if sighting is Sighting.ATTEMPT:
        return RowName.ATTEMPTED
    return RowName.SILENT if sighting is Sighting.NONE_COVERED else RowName.UNEXERCISED


def intention(configured: Truth, declared: Truth) -> Truth:
    """Return whether a flow is intended: as configured; where that is open, as declared on.

    A document that merely says "off" never turns a flow off that the configuration leaves open.
    """
    if configured is Truth.UNKNOWN and declared is Truth.YES:
        return Truth.YES
    return configured


def marks_of(configured: Truth, declared: Truth, sighting: Sighting, *, disputed: bool = False) -> tuple[Mark, ...]:
    """Return the marks beside the name, in the order of the vocabulary; ``disputed``: documents disagree."""
    contradicted = (
        disputed
        or (declared is Truth.YES and configured is Truth.NO)
        or (declared is Truth.NO and (configured is Truth.YES or sighting is Sighting.DATA))
    )
    marks = []
    if configured is Truth.YES and declared is not Truth.YES:
        marks.append(Mark.UNDOCUMENTED)
    if contradicted:
        marks.append(Mark.CONTRADICTED)
    return tuple(marks)


def existence(configured: Truth, sighting: Sighting, *, modelled: bool) -> Truth:
    """Return whether data goes this way: seen, else as configured.

    An attempt that no flow explains (not ``modelled``) moved no data. A configured flow that was only tried stays
    as the configuration has it: a refusal in one window is no proof for the next.
    """
    if sighting is Sighting.DATA:
        return Truth.YES
    return configured if modelled else Truth.NO
