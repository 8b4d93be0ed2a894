"""Evidence: one located fact. Secrets never enter it; excerpts are redacted where the file is read."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.vocabulary import Basis, ConfigState, Grade, NameRung, Relation


@dataclass(frozen=True, slots=True, order=True)
class FileLocation:
    """A place in a text file that was read."""

    path: str
    """Path relative to the manifest's folder (or to the working folder), with forward slashes."""
    sha256: str
    line: int
    """One-based."""
    column: int
    """One-based, in characters."""
    excerpt: str = ""
    """The line, secrets redacted, at most 200 characters."""


@dataclass(frozen=True, slots=True, order=True)
class FrameLocation:
    """Frames of a capture file."""

    capture: str
    sha256: str
    frames: tuple[int, ...]
    """One-based frame numbers, as Wireshark counts them; the first five of the channel."""
    first_time: str
    """RFC 3339 in UTC with nanoseconds, as recorded; never rewritten."""
    last_time: str
    payload_out: int
    """Payload bytes from source to destination."""
    payload_in: int
    name: str = ""
    rung: NameRung = NameRung.NONE


@dataclass(frozen=True, slots=True)
class LineLocation:
    """Lines of a flow log, proxy log or audit log; a count that the log does not tell is ``None``."""

    source: str
    """Id of the log in coverage."""
    log: str
    """The file, as the manifest names it."""
    sha256: str
    lines: tuple[int, ...]
    """One-based line numbers of the unpacked file (rows of a Parquet file); the first five of the channel."""
    format: str
    """Name of the format: ``zeek``, ``aws-vpc``, …"""
    first_time: str
    """RFC 3339 in UTC with nanoseconds, as logged; never rewritten."""
    last_time: str
    payload_out: int | None
    """Payload bytes from source to destination."""
    payload_in: int | None
    wire_out: int | None
    """Bytes with IP headers, which is all that many flow logs count."""
    wire_in: int | None
    name: str = ""
    rung: NameRung = NameRung.NONE


@dataclass(frozen=True, slots=True, order=True)
class StatementLocation:
    """A statement in a document: a contract, an architecture page, an export, an attestation."""

    document: str
    sha256: str
    """Empty when the document itself was not supplied."""
    place: str
    """Page, clause or line: ``page 7``."""
    issuer: str
    date: str
    """ISO 8601 date, empty when undated."""
    statement: str


@dataclass(frozen=True, slots=True, order=True)
class CatalogLocation:
    """A fact of the catalog, with where the catalog has it from."""

    file: str
    """``catalog/products/coder.yaml``: relative to the package."""
    fact: str
    """Key of the fact in that file: ``flows.telemetry``."""
    source: str
    publisher: str
    relation: Relation
    date: str
    grade: Grade


Location = FileLocation | FrameLocation | LineLocation | StatementLocation | CatalogLocation


@dataclass(frozen=True, slots=True)
class Evidence:
    """One located fact and what it says."""

    basis: Basis
    location: Location
    text: str
    """What the fact says, one plain sentence or clause."""
    state: ConfigState | None = None
    """For configured facts: which state of the configuration the file shows."""
    collected: str = ""
    """ISO 8601 date on which an exported state was collected, empty when not given."""
    origin: str = ""
    """Where an export came from, for example ``GET /api/v2/ai/providers``."""


def file_place(evidence: Evidence) -> str:
    """Return ``path:line`` of evidence in a file, empty for any other."""
    at = evidence.location
    return f"{at.path}:{at.line}" if isinstance(at, FileLocation) and at.path else ""
