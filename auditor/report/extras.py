"""Formats that need an optional library: asked for before any work, so that nobody waits for a report that cannot be written."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from auditor.errors import Diagnostic, UsageError


@dataclass(frozen=True, slots=True)
class Extra:
    """An optional library, and what there is without it."""

    module: str
    title: str
    instead: str


EXTRAS = {
    "pdf": Extra("typst", "typst", "write html and print it"),
    "xlsx": Extra("xlsxwriter", "XlsxWriter", "write csv-ledger, csv-flows, csv-findings"),
}
"""Format, which is also the name of the extra, to its library."""


def check_extra(form: str) -> None:
    """Return when the format ``form`` can be written here.

    Raises:
        UsageError: its library is not installed.
    """
    extra = EXTRAS.get(form)
    if extra is None or importlib.util.find_spec(extra.module) is not None:
        return
    raise UsageError(
        Diagnostic(
            what=f"cannot write {form}: {extra.title} is not installed",
            next_step=f"install the extra: pip install 'auditor[{form}]', or {extra.instead}",
        )
    )
