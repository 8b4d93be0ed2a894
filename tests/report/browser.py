"""A real Chromium for the tests of pages: what a page logs and asks for is kept; nothing outside is reached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "third_party" / "axe-core" / "axe.min.js"
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that is open, with what it said and asked for so far."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(text: str, folder: Path, width: int = 1280, height: int = 900, script: bool = True) -> Iterator[Opened]:
    """Write ``text`` to a file below ``folder`` and open it; skip where Chromium is not installed."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=script)
        page = context.new_page()
        kept = Opened(page)
        page.on("console", lambda message: kept.messages.append(message.text))
        page.on("pageerror", lambda error: kept.messages.append(str(error)))
        page.on("request", lambda request: kept.requests.append(request.url))
        page.goto(path.as_uri())
        yield kept
        browser.close()


def violations(page: Any) -> list[str]:
    """Return what axe-core holds against the page (WCAG 2.0 to 2.2 A and AA, best practice), one line a rule."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    found = page.evaluate(f"async () => (await axe.run(document, {{runOnly: {tags}, resultTypes: ['violations']}})).violations")
    return [f"{rule['id']}: {rule['help']}: {[node['html'][:120] for node in rule['nodes'][:3]]}" for rule in found]


def overflowing(page: Any) -> list[str]:
    """Return elements that reach beyond the right edge outside of regions that scroll."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
           && !e.closest('.scroll, pre, .skip')).map(e => e.outerHTML.slice(0, 120))"""
    )
    return found
