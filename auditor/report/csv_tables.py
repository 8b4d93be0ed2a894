"""Findings, flows, the residency ledger and the register of information as CSV (RFC 4180), for spreadsheets and scripts.

UTF-8 with a byte order mark (without it Excel reads another encoding), every cell quoted, lines end with CR LF. Every
cell goes through ``clean`` and ``cell``: no line break, no formula.
"""

from __future__ import annotations

import csv
import io

from auditor.facts.assessment import Assessment
from auditor.report.escape import cell, clean
from auditor.report.register import register_table
from auditor.report.tables import Table, findings_table, flows_table, ledger_table


def findings_csv(assessment: Assessment) -> bytes:
    """Return one line a finding, waived ones too."""
    return written(findings_table(assessment))


def flows_csv(assessment: Assessment) -> bytes:
    """Return one line a flow: the four bases side by side, in the vocabulary of ``assessment/v1``."""
    return written(flows_table(assessment))


def ledger_csv(assessment: Assessment) -> bytes:
    """Return one line a recipient and channel; bytes belong to the channel and are never split over its flows."""
    return written(ledger_table(assessment))


def register_csv(assessment: Assessment) -> bytes:
    """Return the columns of DORA's template B_02.02, one line a provider and pair of countries."""
    return written(register_table(assessment))


def written(table: Table) -> bytes:
    """Return the table; texts are cleaned and guarded, numbers stay numbers."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(table.heads)
    writer.writerows([cell(clean(v)) if isinstance(v, str) else str(v) for v in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")
