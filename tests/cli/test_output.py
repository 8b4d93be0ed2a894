"""Every format bears every assessment: hostile, with very long names, and with nothing in it."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from auditor.cli.formats import AssessmentFormat, Rendering, render
from auditor.cli.output import STDOUT, Result, print_assessment, write_results
from auditor.errors import Diagnostic, UsageError
from auditor.facts.assessment import Assessment
from auditor.report.escape import clean
from tests.report import sample_coder, samples

FORMATS = list(AssessmentFormat)
BINARY = {AssessmentFormat.XLSX, AssessmentFormat.PDF}
"""No text: test_xlsx.py and test_pdf.py read them as their readers do."""
_LINE_ENDS = str.maketrans("", "", "\r\n\ufeff")


@pytest.fixture(scope="module")
def hostile() -> Assessment:
    return samples.hostile(sample_coder.build(), samples.HOSTILE + "x" * 10_000)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {AssessmentFormat.HTML, *BINARY}])
def test_no_hidden_character_reaches_a_reader(hostile: Assessment, form: AssessmentFormat) -> None:
    """Only ``json`` keeps them, because it must read back unchanged; the page has its own tests (test_html.py)."""
    text = render(hostile, form).decode()
    assert "x" * 300 in text.replace("\n", "").replace(" ", "")
    if form is not AssessmentFormat.JSON:
        assert clean(text.translate(_LINE_ENDS)) == text.translate(_LINE_ENDS)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_assessment_gives_the_same_bytes(form: AssessmentFormat) -> None:
    assert render(sample_coder.build(), form, Rendering("deploy")) == render(sample_coder.build(), form, Rendering("deploy"))


@pytest.mark.parametrize("form", FORMATS)
def test_an_assessment_of_nothing_is_borne(form: AssessmentFormat) -> None:
    full = sample_coder.build()
    lists: dict[str, Any] = {f.name: () for f in dataclasses.fields(full) if isinstance(getattr(full, f.name), tuple)}
    empty = dataclasses.replace(full, claim=None, **lists)
    data = render(empty, form)
    assert data if form in BINARY else "✓ pass" not in data.decode()


def test_a_result_goes_whole_to_a_file_or_to_stdout(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_results([Result(STDOUT, b"a\r\n", "x"), Result(tmp_path / "b", b"b\r\n", "csv report")])
    assert (tmp_path / "b").read_bytes() == b"b\r\n"
    out, err = capsysbinary.readouterr()
    assert (out, err) == (b"a\r\n", f"csv report: {tmp_path / 'b'}\n".encode())


def test_all_results_are_written_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second cannot be written: the first keeps what it held, and nothing lies about."""
    (tmp_path / "a").write_bytes(b"before")
    results = [Result(STDOUT, b"out", "x"), Result(tmp_path / "a", b"a", "x"), Result(tmp_path / "none" / "b", b"b", "x")]
    with pytest.raises(UsageError, match="cannot write the result"):
        write_results(results)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"before"}
    assert capsys.readouterr().out == ""


def test_a_pipe_is_written_to_and_a_link_is_followed(tmp_path: Path) -> None:
    """Both were replaced by a file: of ``/dev/null``, where root asked for it, nothing was left."""
    pipe, link, target = tmp_path / "pipe", tmp_path / "link", tmp_path / "folder" / "target"
    target.parent.mkdir()
    target.write_bytes(b"before")
    link.symlink_to(target)
    os.mkfifo(pipe)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        read = threads.submit(pipe.read_bytes)
        write_results([Result(pipe, b"through", "x"), Result(link, b"after", "x")])
        assert read.result(timeout=30) == b"through"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert (link.is_symlink(), target.read_bytes()) == (True, b"after")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "link", "pipe", "target"]


def test_two_names_of_one_file_are_written_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to("a")
    write_results([Result(tmp_path / "a", b"1", "x"), Result(tmp_path / "b", b"2", "x")])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"2", "b": b"2"}


def test_a_result_that_cannot_be_made_leaves_none_written(tmp_path: Path) -> None:
    def results() -> Iterator[Result]:
        yield Result(tmp_path / "a", b"a", "x")
        raise UsageError(Diagnostic("no"))

    with pytest.raises(UsageError):
        write_results(results())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "module"), [("pdf", "typst"), ("xlsx", "xlsxwriter")])
def test_a_missing_library_is_told_before_any_work(
    form: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    outputs = ["-o", f"json:{tmp_path / 'a.json'}", "-o", f"{form}:{tmp_path / 'a'}"]
    assert main(["check", str(tmp_path / "no such deployment"), *outputs]) == 2
    assert f"pip install 'auditor[{form}]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("paths", "why"),
    [(["none/a.json"], "its folder does not exist"), ([""], "it is a folder"), (["a", "a"], "2 results are to go there")],
)
def test_a_path_that_cannot_be_written_is_told_before_any_work(
    paths: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = [word for path in paths for word in ("-o", f"json:{tmp_path / path}")]
    assert main(["check", str(tmp_path / "no such deployment"), *outputs]) == 2
    assert f"= why: {why}" in capsys.readouterr().err


def test_a_folder_that_may_not_be_written_or_looked_into_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As for somebody who is not root; the second was a crash."""
    arguments = ["check", str(tmp_path / "no such deployment"), "-o", f"json:{tmp_path / 'a.json'}"]
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)
        assert main(arguments) == 2
    assert "= why: its folder cannot be written to" in capsys.readouterr().err

    def refused(_: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "exists", refused)
        assert main(arguments) == 2
        with pytest.raises(UsageError, match="cannot write the result"):
            write_results([Result(tmp_path / "a.json", b"a", "x")])
    assert "= why: Permission denied" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("variable", "coloured"), [("", True), ("1", False)])
def test_no_color_is_honoured_on_a_terminal(
    variable: str, coloured: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", variable)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_assessment(sample_coder.build())
    assert ("\x1b[" in capsys.readouterr().out) == coloured
