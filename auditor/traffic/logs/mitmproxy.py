"""mitmproxy's flow files (``mitmdump -w``): every request with its client, its server and its path. Its HAR export is ``har``.

Source: mitmproxy's flow format, versions 11 to 21 (read 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.fields import address, host_name
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.proxied import Request, flow_of
from auditor.traffic.logs.record import Action, LogRecord, Place
from auditor.traffic.logs.shapes import MITMPROXY, note_unknown
from auditor.traffic.logs.tnetstring import DamagedError, values
from auditor.traffic.logs.values import Values

_BEGINS = re.compile(rb"\d{1,9}:")
_READ = frozenset({"http", "tcp"})


def _recognise(head: Head) -> bool:
    return bool(_BEGINS.match(head.data)) and b":client_conn" in head.data


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        number = 0
        with file.content() as stream:
            try:
                for number, (value, raw) in enumerate(values(stream), 1):
                    task.coverage.lines += 1
                    if file.repeats.again(raw):
                        task.coverage.passed_over["repeated_record"] += 1
                    else:
                        yield from _flow(Place(file.id, number), value, task)
            except DamagedError as error:
                task.coverage.truncated = True
                task.coverage.skip("cut_line" if str(error) == "cut" else "no_flow")


def _flow(place: Place, value: object, task: Task) -> Iterator[LogRecord]:
    if not isinstance(value, dict):
        task.coverage.skip("no_flow")
        return
    note_unknown(value, MITMPROXY, task.coverage)
    record = Values(_texts(value), task.coverage)
    kind = record.text("type")
    task.coverage.records += 1
    task.coverage.word(task.coverage.versions, record.text("version") or "unsaid")
    if kind not in _READ:
        task.coverage.word(task.coverage.passed_over, f"type:{kind or 'untyped'}")
        return
    flow = flow_of(_request(place, record, value) if kind == "http" else _stream(place, record, value), task.coverage)
    if flow is not None:
        yield flow


def _texts(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flow with texts for the bytes that are short; contents are only measured."""
    return {key: _text(inner) for key, inner in value.items()}


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value[:8192].decode("utf-8", "backslashreplace")
    if isinstance(value, dict):
        return {key: _text(inner) for key, inner in value.items() if key != "content"}
    return [_text(inner) for inner in value] if isinstance(value, list) else value


def _ends(values: Values) -> tuple[tuple[str, int | None], tuple[str, int | None]]:
    """Return the addresses of the client and of whom mitmproxy contacted for it."""
    client, server = values.inner("client_conn"), values.inner("server_conn")
    return _end(client.record.get("peername")), _end(server.record.get("peername"))


def _end(value: object) -> tuple[str, int | None]:
    if isinstance(value, list) and len(value) > 1 and isinstance(value[0], str) and isinstance(value[1], int):
        return address(value[0]), value[1]
    return "", None


def _request(place: Place, values: Values, raw: Mapping[str, Any]) -> Request:
    request, response = values.inner("request"), values.inner("response")
    start, end = request.seconds("timestamp_start"), response.seconds("timestamp_end")
    values.coverage.saw(start)
    values.coverage.reaches(end)
    client, server = _ends(values)
    failed = not response.record and not server[0]
    host, port = request.text("host"), request.count("port")
    return Request(
        place=place,
        start=start,
        end=end if end is not None else start,
        client=client,
        method=request.text("method"),
        target=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        path=request.text("path").partition("?")[0],
        upstream=server,
        action=Action.FAILED if failed else Action.PASSED,
        word=response.text("status_code") or values.inner("error").text("msg"),
        reason="failed" if failed else "",
        sent=_size(raw.get("request")),
        received=_size(raw.get("response")),
        rung=NameRung.HTTP_HOST,
    )


def _stream(place: Place, values: Values, raw: Mapping[str, Any]) -> Request:
    """Return a connection that is no HTTP: bytes each way are those of its messages."""
    server = values.inner("server_conn")
    start, end = server.seconds("timestamp_start"), server.seconds("timestamp_end")
    values.coverage.saw(start)
    values.coverage.reaches(end)
    client, contacted = _ends(values)
    name = host_name(server.text("sni"))
    dialled = server.record.get("address")
    host, port = (str(dialled[0]), dialled[1]) if isinstance(dialled, list) and len(dialled) > 1 else ("", None)
    host = name or host
    messages = raw.get("messages")
    sizes = {True: 0, False: 0}
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, list) and len(message) > 1 and isinstance(message[1], bytes):
            sizes[message[0] is True] += len(message[1])
    return Request(
        place=place,
        start=start,
        end=end if end is not None else start,
        client=client,
        method="",
        target=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        upstream=contacted,
        sent=sizes[True],
        received=sizes[False],
        protocol="tls" if name else "",
        rung=NameRung.SNI if name else NameRung.PROXY_AUTHORITY,
    )


def _size(part: object) -> int | None:
    content = part.get("content") if isinstance(part, dict) else None
    return len(content) if isinstance(content, bytes) else None


FORMAT = LogFormat("mitmproxy", "mitmproxy flow file", _recognise, _read, (Blind.NOT_PROXIED,), requests=True)
