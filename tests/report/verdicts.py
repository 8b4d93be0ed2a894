"""One control for every verdict that a format must map, with the findings and open points that belong to it."""

from __future__ import annotations

import dataclasses

from auditor.facts import assessment as a
from tests.report import sample_coder
from tests.report import samples as s

_LEAK = sample_coder.FINDINGS[1]


def build() -> a.Assessment:
    """Return an assessment with seven controls: held, attested, failed, two unknown, waived, not applicable."""
    leak = dataclasses.replace(_LEAK, id="F-1@x>y#any", control="F-1")
    waived = dataclasses.replace(_LEAK, id="W-1@x>y#any", control="W-1", waived_by="waiver-7", title="A waived leak")
    unknown = dataclasses.replace(sample_coder.UNKNOWNS[1], controls=("p/U-1", "p/U-2"))
    controls = (
        s.control("P-1", "high", "What holds.", "pass"),
        s.control("A-1", "high", "What a person vouches for.", "unknown", effective="pass", attested_by=("attest-1",)),
        s.control("F-1", "critical", "What does not hold.", "fail", findings=(leak.id,)),
        s.control("U-1", "high", "What nobody looked at.", "unknown", unknowns=(unknown.id,), reason="1 question open."),
        s.control("U-2", "high", "What may stay open.", "unknown", on_unknown="warn", unknowns=(unknown.id,)),
        s.control("W-1", "high", "What is excused.", "fail", effective="pass", findings=(waived.id,)),
        s.control("N-1", "low", "What does not apply.", "not_applicable", reason="no mobile client is configured"),
    )
    profile = s.profile("p", "Profile", controls, "fail", "It does not hold.")
    return dataclasses.replace(
        sample_coder.build(), profiles=(profile,), controls=controls, findings=(leak, waived), unknowns=(unknown,)
    )
