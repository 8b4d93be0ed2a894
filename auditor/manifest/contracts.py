"""``contracts:``: what an officer's register holds of the contracts behind the flows. Shown and exported, never judged."""

from __future__ import annotations

import re

from auditor.documents.tree import Node
from auditor.facts.contracts import Contract
from auditor.facts.countries import ISO_3166_ALPHA2
from auditor.manifest.reading import Reading, text, texts

_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
"""ISO 17442: 18 letters and digits, two check digits."""
_REMAINDER = 97, 1
"""ISO/IEC 7064 MOD 97-10: with letters as 10 to 35, the number leaves 1."""


def read_contracts(reading: Reading) -> tuple[Contract, ...]:
    """Return the contracts in the order of the file; the key of each is its reference."""
    node = reading.document.root.get("contracts")
    return tuple(_contract(reading, key, value) for key, value in (node.entries if node is not None else ()))


def _contract(reading: Reading, key: Node, value: Node) -> Contract:
    start, end = (reading.date(value.get(name)) for name in ("start", "end"))
    if start and end and end < start:
        reading.fault(
            value.get("end") or value, f"contract {key.text} ends before it starts", f"it starts on {start}", "correct one"
        )
    _check_code(reading, value)
    _check_lei(reading, value.get("entity_lei"))
    for name in ("governing_law", "provision"):
        _check_country(reading, value.get(name))
    return Contract(
        reference=key.text,
        provider=text(value, "provider"),
        provider_code=text(value, "provider_code"),
        code_type=text(value, "code_type"),
        entity_lei=text(value, "entity_lei"),
        function=text(value, "function"),
        service=text(value, "service"),
        start=start,
        end=end,
        ended_because=text(value, "ended_because"),
        notice_entity=text(value, "notice_entity"),
        notice_provider=text(value, "notice_provider"),
        governing_law=text(value, "governing_law"),
        provision=text(value, "provision"),
        sensitiveness=text(value, "sensitiveness"),
        reliance=text(value, "reliance"),
        sub_processors=texts(value, "sub_processors"),
        location=reading.locate(key),
    )


def _check_code(reading: Reading, value: Node) -> None:
    code, kind = value.get("provider_code"), value.get("code_type")
    if (code is None) is not (kind is None):
        given = code or kind or value
        reading.fault(given, "provider_code and code_type belong together", "a code without its kind names nobody", "give both")
    elif kind is not None and kind.text == "LEI":
        _check_lei(reading, code)


def _check_lei(reading: Reading, node: Node | None) -> None:
    if node is None:
        return
    divisor, rest = _REMAINDER
    valid = _LEI.fullmatch(node.text) is not None and int("".join(str(int(c, 36)) for c in node.text)) % divisor == rest
    if not valid:
        why = "20 letters and digits in capitals, of which the last two check the rest (ISO 17442)"
        reading.fault(node, f'"{node.text}" is not a legal entity identifier', why, "copy it from the GLEIF's register")


def _check_country(reading: Reading, node: Node | None) -> None:
    if node is not None and node.text not in ISO_3166_ALPHA2:
        reading.fault(
            node,
            f'"{node.text}" is not an ISO 3166-1 alpha-2 country code',
            "the code is not assigned to a country",
            "use the two-letter code of the country",
        )
