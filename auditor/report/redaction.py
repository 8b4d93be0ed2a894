"""An assessment for somebody else's eyes: names of the customer become pseudonyms, their own words are withheld.

A pseudonym is the kind of name and eight digits of HMAC-SHA-256 under a key: the same name has the same pseudonym in every
assessment under the same key, and nobody without it can try names out. What the catalog knows stays: products, settings,
operators outside and their hosts. Numbers, times, verdicts and digests stay too, so that a vendor can answer to a finding.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, assert_never

from auditor.facts.assessment import (
    Assessment,
    ClaimRecord,
    ControlRecord,
    EvidenceRecord,
    ExceptionRecord,
    ProfileRecord,
    SettingRecord,
    SettingSourceRecord,
)
from auditor.report.assessment_json import CLOSED

WITHHELD = "withheld"
_SHIPPED = "shipped"
"""How the origin of a profile begins that is no file of the customer."""
_CUSTOMER = frozenset({"customer", ""})
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?:/\d{1,3})?(?![\w:])")
_HOST = re.compile(r"(?<![\w@-])(?:\*\.)?(?:[\w-]+\.)+[A-Za-z][A-Za-z-]*[A-Za-z](?![\w-])")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FILES = frozenset({
    *("yaml", "yml", "json", "jsonc", "toml", "tf", "hcl", "env", "md", "pdf", "txt", "xml", "html", "csv", "ini", "conf", "cfg"),
    *("pcap", "pcapng", "cap", "gz", "xz", "zst", "lz4", "sh", "py", "service", "plist", "docx", "xlsx", "log", "lock"),
})  # fmt: skip
"""What looks like the end of a host's name and is that of a file."""
_PLAIN_VALUE = re.compile(r"(?:true|false|on|off|yes|no|[\d.]+|secret-\d+)?", re.IGNORECASE)
_SKIPPED = frozenset({
    *("schema", "tool", "as_of", "sha256", "digest", "catalog_sha256", "first_time", "last_time", "created", "expires"),
    *("date", "collected", "transport", "maps", "grade", "relation", "publisher"),
})  # fmt: skip
"""Fields that hold no name, beside those of a closed vocabulary."""


def redacted(assessment: Assessment, key: bytes) -> Assessment:
    """Return ``assessment`` with pseudonyms under ``key`` for the customer's names; ids stay distinct and keep their links."""
    return _Redactor(assessment, key).whole(assessment)


class _Redactor:
    """Knows the names of one assessment and what each becomes."""

    def __init__(self, assessment: Assessment, key: bytes) -> None:
        self._key = key
        self._kept = _known_hosts(assessment)
        self._own_controls = {c for p in assessment.profiles if _is_own(p) for c in p.controls}
        self._own_controls -= {c for p in assessment.profiles if not _is_own(p) for c in p.controls}
        names = {name: self._of(kind, name) for kind, name in _names(assessment) if name}
        ordered = sorted(names, key=lambda name: (-len(name), name))
        alternatives = "|".join(map(re.escape, ordered)) or r"(?!)"
        self._names, self._known = names, re.compile(rf"(?<![\w.-])(?:{alternatives})(?![\w-])")

    def whole(self, assessment: Assessment) -> Assessment:
        """Return the whole record, rewritten."""
        changed = self._value(assessment)
        if not isinstance(changed, Assessment):
            raise TypeError
        return changed

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, tuple):
            return tuple(self._value(item) for item in value)
        return self._record(self._without_words(value)) if dataclasses.is_dataclass(value) else value

    def _without_words(self, record: Any) -> Any:
        """Return a record without what the customer wrote into it."""
        match record:
            case EvidenceRecord():
                return self._evidence(record)
            case ExceptionRecord():
                return dataclasses.replace(record, reason=WITHHELD, note="")
            case ClaimRecord() | ProfileRecord() | ControlRecord():
                return self._judgement(record)
            case SettingRecord() | SettingSourceRecord():
                return record if _PLAIN_VALUE.fullmatch(record.value) else dataclasses.replace(record, value=WITHHELD)
            case _:
                return record

    def _judgement(self, record: ClaimRecord | ProfileRecord | ControlRecord) -> Any:
        """Return what was judged without the customer's label, reasons, and words of profiles of their own."""
        match record:
            case ClaimRecord():
                sentence = record.sentence.replace(f'"{record.label}"', f'"{WITHHELD}"')
                return dataclasses.replace(record, label=WITHHELD, sentence=sentence)
            case ProfileRecord():
                return dataclasses.replace(record, parameters=_unreasoned(record.parameters), relaxed=_unreasoned(record.relaxed))
            case ControlRecord():
                own = record.id in self._own_controls
                return dataclasses.replace(record, title=WITHHELD, rationale="", remediation="") if own else record
            case _:
                assert_never(record)

    def _record(self, record: Any) -> Any:
        kind = type(record).__name__
        names = (f.name for f in dataclasses.fields(record) if f.name not in _SKIPPED and (kind, f.name) not in CLOSED)
        fields = {name: getattr(record, name) for name in names}
        return dataclasses.replace(record, **{name: self._value(value) for name, value in fields.items()})

    def _evidence(self, record: EvidenceRecord) -> EvidenceRecord:
        """Return evidence without what its file says: where it stands is told, its words are the customer's."""
        if record.kind == "catalog":
            return record
        own = record.kind == "statement"
        text = f"a statement of {self._of('issuer', record.issuer)}" if own else record.text
        return dataclasses.replace(
            record,
            excerpt="",
            text=text,
            issuer=self._of("issuer", record.issuer) if record.issuer else "",
            statement=WITHHELD if own else "",
            origin=WITHHELD if record.origin else "",
        )

    def _text(self, text: str) -> str:
        text = self._known.sub(lambda match: self._names[match[0]], text)
        text = _MAIL.sub(lambda match: self._of("person", match[0]), text)
        text = _ADDRESS.sub(self._address, text)
        return _HOST.sub(self._host, text)

    def _address(self, match: re.Match[str]) -> str:
        try:
            ipaddress.ip_interface(match[0])
        except ValueError:
            return match[0]
        return self._of("addr", match[0])

    def _host(self, match: re.Match[str]) -> str:
        name = match[0].lower()
        known = name in self._kept or any(name.endswith(f".{host}") for host in self._kept)
        return match[0] if known or name.rpartition(".")[2] in _FILES else self._of("host", name)

    def _of(self, kind: str, name: str) -> str:
        message = f"{kind}\x00{name}".encode("utf-8", "backslashreplace")
        return f"{kind}-{hmac.new(self._key, message, hashlib.sha256).hexdigest()[:8]}"


def _is_own(profile: ProfileRecord) -> bool:
    return not profile.origin.startswith(_SHIPPED)


def _unreasoned(rows: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, str, str], ...]:
    return tuple((name, what, WITHHELD if reason else "") for name, what, reason in rows)


def _known_hosts(assessment: Assessment) -> frozenset[str]:
    """Return the hosts of operators that the catalog names: the vendor knows them anyway."""
    foreign = {c.id for c in assessment.components if c.place.operator not in _CUSTOMER and c.place.inside == "no"}
    return frozenset(name.lower() for channel in assessment.channels if channel.destination in foreign for name in channel.names)


def _names(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of what the customer named."""
    yield "deployment", assessment.deployment
    yield "owner", assessment.owner
    yield from _names_of_judges(assessment)
    yield from (("zone", zone.id) for zone in assessment.zones)
    for component in assessment.components:
        if component.place.operator in _CUSTOMER:
            if component.system and component.system != component.product:
                yield "system", component.system
            if not component.product and component.place.inside == "yes":
                yield "component", component.title
    for workload in assessment.workloads:
        yield from (("workload", name) for name in (workload.id, workload.title) if "/" not in name)
    yield from (("store", store.title) for store in assessment.stores if not store.component)
    for record in assessment.exceptions:
        yield from (("person", record.by), ("ticket", record.ticket), ("exception", record.id))
    shown = (
        {i.path for i in assessment.inputs} | {n.path for n in assessment.not_examined} | {x.path for x in assessment.exceptions}
    )
    shown |= {e.path for e in assessment.evidence if e.kind != "catalog"} | {c.id for c in assessment.coverage}
    yield from (("file", path) for path in sorted(shown) if PurePosixPath(path).name != "auditor.yaml")
    if assessment.baseline:
        yield "file", assessment.baseline.path
        yield from (("owner", entry.owner) for entry in (*assessment.baseline.known, *assessment.baseline.lapsed))
    yield from (("vantage", coverage.vantage) for coverage in assessment.coverage)


def _names_of_judges(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of contracts, of the customer's own profiles, and of the base of a change."""
    for contract in assessment.contracts:
        yield from (("contract", contract.reference), ("entity", contract.entity_lei), ("function", contract.function))
    for profile in filter(_is_own, assessment.profiles):
        yield from (("profile", profile.id), ("profile", profile.title), ("file", profile.origin.partition(",")[0]))
    if assessment.base:
        yield "revision", assessment.base.revision
