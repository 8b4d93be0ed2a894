"""The pictures of the walk-through are those that its script takes, small enough for a repository, and described."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest

from fixtures import pictures

PAGE = (pictures.ROOT / "docs" / "walk_through.md").read_text(encoding="utf-8")


def test_every_picture_is_shown_described_and_small() -> None:
    shown = re.findall(r"!\[([^\]]+)\]\(pictures/([^)]+)\)", PAGE)
    assert [name for _, name in shown] == list(pictures.PICTURES)
    assert sorted(path.name for path in pictures.FOLDER.iterdir()) == sorted(pictures.PICTURES)
    assert all(len(text) > 30 for text, _ in shown)
    assert sum(path.stat().st_size for path in pictures.FOLDER.iterdir()) < 500_000


def test_what_the_walk_through_quotes_stands_on_the_page() -> None:
    text = pictures.PAGE.read_text(encoding="utf-8")
    (finding,) = (part for part in re.split("(?=<article )", text) if f">{escape(pictures.FINDING)}<" in part)
    for quoted in (
        "config/litellm.yaml:8:5",
        "62.9 kB out to api.openai.com",
        "docs/architecture.md, clause 1 to 4",
        "OpenAI API",
    ):
        assert quoted in finding, quoted
        assert quoted.split(", ")[0].removesuffix(" API").rpartition(" ")[2] in PAGE


@pytest.mark.browser
def test_the_script_still_takes_them(tmp_path: Path) -> None:
    """Fonts differ between machines, so that only what is shown is compared: the size of each picture, about."""
    if not pictures.CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    pictures.take(tmp_path)
    for name in pictures.PICTURES:
        taken, kept = ((folder / name).read_bytes() for folder in (tmp_path, pictures.FOLDER))
        assert taken[16:20] == kept[16:20]  # the width in the header of a PNG
        assert abs(int.from_bytes(taken[20:24], "big") - int.from_bytes(kept[20:24], "big")) < 200
