"""Dissection of evidence frames for a person who asks to see them; the only module of the stage that knows scapy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auditor.errors import Diagnostic, UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import open_capture
from auditor.traffic.record import Record
from auditor.traffic.times import rfc3339


def dissect_frames(path: Path, frames: Sequence[int]) -> str:
    """Return the frames with the given one-based numbers, layer by layer, in order of number.

    Text from packets is hostile: every character that is not printable shows as an escape, so that no terminal
    acts on it.

    Raises:
        UnreadableError: the file is no capture, or ends before one of the frames.
    """
    wanted = set(frames)
    shown: list[str] = []
    with open_capture(CaptureSource(path.name, str(path), "", ())) as capture:
        for record in capture.records():
            if record.number in wanted:
                shown.append(_dissect(record))
                wanted.discard(record.number)
            if not wanted:
                break
    if wanted:
        missing = ", ".join(str(number) for number in sorted(wanted))
        raise UnreadableError(
            Diagnostic(
                what=f"the capture has no frame {missing}",
                why="frames are numbered from 1 to the number of packets",
                next_step="take frame numbers from the evidence of a report on this very file",
                path=path.name,
            )
        )
    return "\n".join(shown)


def _dissect(record: Record) -> str:
    from scapy.config import conf
    from scapy.layers import all as _layers  # noqa: F401 -- registers the link types
    from scapy.packet import Raw

    time = "no time" if record.time is None else rfc3339(record.time)
    head = f"frame {record.number}  {time}  {len(record.data)} of {record.original} bytes  link type {record.link_type}"
    layer = conf.l2types.get(record.link_type, Raw)
    body = str(layer(record.data).show(dump=True))
    return "\n".join([head, *(_printable(line) for line in body.splitlines())]) + "\n"


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
