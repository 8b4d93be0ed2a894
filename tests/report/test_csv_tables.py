from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable
from typing import Any

import pytest

from auditor.facts.assessment import Assessment
from auditor.report.csv_tables import findings_csv, flows_csv, ledger_csv, register_csv
from auditor.report.escape import cell
from auditor.report.register import B_02_02
from auditor.report.view import build_view
from tests.report import samples

WRITERS = (findings_csv, flows_csv, ledger_csv, register_csv)


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("write", WRITERS)
def test_goldens(coder: Assessment, cursor: Assessment, golden: Any, write: Callable[[Assessment], bytes]) -> None:
    name = write.__name__.replace("_csv", "")
    golden(f"coder.{name}.csv", write(coder).decode("utf-8-sig").replace("\r\n", "\n"))
    golden(f"cursor.{name}.csv", write(cursor).decode("utf-8-sig").replace("\r\n", "\n"))
    assert write(coder).startswith(b'\xef\xbb\xbf"')
    assert write(coder).count(b"\n") == write(coder).count(b"\r\n")


@pytest.mark.parametrize("write", WRITERS)
def test_hostile_text_is_no_formula_and_breaks_no_row(coder: Assessment, write: Callable[[Assessment], bytes]) -> None:
    for start in ("=", "+", "-", "@", " =", "\t=", "＝"):
        hostile = samples.hostile(coder, f'{start}HYPERLINK("https://evil.example";"x")\r\n,";' + samples.HOSTILE)
        rows = _rows(write(hostile))
        assert len(rows) == len(_rows(write(coder)))
        assert all(None not in row and None not in row.values() for row in rows)
        cells = [value for row in rows for value in row.values()]
        assert not [value for value in cells if value.lstrip()[:1] in {*"=+-@＝＋－＠"} and value]
        assert any("<script>alert(1)</script>" in value for value in cells)


@pytest.mark.parametrize(
    ("text", "shown"), [("-1", "'-1"), ("", ""), ("a=1", "a=1"), (" @x", "' @x"), ("x" * 40_000, "x" * 32_766 + "…")]
)
def test_a_cell(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_the_ledger_has_a_line_for_every_channel_of_the_report_and_splits_no_bytes(coder: Assessment) -> None:
    rows = _rows(ledger_csv(coder))
    assert [row["channel"] for row in rows] == [c.label for group in build_view(coder).ledger for c in group.channels]
    sent = {c.id: c.payload_out for c in coder.channels}
    assert sum(int(row["channel_bytes_to_recipient"]) for row in rows) == sum(count or 0 for count in sent.values())
    assert {row["transfer_mechanism"] for row in rows} == {""}


def test_every_flow_and_finding_has_its_line(coder: Assessment) -> None:
    assert [row["flow"] for row in _rows(flows_csv(coder))] == [flow.id for flow in coder.flows]
    rows = _rows(findings_csv(coder))
    assert (len(rows), [row["waived_by"] for row in rows if row["waived_by"]]) == (len(coder.findings), ["W-1"])


def test_the_register_has_a_line_for_each_pair_of_countries(coder: Assessment) -> None:
    kept = {"anthropic/model_server": ("IE", "US")}
    parts = tuple(
        dataclasses.replace(c, place=dataclasses.replace(c.place, storage=kept.get(c.id, ()))) for c in coder.components
    )
    rows = [row for row in _rows(register_csv(dataclasses.replace(coder, components=parts))) if "prompts, source" in row["data"]]
    assert [(r["B_02.02.0150 location of data at rest"], r["B_02.02.0160 location of processing"]) for r in rows] == [
        ("IE", "US"),
        ("US", "US"),
    ]


def test_the_register_holds_facts_only(coder: Assessment) -> None:
    """What only a contract knows is empty without one, an unknown country too, and `open` says so; no customer is a provider."""
    rows = _rows(register_csv(dataclasses.replace(coder, contracts=())))
    assert len(B_02_02) == 18
    assert {row[name] for row in rows for name in (*B_02_02[:13], *B_02_02[16:])} == {""}
    assert all("contract" in row["open"].split("; ") for row in rows)
    assert "unknown" not in {row[name] for row in rows for name in B_02_02}
    assert all(("location of processing" in row["open"]) is (row[B_02_02[15]] == "") for row in rows)
    inside = {group.operator for group in build_view(coder).ledger if group.where == "inside the perimeter"}
    assert not inside & {row["provider_name"] for row in rows}


def test_a_contract_fills_the_lines_of_its_provider_and_of_nobody_else(coder: Assessment) -> None:
    rows = _rows(register_csv(coder))
    held = [row for row in rows if row["provider_name"] == "Anthropic PBC"]
    assert [[row[name] for name in B_02_02] for row in held] == [
        [
            *("MSA-2025/17", "0000EXAMPLEBANK00121", "0000EXAMPLEVENDOR125", "LEI", "F-12", "S19"),
            *("2025-03-01", "2027-02-28", "", "90", "180", "IE", "IE", row[B_02_02[13]], row[B_02_02[14]], row[B_02_02[15]]),
            *("High", "Material reliance"),
        ]
        for row in held
    ]
    assert {(row["sub_processor"], row["stated_at"]) for row in held} == {("Google LLC; Example Support Ltd", "auditor.yaml:40")}
    assert not any("contract" in row["open"].split("; ") for row in held)
    others = [row for row in rows if row not in held and row["provider_name"] != "nobody-reaches-it"]
    assert {row["stated_at"] for row in others} == {""}
    last = rows[-1]
    assert (last[B_02_02[0]], last["provider_name"], last["open"], last["stated_at"]) == (
        "ORDER-9", "nobody-reaches-it", "no flow to this provider is known", "auditor.yaml:58",
    )  # fmt: skip


def test_two_contracts_with_a_provider_are_two_lines(coder: Assessment) -> None:
    second = dataclasses.replace(coder.contracts[0], reference="MSA-2026", line=50)
    one, two = (
        _rows(register_csv(dataclasses.replace(coder, contracts=c))) for c in (coder.contracts[:1], (coder.contracts[0], second))
    )
    assert len(two) == len(one) + sum(row["provider_name"] == "Anthropic PBC" for row in one)
    assert {row[B_02_02[0]] for row in two} == {"", "MSA-2025/17", "MSA-2026"}


def test_the_ledger_names_the_contracts_of_the_manifest_before_documents(coder: Assessment) -> None:
    rows = [row for row in _rows(ledger_csv(coder)) if row["operator"] == "Anthropic PBC"]
    assert {row["contract_reference"].split("; ")[0] for row in rows} == {"MSA-2025/17 (auditor.yaml:40)"}
    assert {row["sub_processor"] for row in rows} == {"Google LLC; Example Support Ltd"}
    assert {row["contract_reference"] for row in _rows(ledger_csv(coder)) if row["operator"] == "GitHub, Inc."} == {""}


def test_the_ledger_names_contracts_and_whose_machines(coder: Assessment) -> None:
    """A document counts as a contract only where the vendor issued it; the mechanism of a transfer is nobody's guess."""
    leaks = coder.channels[[c.destination for c in coder.channels].index("anthropic/model_server")]
    word = dataclasses.replace(coder.evidence[-1], id="E-90", kind="statement", path="dpa.pdf", place="p. 7", issuer="vendor")
    own = dataclasses.replace(word, id="E-91", path="wiki.md", issuer="platform team")
    channels = tuple(
        dataclasses.replace(c, evidence=(*c.evidence, "E-90", "E-91")) if c.id == leaks.id else c for c in coder.channels
    )
    whole = dataclasses.replace(coder, channels=channels, evidence=(*coder.evidence, word, own), contracts=())
    rows = {row["channel"]: row for row in _rows(ledger_csv(whole)) if row["contract_reference"]}
    assert [row["contract_reference"] for row in rows.values()] == ["dpa.pdf, p. 7"]
    assert "wiki.md, p. 7" in next(iter(rows.values()))["statements"]
    parts = tuple(dataclasses.replace(c, place=dataclasses.replace(c.place, hosted_by="github")) for c in coder.components)
    hosted = _rows(ledger_csv(dataclasses.replace(coder, components=parts, contracts=())))
    assert {row["sub_processor"] for row in hosted if row["operator"] == "Anthropic PBC"} == {"GitHub, Inc."}
