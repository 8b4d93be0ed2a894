"""Where calls were processed by the word of logs: it widens what is known, and never narrows it.

A log proves that calls ran where it says, so that a country which is not allowed is a breach also where nobody knows of all the
countries in which calls may run. It never proves that none ran elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.facts.identity import ResolvedEdge
from auditor.facts.rows import FlowRow


def processed(edges: Iterable[ResolvedEdge]) -> tuple[str, ...]:
    """Return the countries in which logs show that calls of ``edges`` ran."""
    return tuple(sorted({country for edge in edges for country in edge.surely_ran_in}))


def processed_as_logged(row: FlowRow, edges: Sequence[ResolvedEdge], own: Sequence[ResolvedEdge]) -> FlowRow:
    """Return the row with the countries in which logs say that its calls ran.

    ``edges`` may be this flow, ``own`` can be no other: only these prove where it was processed.
    A country that the configuration leaves no room for is added: what was seen is possible. Where it is not known where calls
    may run it stays so, because a log shows the calls of its time alone; the reason then tells what it shows.
    """
    row = replace(row, processed=processed(own))
    told = [edge for edge in edges if edge.edge.ran_in]
    if not told:
        return row
    hosts = sorted({host for edge in told for host in edge.edge.ran_in})
    countries = {country for edge in told for country in edge.ran_in or ()}
    where = f"the log shows calls that ran at {', '.join(hosts)}"
    where += f" ({', '.join(sorted(countries))})" if countries else ""
    reason = f"{row.processing_reason}; {where}" if row.processing_reason else where
    if row.processing is None or any(edge.ran_in is None for edge in told):
        return replace(row, processing=None, processing_reason=reason)
    if countries <= set(row.processing):
        return row
    return replace(row, processing=tuple(sorted({*row.processing, *countries})), processing_reason=reason)
