"""Waivers and attestations as facts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.manifest import Attestation, Waiver
from auditor.facts.vocabulary import Basis
from auditor.manifest import load_attestations, load_waivers

TARGET = "AG-01@coder/control-plane>telemetry.coder.com#telemetry.diagnostic"
DIGEST = "0123456789abcdef" * 4
WAIVERS = f"""\
version: 1
waivers:
  - id: W-1
    control: AG-01
    target: "{TARGET}"
    digest: {DIGEST}
    reason: vendor fix is announced
    approver: security-lead@corp.example
    ticket: SEC-1
    created: 2026-11-01
    expires: 2027-01-31
"""
ATTESTATIONS = """\
version: 1
attestations:
  - {id: A-1, control: AG-03, subject: coder/control-plane, statement: seen, by: lead@corp.example,
     date: 2026-11-01, expires: 2027-11-01}
"""


def evidence(shown: str, text: str, column: int, said: str) -> Evidence:
    """Return evidence at the first entry of a file, on line 3."""
    excerpt = text.splitlines()[2].strip()
    return Evidence(Basis.DECLARED, FileLocation(shown, hashlib.sha256(text.encode()).hexdigest(), 3, column, excerpt), said)


def test_a_waiver(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(WAIVERS)
    assert load_waivers(tmp_path / "w.yaml", "rules/w.yaml") == (
        Waiver(
            id="W-1",
            control="AG-01",
            target=TARGET,
            reason="vendor fix is announced",
            approver="security-lead@corp.example",
            ticket="SEC-1",
            created="2026-11-01",
            expires="2027-01-31",
            evidence=evidence("rules/w.yaml", WAIVERS, 5, "waived until 2027-01-31: vendor fix is announced"),
            digest=DIGEST,
        ),
    )


def test_an_attestation(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ATTESTATIONS)
    assert load_attestations(tmp_path / "a.yaml", "a.yaml") == (
        Attestation(
            id="A-1",
            control="AG-03",
            subject="coder/control-plane",
            statement="seen",
            by="lead@corp.example",
            date="2026-11-01",
            expires="2027-11-01",
            evidence=evidence("a.yaml", ATTESTATIONS, 5, "lead@corp.example attests: seen"),
        ),
    )


def test_none_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text("version: 1\nwaivers: []\n")
    assert load_waivers(tmp_path / "w.yaml", "w.yaml") == ()
