"""Verifying a statement offline: its content, its signature, the inputs and the record that it speaks about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor import __version__
from auditor.documents import confine, digest_file
from auditor.errors import AuditorError, Diagnostic, UnreadableError
from auditor.report.assessment_json import load_assessment
from auditor.report.envelope import PAYLOAD_TYPE, Envelope, VerifyingKey, holds, load_verifying_key
from auditor.report.statement_check import Check, Outcome, Statement, agreement, agreement_with_record, read_statement


@dataclass(frozen=True, slots=True)
class Questions:
    """What is to be verified, and against what; ``None`` is not asked."""

    statement: Path
    key: Path | None = None
    inputs: Path | None = None
    record: Path | None = None


def verify(questions: Questions) -> tuple[Check, ...]:
    """Return the answers, in the order content, signature, inputs, record.

    Raises:
        UnreadableError: a file that was named cannot be read.
        InvalidInputError: the statement, the key or the record is malformed.
    """
    shown = str(questions.statement)
    statement = read_statement(_read(questions.statement, "statement"), shown)
    checks = [agreement(statement), _signature(statement, questions.key), *_inputs(statement, questions.inputs)]
    if questions.record is not None:
        data = _read(questions.record, "assessment")
        record = load_assessment(data, str(questions.record))
        sha256 = hashlib.sha256(data).hexdigest()
        checks.append(agreement_with_record(statement, record, sha256, f"auditor {__version__}"))
    return tuple(checks)


def verified(checks: Sequence[Check]) -> int:
    """Return the exit code: 1 where a check fails, 3 where nothing was proven or a check stays open, else 0.

    What was not asked stays open and counts only where nothing else was proven: content that agrees with itself is no proof.
    """
    outcomes = {check.outcome for check in checks}
    if Outcome.FAILS in outcomes:
        return 1
    proven = any(check.outcome is Outcome.HOLDS and check.name != "content" for check in checks)
    unsettled = any(check.outcome is Outcome.OPEN and check.name == "assessment" for check in checks)
    return 0 if proven and not unsettled else 3


def _signature(statement: Statement, key: Path | None) -> Check:
    envelope = statement.envelope
    if key is None:
        if envelope is None:
            return Check("signature", Outcome.OPEN, "the statement is not signed: who made it is not known")
        return Check("signature", Outcome.OPEN, "not checked: name the signer's public key with --key")
    public = load_verifying_key(_read(key, "key"), str(key))
    why = "the statement is not signed, and a key was named" if envelope is None else _unsigned(envelope, public)
    if why:
        return Check("signature", Outcome.FAILS, why)
    return Check("signature", Outcome.HOLDS, f"signed by the key {public.identity}")


def _unsigned(envelope: Envelope, key: VerifyingKey) -> str:
    """Return why ``key`` did not sign what the envelope holds; empty when it did."""
    if envelope.payload_type != PAYLOAD_TYPE:
        return f"the envelope says it holds something else: {envelope.payload_type}"
    if not envelope.signatures:
        return "the envelope holds no signature"
    if not holds(envelope, key):
        return "no signature of this key over this content: the statement was changed, or another key signed it"
    return ""


def _inputs(statement: Statement, folder: Path | None) -> list[Check]:
    if folder is None:
        return [Check("inputs", Outcome.OPEN, "not checked: name the deployment's folder with --inputs")]
    if not folder.is_dir():
        raise UnreadableError(
            Diagnostic("cannot read the inputs", "no such folder", "name the folder that holds auditor.yaml", str(folder))
        )
    found = [_input(name, digest, folder) for name, digest in statement.inputs]
    failing = [check for check in found if check.outcome is Outcome.FAILS]
    same = len(found) - len(failing)
    if not found:
        return [Check("inputs", Outcome.OPEN, "the statement names no input")]
    text = f"{same} of {len(found)} inputs are byte for byte those that were judged"
    return [*failing, Check("inputs", Outcome.FAILS if failing else Outcome.HOLDS, text)]


def _input(name: str, digest: str, folder: Path) -> Check:
    path = folder / name
    why = "it leaves the folder" if "\0" in name else confine(path, folder)
    if why:
        return Check(f"input {name}", Outcome.FAILS, why)
    try:
        actual = digest_file(path, name, "input").sha256
    except AuditorError as error:
        fault = error.diagnostics()[0]
        return Check(f"input {name}", Outcome.FAILS, f"{fault.what}: {fault.why}" if fault.why else fault.what)
    if actual != digest:
        return Check(f"input {name}", Outcome.FAILS, f"changed: its SHA-256 is {actual}, the statement says {digest}")
    return Check(f"input {name}", Outcome.HOLDS, "unchanged")


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UnreadableError(Diagnostic(f"cannot read the {what}", why, "check the path", str(path))) from error
