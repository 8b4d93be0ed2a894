"""Plain words for counts and sightings."""

from __future__ import annotations

import pytest

from auditor.facts.vocabulary import NameRung, Sighting
from auditor.reconcile.wording import RUNG_WORDS, bytes_text, edge_evidence, plural
from tests.reconcile.builders import UNKNOWN_ADDRESS, WORKSPACE, edge


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (18_200, "18.2 kB"), (999_990, "1.0 MB"), (5 * 10**9, "5.0 GB"), (3 * 10**12, "3.0 TB")],
)
def test_bytes_text(count: int, text: str) -> None:
    assert bytes_text(count) == text


def test_plural() -> None:
    assert (plural(1, "packet"), plural(2, "packet")) == ("1 packet", "2 packets")


def test_every_rung_has_words() -> None:
    assert set(RUNG_WORDS) == set(NameRung)


def test_evidence_tells_an_attempt_and_a_hidden_name() -> None:
    refused = edge(WORKSPACE, UNKNOWN_ADDRESS, sighting=Sighting.ATTEMPT)
    hidden = edge(WORKSPACE, UNKNOWN_ADDRESS, hidden=True)
    assert [e.text for e in (*edge_evidence(refused), *edge_evidence(hidden))] == [
        "an attempt to reach 203.0.113.99 (no name) was refused, frames 4, 7",
        "9 packets, 1.2 kB out to 203.0.113.99 (no name), its name hidden, frames 4, 7",
    ]
