from __future__ import annotations

import re

from auditor.traffic import edges
from auditor.traffic.orientation import Rule
from auditor.traffic.table import COLUMNS, WORKING
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "flow_table.md").read_text(encoding="utf-8")
DESIGN = """start end src_addr src_port dst_addr dst_port transport vlan vni orientation_rule packets_out packets_in payload_out
payload_in wire_out wire_in state name name_rung app_protocol first_frame last_frame source_id loss_flags"""


def test_the_columns_are_those_of_the_design_and_of_the_page() -> None:
    """The design's columns come first; what the stage adds stands behind them."""
    assert COLUMNS[: len(DESIGN.split())] == tuple(DESIGN.split())
    assert tuple(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == COLUMNS


def test_the_page_names_working_columns_rules_and_thresholds() -> None:
    assert f"`{' '.join(WORKING)}`" in TEXT
    assert [rule for rule in Rule if f"`{rule.value}`" not in TEXT] == []
    assert f"{edges.HELD_OPEN_SECONDS:g} s or more" in TEXT
    assert (
        f"one of {edges.HELD_OPEN_SHORT_SECONDS:g} s or more that covers\n{edges.HELD_OPEN_SHARE:.0%}".replace("%", " %") in TEXT
    )
