"""The errors that a user can cause or mend, each with what, why and what next.

::

    AuditorError            exit 2 unless a subclass says otherwise
    ├── UsageError          exit 2   the command line or a combination of options
    ├── InvalidInputError   exit 2   a malformed manifest, profile, waiver, attestation, catalog
    ├── UnreadableError     exit 4   evidence that the user named and that cannot be read as a whole
    └── NothingToAuditError exit 4   no input, no control

The numbers are the contract of DESIGN.md section 4, "Exit codes".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One clear message: where, what, why and what next."""

    what: str
    why: str = ""
    next_step: str = ""
    path: str = ""
    """Path as the user knows it (relative to the manifest or to the working folder)."""
    line: int = 0
    """One-based line, 0 when the message is about the file as a whole."""
    column: int = 0
    """One-based column, 0 when unknown."""

    def where(self) -> str:
        """Return ``path:line:column`` as far as it is known."""
        if not self.path:
            return ""
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column}" if self.column else f"{self.path}:{self.line}"


class AuditorError(Exception):
    """Root of every error that the command line explains without a traceback."""

    exit_code = 2

    def __init__(self, *diagnostics: Diagnostic) -> None:
        """Keep what happened; at least one diagnostic is required."""
        if not diagnostics:
            raise ValueError("an error needs at least one diagnostic")
        self._diagnostics = diagnostics
        super().__init__("; ".join(f"{d.where()}: {d.what}" if d.path else d.what for d in diagnostics))

    def __reduce__(self) -> tuple[type[AuditorError], tuple[Diagnostic, ...]]:
        """Let an error pass from one process to another."""
        return type(self), self._diagnostics

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what happened, why, and what to do next, one entry for each fault."""
        return self._diagnostics


class UsageError(AuditorError):
    """The command line, or a combination of options, asks for something impossible."""


class InvalidInputError(AuditorError):
    """A manifest, profile, waiver, attestation or catalog file is malformed."""


class UnreadableError(AuditorError):
    """A file that the user named as evidence cannot be read as a whole."""

    exit_code = 4


class NothingToAuditError(AuditorError):
    """There is no input to examine or no control to judge."""

    exit_code = 4
