"""``contracts:`` of a manifest: every key read with its place, what is malformed refused at its line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.facts.contracts import Contract
from auditor.manifest import load_manifest

VENDOR, BANK = "0000EXAMPLEVENDOR125", "0000EXAMPLEBANK00121"
HEAD = "version: 1\ndeployment: demo\ncontracts:\n"
WHOLE = f"""  MSA-2025/17:
    provider: anthropic
    provider_code: {VENDOR}
    code_type: LEI
    entity_lei: {BANK}
    function: F-12
    service: S19
    start: 2025-03-01
    end: 2027-02-28
    ended_because: not ended
    notice_entity: 90
    notice_provider: 180
    governing_law: IE
    provision: NO
    sensitiveness: High
    reliance: Material reliance
    sub_processors: [aws, Example Support Ltd]
"""


def _contracts(folder: Path, text: str) -> tuple[Contract, ...]:
    (folder / "auditor.yaml").write_text(HEAD + text, encoding="utf-8")
    return load_manifest(folder).contracts


def test_every_key_is_read_with_its_place(tmp_path: Path) -> None:
    (contract,) = _contracts(tmp_path, WHOLE)
    told = {field.name: getattr(contract, field.name) for field in dataclasses.fields(contract)}
    location = told.pop("location")
    assert (location.path, location.line) == ("auditor.yaml", 4)
    assert told == {
        "reference": "MSA-2025/17", "provider": "anthropic", "provider_code": VENDOR, "code_type": "LEI", "entity_lei": BANK,
        "function": "F-12", "service": "S19", "start": "2025-03-01", "end": "2027-02-28", "ended_because": "not ended",
        "notice_entity": "90", "notice_provider": "180", "governing_law": "IE", "provision": "NO", "sensitiveness": "High",
        "reliance": "Material reliance", "sub_processors": ("aws", "Example Support Ltd"),
    }  # fmt: skip


def test_only_the_provider_is_needed(tmp_path: Path) -> None:
    contracts = _contracts(tmp_path, "  A-1: {provider: anthropic}\n  A-2: {provider: anthropic}\n")
    assert [(c.reference, c.provider, c.start, c.location.line) for c in contracts] == [
        ("A-1", "anthropic", "", 4),
        ("A-2", "anthropic", "", 5),
    ]


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (f"provider: x, provider_code: {VENDOR[:-1]}0, code_type: LEI", "is not a legal entity identifier"),
        (f"provider: x, entity_lei: {BANK.lower()}", "is not a legal entity identifier"),
        ("provider: x, entity_lei: short", "is not a legal entity identifier"),
        ("provider: x, entity_lei: ''", "entity_lei"),
        (f"provider: x, provider_code: {VENDOR}", "provider_code and code_type belong together"),
        ("provider: x, code_type: LEI", "provider_code and code_type belong together"),
        ("provider: x, governing_law: UK", "is not an ISO 3166-1 alpha-2 country code"),
        ("provider: x, provision: EU", "is not an ISO 3166-1 alpha-2 country code"),
        ("provider: x, start: 1.3.2025", "is not a date"),
        ("provider: x, start: 2025-03-01, end: 2025-02-28", "ends before it starts"),
        ("provider: x, service: S20", "S20"),
        ("provider: x, notice_entity: -1", "notice_entity"),
        ("provider: x, ticket: 7", "ticket"),
        ("function: F-1", "provider"),
    ],
)
def test_what_is_malformed_is_refused_at_its_line(tmp_path: Path, entry: str, what: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        _contracts(tmp_path, "  FINE: {provider: y}\n  A-1: {" + entry + "}\n")
    (fault,) = caught.value.diagnostics()
    assert (fault.path, fault.line) == ("auditor.yaml", 5)
    assert what in f"{fault.what} {fault.why}"


def test_another_kind_of_code_is_kept_as_it_is(tmp_path: Path) -> None:
    (contract,) = _contracts(tmp_path, "  A-1: {provider: x, provider_code: HRB 12345, code_type: DE_CRN}\n")
    assert (contract.provider_code, contract.code_type) == ("HRB 12345", "DE_CRN")


def test_an_overlay_changes_one_key_and_adds_a_contract(tmp_path: Path) -> None:
    (tmp_path / "prod.yaml").write_text("contracts:\n  A-1: {end: 2026-12-31}\n  A-2: {provider: cursor}\n", encoding="utf-8")
    base = "version: 1\ndeployments: {prod: {overlays: [prod.yaml]}}\ncontracts:\n  A-1: {provider: anthropic, function: F-1}\n"
    (tmp_path / "auditor.yaml").write_text(base, encoding="utf-8")
    contracts = load_manifest(tmp_path, "prod").contracts
    assert [(c.reference, c.provider, c.function, c.end) for c in contracts] == [
        ("A-1", "anthropic", "F-1", "2026-12-31"),
        ("A-2", "cursor", "", ""),
    ]
    assert contracts[1].location.path == "prod.yaml"
