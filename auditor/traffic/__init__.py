"""Captures to observed edges and coverage; pure bytes-to-facts parsers apart from ``capture``.

``observe`` is the door for the pipeline, ``readable`` tells beforehand whether a file is a capture, and
``dissect_frames`` shows evidence frames to a person.
"""

from __future__ import annotations

from auditor.traffic.capture import readable
from auditor.traffic.dissect import dissect_frames
from auditor.traffic.observe import observe

__all__ = ["dissect_frames", "observe", "readable"]
