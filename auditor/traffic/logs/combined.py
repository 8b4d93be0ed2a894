"""Access logs of web servers in common or combined form: nginx, Apache.

Such a line does not say which host it was asked for, except where the server is a forward proxy and the request names it.
Source: nginx, "ngx_http_log_module"; Apache HTTP Server, "Log Files" (read 2026-11), and runs of nginx 1.22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.facts.blindness import Blind
from auditor.traffic.logs.access_lines import common_time, split_url, tokens
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import ABSENT, address, whole
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED
from auditor.traffic.logs.proxied import Request, flow_of
from auditor.traffic.logs.record import NOBODY, Action, LogRecord, Place, Workload

_LINE = re.compile(r'\S+ \S+ \S+ \[[^\]]+\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?\Z')
_REFUSED = frozenset({"401", "403", "407"})
_FIRST_ERROR = 500


def _recognise(head: Head) -> bool:
    return bool(head.lines and _LINE.match(head.lines[0]))


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        number, failed = 0, 0
        for number, text in file.lines(longest=LONGEST_MATCHED):
            if _LINE.match(text):
                yield from _line(Place(file.id, number), tokens(text), task.coverage)
            else:
                failed = number
                task.coverage.skip("no_access_line")
        if failed and failed == number:
            file.ends_cut("no_access_line")


def _line(place: Place, fields: list[str], coverage: LogCoverage) -> Iterator[LogRecord]:
    client, _, user, time, request, status, size = fields[:7]
    method, _, rest = request.partition(" ")
    url = rest.rpartition(" ")[0] or rest
    end = common_time(time)
    coverage.records += 1
    coverage.saw(end)
    if method != "CONNECT" and "://" not in url:
        coverage.passed_over["host_not_told"] += 1
        return
    target, path = split_url(url)
    reason = "denied" if status in _REFUSED else "failed" if int(status) >= _FIRST_ERROR else ""
    known = address(client)
    user = "" if user in ABSENT else user
    action = {"denied": Action.DENIED, "failed": Action.FAILED}.get(reason, Action.PASSED)
    flow = flow_of(
        Request(
            place, end, end, (known, None), method, target, path, action=action, word=status, reason=reason,
            received=None if reason else whole(size), source=Workload("", user, "user") if user else NOBODY,
        ),
        coverage,
    )  # fmt: skip
    if flow is not None:
        if not known:
            coverage.cannot_see(Blind.CLIENTS)
        yield flow


FORMAT = LogFormat(
    "combined",
    "access log of nginx or Apache, common or combined",
    _recognise,
    _read,
    (Blind.CLEARTEXT_ONLY, Blind.NOT_PROXIED),
    requests=True,
)
