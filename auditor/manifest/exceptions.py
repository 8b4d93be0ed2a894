"""Waivers and attestations: the two kinds of statement that may stand beside a verdict."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

from auditor.documents import load_strict
from auditor.documents.tree import Node
from auditor.facts.manifest import LONGEST_EXCEPTION_DAYS, Attestation, Waiver
from auditor.manifest.reading import Reading, text


def load_waivers(path: Path, shown: str) -> tuple[Waiver, ...]:
    """Return the waivers of a file, in its order; whether they are in force is judged later, by one clock.

    Raises:
        InvalidInputError: malformed, against the schema, a wildcard or foreign target, an id given twice, a
            bad date, or in force for more than ``LONGEST_EXCEPTION_DAYS`` days.
    """
    reading, entries = _entries(path, shown, "waivers")
    waivers = tuple(_waiver(reading, node) for node in entries)
    reading.finish()
    return waivers


def load_attestations(path: Path, shown: str) -> tuple[Attestation, ...]:
    """Return the attestations of a file, in its order.

    Raises:
        InvalidInputError: malformed, against the schema, an id given twice, a bad date, or in force for more than
            ``LONGEST_EXCEPTION_DAYS`` days.
    """
    reading, entries = _entries(path, shown, "attestations")
    attestations = tuple(_attestation(reading, node) for node in entries)
    reading.finish()
    return attestations


def _entries(path: Path, shown: str, name: str) -> tuple[Reading, tuple[Node, ...]]:
    schema = resources.files("auditor.documents") / "schemas" / f"{name}-v1.json"
    reading = Reading(load_strict(path, shown, schema))
    listed = reading.document.root.get(name)
    entries = listed.items if listed is not None else ()
    first: dict[str, Node] = {}
    for node in entries:
        key = node.get("id") or node
        before = first.setdefault(key.text, key)
        if before is not key:
            place = f"first at {before.line}:{before.column}"
            reading.fault(key, f'id "{key.text}" is given twice', place, "give each entry its own id")
    return reading, entries


def _waiver(reading: Reading, node: Node) -> Waiver:
    control, target = node.get("control") or node, node.get("target") or node
    if not target.text.startswith(f"{control.text}@") or target.text == f"{control.text}@":
        reading.fault(
            target,
            f'target "{target.text}" is no finding of control "{control.text}"',
            "a waiver is for one control and one exact finding",
            f"copy the finding's id from the report: {control.text}@source>destination#class",
        )
    _check_period(reading, node, "created")
    reason = text(node, "reason")
    return Waiver(
        id=text(node, "id"),
        control=control.text,
        target=target.text,
        reason=reason,
        approver=text(node, "approver"),
        ticket=text(node, "ticket"),
        created=text(node, "created"),
        expires=text(node, "expires"),
        evidence=reading.evidence(node, f"waived until {text(node, 'expires')}: {reason}"),
        digest=text(node, "digest"),
    )


def _attestation(reading: Reading, node: Node) -> Attestation:
    _check_period(reading, node, "date")
    statement = text(node, "statement")
    return Attestation(
        id=text(node, "id"),
        control=text(node, "control"),
        subject=text(node, "subject"),
        statement=statement,
        by=text(node, "by"),
        date=text(node, "date"),
        expires=text(node, "expires"),
        evidence=reading.evidence(node, f"{text(node, 'by')} attests: {statement}"),
    )


def _check_period(reading: Reading, node: Node, start: str) -> None:
    """Check both dates and their order; a period longer than ``LONGEST_EXCEPTION_DAYS`` is refused."""
    before = len(reading.faults)
    begins, ends = reading.date(node.get(start)), reading.date(node.get("expires"))
    if len(reading.faults) != before:
        return
    days = (dt.date.fromisoformat(ends) - dt.date.fromisoformat(begins)).days
    where = node.get("expires") or node
    if days <= 0:
        reading.fault(where, f"expires {ends}, which is not after {begins}", next_step="give a later date")
    elif days > LONGEST_EXCEPTION_DAYS:
        limit = f"at most {LONGEST_EXCEPTION_DAYS} days are allowed"
        reading.fault(where, f"expires after {days} days", limit, "give an earlier date and renew it")
