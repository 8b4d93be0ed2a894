"""Reading an assessment: look-ups and plain words that every row of the comparison uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from auditor.facts.assessment import Assessment, ComponentRecord, EvidenceRecord, FlowRecord
from auditor.facts.comparison import CellRecord
from auditor.facts.places import CUSTOMER

WORD_LIMIT = 12
"""A cell that needs more words belongs into its details."""

_BASIS_ORDER = ("declared", "configured", "permitted", "observed")


@dataclass(frozen=True)
class Reading:
    """One column's assessment with its indexes."""

    column: str
    assessment: Assessment
    components: dict[str, ComponentRecord] = field(init=False)
    evidence: dict[str, EvidenceRecord] = field(init=False)
    titles: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Build the indexes once."""
        object.__setattr__(self, "components", {c.id: c for c in self.assessment.components})
        object.__setattr__(self, "evidence", {e.id: e for e in self.assessment.evidence})
        object.__setattr__(self, "titles", {o.id: o.title for o in self.assessment.operators})

    def of_plane(self, plane: str) -> tuple[ComponentRecord, ...]:
        """Return the components of ``plane`` that exist or may exist."""
        return tuple(c for c in self.assessment.components if c.plane == plane and c.present != "no")

    def live_flows(self) -> tuple[FlowRecord, ...]:
        """Return the flows that exist or may exist."""
        return tuple(f for f in self.assessment.flows if f.exists != "no")

    def leaving(self) -> tuple[FlowRecord, ...]:
        """Return the flows that cross, or may cross, from inside to outside, and exist or may exist."""
        return tuple(f for f in self.live_flows() if f.crosses_perimeter != "no")

    def recipient(self, flow: FlowRecord) -> str:
        """Return who receives a flow, in plain words: the operator, else the destination's own label."""
        component = self.components.get(flow.destination)
        if component is None:
            return flow.destination
        if not flow.destination_candidates:
            return "whoever is named at run time"
        operator = component.place.operator
        return self.titles.get(operator, operator) if operator else component.title

    def operator_title(self, operator: str) -> str:
        """Return the printed name of an operator."""
        if operator == CUSTOMER:
            return "the customer"
        return self.titles.get(operator, operator) if operator else "unknown operator"

    def place(self, component: ComponentRecord) -> str:
        """Return where a component is and who runs it, in a few words."""
        place = component.place
        where = f" ({', '.join(place.processing)})" if place.processing else ""
        if place.inside == "yes":
            return f"customer infrastructure{where}"
        if place.inside == "no":
            return f"{self.operator_title(place.operator)}'s cloud{where}" if place.operator else "outside the perimeter"
        return "place not established"


def tone_of(insides: Iterable[str]) -> str:
    """Return the tone for a set of ``yes`` / ``no`` / ``unknown`` answers to "is it inside?"."""
    answers = set(insides)
    if not answers or "unknown" in answers:
        return "unknown"
    if answers == {"yes"}:
        return "inside"
    return "outside" if answers == {"no"} else "mixed"


def join_words(parts: Sequence[str], limit: int = 3) -> str:
    """Return ``a, b and c``; beyond ``limit`` parts the rest is counted."""
    unique = list(dict.fromkeys(parts))
    if len(unique) > limit:
        return f"{', '.join(unique[:limit])} and {len(unique) - limit} more"
    if len(unique) < 2:  # noqa: PLR2004 -- nothing to join
        return "".join(unique)
    return f"{', '.join(unique[:-1])} and {unique[-1]}"


def counted(number: int, noun: str) -> str:
    """Return ``1 flow``, ``2 flows``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shorten(text: str) -> str:
    """Return ``text`` with at most ``WORD_LIMIT`` words; what was cut is marked."""
    words = text.split()
    return text if len(words) <= WORD_LIMIT else " ".join(words[: WORD_LIMIT - 1]) + " …"


def cell(reading: Reading, text: str, tone: str, evidence: Iterable[str], details: Sequence[str] = ()) -> CellRecord:
    """Return a cell with basis and date computed from its evidence.

    Where the text had to be cut, its full form becomes the first detail.
    """
    ids = tuple(dict.fromkeys(evidence))
    records = [reading.evidence[i] for i in ids]
    bases = [b for b in _BASIS_ORDER if any(r.basis == b and r.kind != "catalog" for r in records)]
    if any(r.kind == "catalog" for r in records):
        bases.append("catalog")
    dates = [d for r in records for d in (r.collected, r.date, r.last_time[:10]) if d]
    short = shorten(text)
    return CellRecord(
        column=reading.column,
        text=short,
        tone=tone,
        basis=join_words(bases, limit=5) or "nothing examined",
        date=max(dates, default=""),
        details=((text,) if short != text else ()) + tuple(dict.fromkeys(details)),
        evidence=ids,
    )


def flow_evidence(flows: Iterable[FlowRecord]) -> list[str]:
    """Return the evidence ids of ``flows``, in order."""
    return [e for f in flows for e in f.evidence]


def component_evidence(components: Iterable[ComponentRecord]) -> list[str]:
    """Return the evidence ids of ``components``, in order."""
    return [e for c in components for e in c.evidence]


def carries(flow: FlowRecord, *prefixes: str) -> bool:
    """Return whether a flow may send a data class that starts with one of ``prefixes``."""
    return any(c.startswith(prefixes) for c in (*flow.sends_at_least, *flow.sends_at_most))
