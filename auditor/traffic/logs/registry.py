"""All log formats, in the order in which a file is held against them: the most telling signs first."""

from __future__ import annotations

from auditor.traffic.logs.formats import LogFormat
from auditor.traffic.logs.hubble import FORMAT as HUBBLE
from auditor.traffic.logs.zeek import FORMAT as ZEEK

FORMATS: tuple[LogFormat, ...] = (ZEEK, HUBBLE)
