"""Texts, tokens, references and identifiers as OSCAL wants them (NIST OSCAL 1.1.3, data types)."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

from auditor.report.escape import clean, commonmark_text

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://auditor.example/ns/oscal")
"""All identifiers are version 5 under this one: same input, same identifiers."""
NAMES = "https://auditor.example/ns/oscal"
"""Namespace of our properties: a name and no address (RFC 2606)."""
NOTHING_SAID = "–"
_LEADING = re.compile(r"[^\W\d]", re.UNICODE)
_INNER = re.compile(r"[^\w.-]", re.UNICODE)

Json = dict[str, Any]


def identifier(*parts: str) -> str:
    """Return the identifier of whatever ``parts`` name, always the same."""
    return str(uuid.uuid5(NAMESPACE, "\x00".join(part.encode("utf-8", "backslashreplace").decode() for part in parts)))


def markup(text: str) -> str:
    """Return ``text`` for a field that holds Markdown: one line, nothing in it is markup."""
    return commonmark_text(clean(text)).strip() or NOTHING_SAID


def plain(text: str) -> str:
    """Return ``text`` for a string field: not empty, no blank at its ends."""
    return clean(text).strip() or NOTHING_SAID


def token(text: str) -> str:
    """Return ``text`` as a token: itself where it is one, else its letters with a mark that keeps it apart from others."""
    safe = _INNER.sub("_", text)
    safe = safe if _LEADING.match(safe) else f"_{safe}"
    return text if safe == text else f"{safe[:60]}-{identifier('token', text)[:8]}"


def moment(text: str, otherwise: str) -> str:
    """Return a time in UTC to the second; ``otherwise`` where ``text`` is no time."""
    try:
        found = dt.datetime.fromisoformat(re.sub(r"\.\d+", "", text))
    except ValueError:
        return otherwise
    found = found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def prop(name: str, value: str, **more: str) -> Json:
    """Return a property of ours."""
    return {"name": name, "ns": NAMES, "value": plain(value), **more}


def filled(record: Json) -> Json:
    """Return ``record`` without empty lists, which the schema refuses."""
    return {key: value for key, value in record.items() if value not in ([], {}, None)}
