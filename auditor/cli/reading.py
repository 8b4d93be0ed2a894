"""Reading a saved assessment for the commands that take one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import Diagnostic, UnreadableError

if TYPE_CHECKING:
    from auditor.facts.assessment import Assessment


def read_assessment(path: Path) -> Assessment:
    """Return the assessment in ``path``.

    Raises:
        UnreadableError: the file cannot be read.
        InvalidInputError: it holds no assessment.
    """
    from auditor.report.assessment_json import load_assessment

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(
            Diagnostic(
                what="cannot read the assessment",
                why=error.strerror or type(error).__name__,
                path=str(path),
                next_step="make one with auditor check DEPLOYMENT --output json:assessment.json",
            )
        ) from error
    return load_assessment(data, str(path))
