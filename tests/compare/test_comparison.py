"""The comparison is computed: change what it rests on, and its cells change."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from auditor.compare import WORD_LIMIT
from auditor.errors import InvalidInputError, UsageError
from auditor.facts.comparison import CellRecord, Comparison
from auditor.pipeline.candidates import compare_candidates
from auditor.report.compare_html import render_comparison_html
from auditor.report.compare_terminal import render_comparison_terminal
from auditor.report.compare_view import build_comparison_view
from auditor.report.comparison_json import dump_comparison

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENTS = ROOT / "fixtures" / "deployments"
AS_OF = "2026-11-24T00:00:00Z"
PROFILE = "fully-self-hosted"


def _compare(*candidates: str | Path, overlay: Path | None = None, profile: str = PROFILE) -> Comparison:
    return compare_candidates([str(c) for c in candidates], profile, AS_OF, overlay=overlay)


def _cell(comparison: Comparison, row: str, column: str) -> CellRecord:
    cells = next(r.cells for r in comparison.rows if r.id == row)
    return next(c for c in cells if c.column == column)


@pytest.fixture(scope="module")
def products() -> Comparison:
    return _compare("product:coder", "product:cursor-workers")


def test_the_first_sentence_names_each_candidate_once(products: Comparison) -> None:
    shared = build_comparison_view(products)
    assert shared.headline == ("“Fully self-hosted”, as documented: not proven for Coder; not met by Cursor self-hosted workers.")
    assert shared.as_of == "2026-11-24 00:00:00 UTC"
    columns = tuple(
        dataclasses.replace(c, kind="deployed") if c.kind == "documented" and c.candidate == products.columns[0].candidate else c
        for c in products.columns
    )
    mixed = build_comparison_view(dataclasses.replace(products, columns=columns)).headline
    assert "(as deployed)" in mixed
    assert "(as documented)" in mixed


@pytest.mark.parametrize(
    ("row", "coder", "cursor"),
    [
        ("execution", "customer infrastructure", "customer infrastructure, or Anysphere (Cursor)'s cloud (not excluded)"),
        ("loop", "customer infrastructure", "Anysphere (Cursor)'s cloud"),
        ("inference", "not established: by what the configuration names", "chosen and called by Anysphere (Cursor)"),
        ("capable", "yes, with every outside flow off, redirected or blocked", "no: nothing replaces 2 required flows"),
        ("gapped", "no", "no"),
        ("models", "decided by the customer", "decided by Anysphere (Cursor)"),
        ("control", "customer infrastructure", "Anysphere (Cursor)'s cloud"),
        ("licence", "yes: AGPL-3.0-only", "no: proprietary"),
        ("policy", "the customer", "Anysphere (Cursor)"),
    ],
)
def test_products_as_documented(products: Comparison, row: str, coder: str, cursor: str) -> None:
    """No file is needed: the catalog alone answers, and says so."""
    found = [_cell(products, row, f"{p}/documented").text for p in ("coder", "cursor-workers")]
    assert found == [coder, cursor]


def test_the_best_that_each_product_can_be(products: Comparison) -> None:
    best = {c.candidate: (c.verdict, c.rung) for c in products.columns if c.kind == "best"}
    assert best == {"coder": ("pass", "air-gapped"), "cursor-workers": ("fail", "self-hosted-execution")}


def test_a_required_flow_without_substitute_has_no_cure(products: Comparison) -> None:
    loop = next(r for r in products.requirements if r.control == "FSH-02")
    outcome = next(o for o in loop.outcomes if o.column == "cursor-workers/best")
    assert (outcome.verdict, outcome.cure_kind) == ("fail", "none")


def test_every_cell_is_short_and_says_its_basis(products: Comparison) -> None:
    for row in products.rows:
        for cell in row.cells:
            assert len(cell.text.split()) <= WORD_LIMIT, cell
            assert cell.basis, cell


def test_unequal_evidence_is_printed(products: Comparison) -> None:
    mixed = _compare(DEPLOYMENTS / "cursor-self-hosted-workers", "product:coder")
    parity = {c.id: c.parity for c in mixed.columns}
    assert parity["cursor-self-hosted-workers/deployed"].startswith("Read: 2 captures, 2 configuration files")
    assert parity["coder/documented"] == next(c.parity for c in products.columns if c.id == "coder/documented")
    assert "nothing captured" in parity["coder/documented"]


CLOUD_ZONE = "  cloud: {operator: aws, hosted_by: aws, processing: [DE], storage: [DE], networks: [192.0.2.0/24]}\nperimeter:"


def _edited(tmp_path: Path, name: str, *edits: tuple[str, str]) -> Path:
    folder = tmp_path / name
    shutil.copytree(DEPLOYMENTS / name, folder)
    text = (folder / "auditor.yaml").read_text()
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "auditor.yaml").write_text(text)
    return folder


def test_swapping_the_zones_of_two_components_moves_their_cells(tmp_path: Path) -> None:
    """The model server goes out to where nothing was; the cells about inference follow, the others stay."""
    before = _compare(DEPLOYMENTS / "coder-air-gapped")
    moved = _edited(
        tmp_path,
        "coder-air-gapped",
        ("perimeter:", CLOUD_ZONE),
        (
            "    zone: corp\n    components:\n      model-server: {networks: [10.20.2.10/32]",
            "    zone: cloud\n    components:\n      model-server: {networks: [192.0.2.10/32]",
        ),
    )
    after = _compare(moved)
    column = "coder-air-gapped/deployed"
    assert _cell(before, "inference", column).text == "in-network"
    assert _cell(after, "inference", column).text != "in-network"
    assert "Amazon Web Services" in _cell(after, "path", column).text
    assert _cell(after, "loop", column) == _cell(before, "loop", column)


def test_a_redirect_deleted_from_the_catalog_changes_what_can_be_achieved(tmp_path: Path) -> None:
    """Without the redirect of the documentation links, and required, Coder would no longer be air-gap capable."""
    overlay = tmp_path / "catalog"
    (overlay / "products").mkdir(parents=True)
    text = (ROOT / "auditor" / "catalog" / "products" / "coder.yaml").read_text()
    start = text.index("  - id: docs\n")
    end = text.index("\n  - id:", start + 1)
    flow = text[start:end]
    required = flow.replace("required: no", "required: yes").replace("{setting: docs_url}", "{host: coder.com}")
    assert required != flow
    (overlay / "products" / "coder.yaml").write_text(text[:start] + required + text[end:])
    before = _cell(_compare("product:coder"), "capable", "coder/documented")
    after = _cell(_compare("product:coder", overlay=overlay), "capable", "coder/documented")
    assert (before.tone, after.tone) == ("inside", "outside")
    assert after.text == "no: nothing replaces 1 required flow"


def test_a_candidate_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        _compare("product:coder", "product:coder")


def test_an_unknown_product_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidInputError) as caught:
        _compare("product:cursor-worker")
    assert "cursor-workers" in caught.value.diagnostics()[0].next_step


def test_every_format_is_the_same_twice(products: Comparison) -> None:
    again = _compare("product:coder", "product:cursor-workers")
    assert dump_comparison(products) == dump_comparison(again)
    assert render_comparison_html(products) == render_comparison_html(again)
    plain = render_comparison_terminal(products, width=120, colour=False)
    assert "\x1b" not in plain
    assert "Air-gap capable" in plain
