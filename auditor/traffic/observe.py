"""Captures in, observation out: the front door of the stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.facts.observation import CaptureSource, Observation
from auditor.facts.vocabulary import NameRung
from auditor.traffic.capture import Progress
from auditor.traffic.coverage import Reading, coverage_of, incomplete_flows
from auditor.traffic.edges import SourceFile, reduce_to_edges
from auditor.traffic.names import Lookups
from auditor.traffic.proxied_legs import find_legs
from auditor.traffic.reading import read_captures, uncollected
from auditor.traffic.table import FlowTable
from auditor.traffic.tenures import NO_CHANGES, Changes
from auditor.traffic.vantage import merge_vantages

if TYPE_CHECKING:
    from auditor.traffic.log_rows import LogRead
    from auditor.traffic.logs import LogSource


def observe(
    sources: Sequence[CaptureSource | LogSource], progress: Progress | None = None, changes: Changes = NO_CHANGES
) -> Observation:
    """Return what captures and logs show, as one observation: a flow that several of them saw counts once.

    Args:
        sources: the captures and logs; order does not matter. An address of the same text in two of them is the same
            machine, so captures of different networks with the same private addresses need separate calls.
        progress: called now and then with source id, bytes read and bytes of the file.
        changes: when addresses change hands; flows on both sides of a change make edges of their own.

    Raises:
        UnreadableError: a file is missing, empty, a directory, no capture and no log. One that is cut in the middle of a
            record is read up to there and marked in its coverage.
    """
    table, lookups, captures, logs = _gather(sources, progress)
    windows = {r.source.id: r.window_seconds for r in captures} | {log.source.id: log.window_seconds for log in logs}
    files = {r.source.id: SourceFile(r.sha256) for r in captures}
    for log in logs:
        files |= log.files
    edges = reduce_to_edges(table, files, windows, changes)
    incomplete = incomplete_flows(table)
    coverage = [coverage_of(r, lookups.asked_through(r.source.id), edges, incomplete.get(r.source.id)) for r in captures]
    coverage += [log.source_coverage(lookups.asked_through(log.source.id), edges) for log in logs]
    return Observation(edges, tuple(sorted(coverage, key=lambda c: c.id)), lookups.answers())


def flow_table(
    sources: Sequence[CaptureSource | LogSource], progress: Progress | None = None
) -> tuple[FlowTable, list[Reading | LogRead], Lookups]:
    """Return the flow table itself, what each source told about its own completeness, and what DNS showed.

    A flow that several sources saw has a row for each; ``winner`` of a row is the row that counts. What stays on the
    link has rows too, told apart by ``local_protocol``. Arguments as for ``observe``.

    Raises:
        UnreadableError: as for ``observe``.
    """
    table, lookups, captures, logs = _gather(sources, progress, local=True)
    return table, [*captures, *logs], lookups


def _gather(
    sources: Sequence[CaptureSource | LogSource], progress: Progress | None, *, local: bool = False
) -> tuple[FlowTable, Lookups, list[Reading], list[LogRead]]:
    ordered = sorted(sources, key=lambda source: source.id)
    named = [source for source in ordered if isinstance(source, CaptureSource)]
    table, lookups, captures = read_captures(named, progress, local=local)
    others = [source for source in ordered if not isinstance(source, CaptureSource)]
    if others:
        table.unpack()
    with uncollected():
        logs = [_read_log(source, table, lookups, progress, local=local) for source in others]
    lookups.finish()
    apart = find_legs(table) if logs else {}
    differing = merge_vantages(table)
    for reading in captures:
        reading.clocks.extend(differing.get(reading.source.id, ()))
    for log in logs:
        log.clocks.extend(differing.get(log.source.id, ()))
        log.coverage.notes["request_apart_from_its_connection"] += apart.get(log.source.id, 0)
        log.coverage.notes += Counter()  # without what was counted as none
    name_flows(table, lookups)
    return table, lookups, captures, logs


def _read_log(source: LogSource, table: FlowTable, lookups: Lookups, progress: Progress | None, *, local: bool) -> LogRead:
    """Read one log into the table."""
    from auditor.traffic.log_rows import read_rows
    from auditor.traffic.logs import read_log

    return read_rows(read_log(source, progress), table, lookups, local=local)


def name_flows(table: FlowTable, lookups: Lookups) -> None:
    """Give every flow without a name of its own the name that DNS tells, with its rung.

    A flow that hides its name stays hidden unless the same client was told exactly one name for the address.
    """
    columns = table.columns
    for row, name in enumerate(columns["name"]):
        if name:
            continue
        client, address, start = columns["src_addr"][row], columns["dst_addr"][row], columns["start"][row]
        hidden, shown = columns["hidden"][row], columns["server_name"][row]
        found, rung = lookups.name(client, address, start, hidden=hidden, shown=shown)
        if rung is not NameRung.NONE:
            columns["name"][row], columns["name_rung"][row], columns["hidden"][row] = found, rung.value, False
        elif columns["certificate_name"][row]:  # the server's own word: the flow stays hidden
            columns["name"][row], columns["name_rung"][row] = columns["certificate_name"][row], NameRung.CERTIFICATE.value
