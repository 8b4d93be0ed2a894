"""Captures and logs to observed edges and coverage; pure bytes-to-facts parsers apart from ``capture`` and ``logs.inputs``.

``observe`` is the door for the pipeline, ``readable`` and ``log_source`` tell beforehand whether a file is a capture or a
log, and ``dissect_frames`` shows evidence frames to a person.
"""

from __future__ import annotations

from auditor.traffic.capture import readable
from auditor.traffic.dissect import dissect_frames
from auditor.traffic.observe import observe
from auditor.traffic.sources import log_format, log_source

__all__ = ["dissect_frames", "log_format", "log_source", "observe", "readable"]
