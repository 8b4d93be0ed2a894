"""What a profile's own examples show: for each deployment in miniature, what a control says and what was expected."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.facts.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What one control says to one deployment in miniature."""

    control: str
    title: str
    """What the deployment is, in one line."""
    expected: Verdict
    found: Verdict
    reason: str
    location: FileLocation
    """Where the example stands."""

    @property
    def holds(self) -> bool:
        """Whether the control says what the example expects."""
        return self.found is self.expected


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """A profile with the results of its own and its inherited controls' examples."""

    profile: str
    files: tuple[str, ...]
    """The example files read, nearest first."""
    results: tuple[ExampleResult, ...]
    lacking: tuple[tuple[str, Verdict], ...]
    """(control id, verdict) of which no example expects it."""
