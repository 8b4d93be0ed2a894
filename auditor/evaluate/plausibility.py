"""Which planes a destination without a plane cannot belong to: known flows say what data it handles.

The catalog knows the purpose and the data of its flows also where it does not know their destination. What only
ever gets a built artefact does not run commands, so it leaves a question about the execution plane closed. One
row that no flow explains, or that may carry anything, keeps every plane possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane

_HANDLED: Mapping[Plane, frozenset[DataClass]] = {
    Plane.EXECUTION: frozenset({DataClass.SOURCE_CODE, DataClass.TOOL_IO, DataClass.ORCHESTRATION}),
    Plane.INFERENCE: frozenset({DataClass.PROMPT, DataClass.EMBEDDING, DataClass.TOOL_IO, DataClass.SOURCE_CODE}),
    Plane.AGENT_LOOP: frozenset({DataClass.PROMPT, DataClass.TOOL_IO, DataClass.TRANSCRIPT, DataClass.ORCHESTRATION}),
    Plane.CONTROL_PLANE: frozenset(
        {DataClass.ORCHESTRATION, DataClass.USER, DataClass.ORGANISATION, DataClass.CREDENTIAL, DataClass.TRANSCRIPT}
    ),
}
"""Plane -> classes of which a component of it is sent at least one; supporting services may be sent anything."""


def impossible_planes(incoming: Iterable[FlowRow], outgoing: Iterable[FlowRow]) -> frozenset[str]:
    """Return the planes that a destination with these rows cannot belong to."""
    arriving = [row for row in incoming if row.exists is not Truth.NO]
    unexplained = any(not row.flow or not (row.sends_at_most or row.receives) for row in arriving)
    if not arriving or unexplained or any(row.exists is not Truth.NO for row in outgoing):
        return frozenset()
    sent = {data for row in arriving for data in row.sends_at_most}
    return frozenset(plane.value for plane, handled in _HANDLED.items() if not handled & sent)
