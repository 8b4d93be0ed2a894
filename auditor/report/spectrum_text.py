"""The spectrum in words: the ladder from its strictest rung down, what holds, what stops the next, what stands beside."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.spectrum import ObstacleRecord, Spectrum, StandingRecord
from auditor.report import words
from auditor.report.escape import clean


def render_spectrum(spectrum: Spectrum) -> str:
    """Return the spectrum as plain text, one statement a line, every text cleaned."""
    return "".join(f"{clean(line)}\n" for line in _lines(spectrum))


def _lines(spectrum: Spectrum) -> Iterator[str]:
    yield f"{spectrum.deployment}: as of {spectrum.as_of[:10]} ({words.word(words.STAGES, spectrum.stage)})"
    if spectrum.assumed:
        yield "No manifest was given: what is assumed proves nothing."
    yield ""
    yield "The ladder, strictest first"
    width = max(len(s.profile) for s in (*spectrum.rungs, *spectrum.beside))
    yield from (_standing(rung, width) for rung in reversed(spectrum.rungs))
    yield ""
    yield from _verdict(spectrum)
    yield ""
    yield "Beside the ladder"
    for standing in spectrum.beside:
        yield _standing(standing, width)
        if standing.obstacle is not None:
            yield from (f"    {line}" for line in _obstacle(standing.obstacle))


def _verdict(spectrum: Spectrum) -> Iterator[str]:
    titles = {rung.profile: rung for rung in spectrum.rungs}
    if spectrum.strictest:
        held = titles[spectrum.strictest]
        yield f"The strictest rung that holds is {held.profile}: {held.sentence}"
    else:
        yield "No rung holds, not even the loosest."
    if not spectrum.next:
        return
    stopped = titles[spectrum.next]
    yield f"The next, {stopped.profile}, is stopped:"
    if stopped.obstacle is not None:
        yield from (f"  {line}" for line in _obstacle(stopped.obstacle))


def _standing(standing: StandingRecord, width: int) -> str:
    verdict = words.word(words.VERDICT_WORDS, standing.verdict)
    counts = ", ".join(f"{number} {words.word(words.VERDICT_WORDS, name)}" for name, number in standing.counts if number)
    return f"  {words.VERDICT_GLYPHS.get(standing.verdict, '–')} {standing.profile:{width}}  {verdict:8} {counts}"


def _obstacle(obstacle: ObstacleRecord) -> Iterator[str]:
    yield f"{obstacle.control} ({obstacle.severity}): {obstacle.sentence}"
    yield f"{words.VERDICT_GLYPHS.get(obstacle.verdict, '–')} {obstacle.because}"
    yield from (f"  to settle it: {step}" for step in obstacle.settled_by)
    if obstacle.finding:
        yield f"  to mend it: {obstacle.remediation}"
