from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from auditor.errors import UnreadableError
from auditor.traffic import dissect_frames
from tests.traffic.wire import pcap, save, udp


def test_frames_are_shown_in_order_with_harmless_text(tmp_path: Path) -> None:
    source = save(tmp_path, pcap([udp(b"one"), udp(b"\x1b[2Jtwo"), udp(b"three")]))
    shown = dissect_frames(Path(source.path), [3, 2])
    assert shown.index("frame 2 ") < shown.index("frame 3 ")
    assert "frame 1 " not in shown
    assert "###[ UDP ]###" in shown
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_a_frame_that_is_not_there_is_said(tmp_path: Path) -> None:
    source = save(tmp_path, pcap([udp(b"one")]))
    with pytest.raises(UnreadableError, match="no frame 2, 9"):
        dissect_frames(Path(source.path), [1, 2, 9])


def test_heavy_libraries_stay_outside_the_import() -> None:
    code = "import sys, auditor.traffic; print([m for m in ('pandas', 'scapy', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
