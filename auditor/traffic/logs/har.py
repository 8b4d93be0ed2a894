"""HTTP archives (HAR 1.1 and 1.2), as browsers and mitmproxy export them: URL paths tell apart flows that share a host.

Source: HTTP Archive 1.2 (W3C Web Performance working group's draft), mitmproxy's ``save.har`` (read 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.access_lines import end_of, split_url
from auditor.traffic.logs.fields import address
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.json_records import elements
from auditor.traffic.logs.proxied import Request, flow_of
from auditor.traffic.logs.record import Action, LogRecord, Place
from auditor.traffic.logs.shapes import HAR, note_unknown
from auditor.traffic.logs.values import Values

_BEGINS = re.compile(r'\s*\{\s*"log"\s*:\s*\{')
_VERSION = re.compile(r'"version"\s*:\s*"([^"]{1,20})"')
"""The first one in an archive is its own, unless its creator's stands in front of it."""
_MILLISECOND = 1_000_000


def _recognise(head: Head) -> bool:
    return bool(_BEGINS.match(head.text)) and ('"entries"' in head.text or '"creator"' in head.text)


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        said = _VERSION.search(file.head().text)
        task.coverage.word(task.coverage.versions, said[1] if said else "unsaid")
        for line, record in elements(file, "log", "entries"):
            note_unknown(record, HAR, task.coverage)
            values = Values(record, task.coverage)
            task.coverage.records += 1
            flow = flow_of(_request(Place(file.id, line), values), task.coverage)
            if flow is not None:
                yield flow


def _request(place: Place, values: Values) -> Request:
    start, duration = values.iso("startedDateTime"), values.seconds("time") if _positive(values.record.get("time")) else None
    values.coverage.saw(start)
    request, response = values.inner("request"), values.inner("response")
    target, path = split_url(request.text("url"))
    status = response.count("status") if _positive(response.record.get("status")) else None
    failed = not status  # a browser writes 0 for a request that got no answer: blocked, cancelled or no connection
    contacted = address(values.text("serverIPAddress"))
    return Request(
        place=place,
        start=start,
        end=None if start is None else start + (duration or 0) // 1000,
        client=("", None),
        method=request.text("method"),
        target=target,
        path=path,
        upstream=(contacted, None) if contacted else end_of(values.text("serverIPAddress")),
        action=Action.FAILED if failed and not contacted else Action.PASSED,
        word=str(status or 0),
        reason="failed" if failed and not contacted else "",
        sent=_size(request.record),
        received=_size(response.record) if not failed else None,
        protocol=None,
        rung=NameRung.HTTP_HOST,
        evidence=(("http_version", request.text("httpVersion")),) if request.text("httpVersion") else (),
    )


def _positive(value: object) -> bool:
    return value is not None and not str(value).startswith("-")


def _size(part: Any) -> int | None:
    """Return bytes of header and body; -1 stands for unknown."""
    sizes = [part.get("headersSize"), part.get("bodySize")]
    known = [size for size in sizes if isinstance(size, int) and not isinstance(size, bool) and size >= 0]
    return sum(known) if known else None


FORMAT = LogFormat("har", "HTTP archive (HAR)", _recognise, _read, (Blind.CLIENTS, Blind.NOT_RECORDED), requests=True)
