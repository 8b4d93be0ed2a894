"""What is left out on purpose: ruled out by the author, or not looked at at a stage. It is shown all the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.errors import InvalidInputError
from auditor.facts.assessment import Assessment
from auditor.facts.vocabulary import Stage
from auditor.pipeline.setting_aside import covers

SHIPPED = Path(__file__).resolve().parents[2] / "fixtures" / "deployments" / "coder-air-gapped"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "deployment"))


def judged(folder: Path, stage: Stage = Stage.CHANGE) -> Assessment:
    inputs = pipeline.gather(pipeline.Request(paths=(folder,), stage=stage))
    return pipeline.judge(pipeline.model(inputs), inputs, "2026-11-24")


def ignore(folder: Path, *patterns: str) -> None:
    with (folder / "auditor.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write(f"ignore: [{', '.join(patterns)}]\n")


LEFT_OUT = {
    "agent.yaml": b"upload:\n  url: https://evil.example/upload\n",  # a form that is read, and no system that uses it
    "broken.yaml": b"a: [\n",
    "agent.bin": b"\0\1\2",
    "main.tf": b'resource "x" "y" {}',
    "run.sh": b"curl https://evil.example\n",
    "x.toml": b"a=1\n",
    "x.conf": b"a 1\n",
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_file_that_nothing_examined_lets_no_control_pass(folder: Path, name: str) -> None:
    (folder / "config" / name).write_bytes(LEFT_OUT[name])
    found = judged(folder)
    assert {c.effective for c in found.controls} == {"unknown"}
    assert [u.id for u in found.unknowns if u.blocking] == [f"not_examined@config/{name}"]
    assert found.exit_code == 3


def test_a_file_that_the_author_rules_out_is_listed_with_his_statement(folder: Path) -> None:
    for name, content in LEFT_OUT.items():
        (folder / "config" / name).write_bytes(content)
    ignore(folder, '"config/*.*"')
    found = judged(folder)
    assert (found.exit_code, {c.effective for c in found.controls}) == (0, {"pass"})
    listed = {n.path: n for n in found.not_examined if n.path.startswith("config/")}
    assert sorted(listed) == sorted(f"config/{name}" for name in LEFT_OUT)
    assert all(n.set_aside for n in listed.values())
    assert listed["config/x.toml"].reason == (
        "ruled out by the author (ignore: config/*.* in auditor.yaml): no recognised product explains this file"
    )


def test_a_file_that_a_reader_reads_counts_even_where_it_is_ruled_out(folder: Path) -> None:
    before = judged(folder)
    ignore(folder, '"config/**"')
    assert judged(folder).settings == before.settings


@pytest.mark.parametrize("pattern", ["/etc/passwd", "../other/**", "config/../../x"])
def test_nothing_outside_the_folder_is_ruled_out(folder: Path, pattern: str) -> None:
    ignore(folder, f'"{pattern}"')
    with pytest.raises(InvalidInputError, match="leaves the folder of the manifest"):
        judged(folder)


@pytest.mark.parametrize("stage", [Stage.CHANGE, Stage.PREDEPLOY])
def test_captures_are_listed_where_the_stage_does_not_look_at_them(folder: Path, stage: Stage) -> None:
    found = judged(folder, stage)
    reason = f"captures are not looked at at stage {stage.value}; judge at stage operate"
    assert [(n.path, n.reason, n.set_aside) for n in found.not_examined] == [
        ("traffic/inside.pcap", reason, True),
        ("traffic/perimeter.pcapng", reason, True),
    ]
    assert found.claim is not None
    assert "the 2 captures of the manifest are not looked at at this stage" in found.claim.sentence
    assert judged(folder, Stage.OPERATE).not_examined == ()


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("config/README", "config/README", True),
        ("./config/README", "config/README", True),
        ("config/*.tf", "config/main.tf", True),
        ("*.tf", "config/main.tf", False),
        ("**/*.tf", "main.tf", True),
        ("**/*.tf", "a/b/main.tf", True),
        ("config/**", "config/a/b", True),
        ("config/**", "other/a", False),
        ("config/?.tf", "config/ab.tf", False),
        ("config", "config/main.tf", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert covers(pattern, path) is expected
