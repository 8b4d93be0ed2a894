"""A register of information: the columns of template B_02.02 of DORA, as far as they are facts of the assessment.

Commission Implementing Regulation (EU) 2024/2956, Annex I, "Contractual arrangements, specific information", 18 columns. What a
contract says and an assessment does not know stays empty; so does a country that is not known, and ``open`` says so. The
columns behind the eighteen say from where the facts are.
"""

from __future__ import annotations

from auditor.facts.assessment import Assessment
from auditor.report.tables import Row, Table, several
from auditor.report.view import build_view
from auditor.report.view_model import LedgerGroup

B_02_02 = (
    *(
        "B_02.02.0010 contractual arrangement",
        "B_02.02.0020 LEI of the user",
        "B_02.02.0030 provider",
        "B_02.02.0040 type of code",
    ),
    *("B_02.02.0050 function", "B_02.02.0060 type of ICT services", "B_02.02.0070 start", "B_02.02.0080 end"),
    *("B_02.02.0090 reason of ending", "B_02.02.0100 notice by the entity", "B_02.02.0110 notice by the provider"),
    *("B_02.02.0120 governing law", "B_02.02.0130 country of provision", "B_02.02.0140 storage of data"),
    *("B_02.02.0150 location of data at rest", "B_02.02.0160 location of processing", "B_02.02.0170 sensitiveness"),
    "B_02.02.0180 reliance",
)
BEHIND = ("provider_name", "provider_law", "sub_processor", "data", "retention", "channels", "evidence", "open")
_INSIDE = "inside the perimeter"
_EMPTY = ""


def register_table(assessment: Assessment) -> Table:
    """Return one line a provider outside, country at rest and country of processing: the register wants one of each in a line."""
    groups = [group for group in build_view(assessment).ledger if group.where != _INSIDE]
    return Table((*B_02_02, *BEHIND), tuple(row for group in groups for row in _rows(group)))


def _rows(group: LedgerGroup) -> list[Row]:
    processing = group.countries.split(", ") if group.countries != "not known" else []
    law = group.law.removeprefix("law of ") if group.law.startswith("law of ") else ""
    lacking = {"location at rest": group.storage, "location of processing": processing, "law of the provider": law}
    behind: Row = (
        group.operator,
        law,
        group.hosted_by,
        group.data,
        several(group.retention),
        len(group.channels),
        several(reference.label for channel in group.channels for reference in channel.evidence),
        several(name for name, known in lacking.items() if not known),
    )
    stored = "Yes" if group.retention else _EMPTY
    return [
        (*[_EMPTY] * 13, stored, at_rest, processed, _EMPTY, _EMPTY, *behind)
        for at_rest in group.storage or (_EMPTY,)
        for processed in processing or [_EMPTY]
    ]
