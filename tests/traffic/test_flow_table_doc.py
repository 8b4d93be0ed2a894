from __future__ import annotations

import re

from auditor.traffic import groups, notices
from auditor.traffic.orientation import Rule
from auditor.traffic.table import COLUMNS, WORKING
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "flow_table.md").read_text(encoding="utf-8")
DESIGN = """start end src_addr src_port dst_addr dst_port transport vlan vni orientation_rule packets_out packets_in payload_out
payload_in wire_out wire_in state name name_rung app_protocol first_frame last_frame source_id loss_flags"""


def test_the_columns_are_those_of_the_design_and_of_the_page() -> None:
    """The design's columns come first; what the stage adds stands behind them."""
    assert COLUMNS[: len(DESIGN.split())] == tuple(DESIGN.split())
    columns = TEXT.partition("## Worth a look")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", columns, re.MULTILINE)) == COLUMNS


def test_the_page_names_every_kind_of_notice_and_its_threshold() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", TEXT.partition("## Worth a look")[2], re.MULTILINE))
    assert list(rows) == [kind.value for kind in notices.Kind]
    assert rows["long_lived"] == f"{notices.LONG_SECONDS:g} s"
    assert rows["uplink_heavy"].startswith(f"{notices.UPLINK_BYTES // 10**6} MB out, at least {notices.UPLINK_RATIO} times")
    assert rows["beacon"].startswith(f"{notices.BEACON_FLOWS} calls, at least {notices.BEACON_SECONDS:g} s apart")
    assert rows["icmp_payload"].startswith(f"{notices.ICMP_BYTES} bytes")
    assert rows["dns_tunnel"].startswith(f"{notices.DNS_NAMES} different ones, {notices.DNS_LENGTH} characters")
    assert f"{notices.DNS_ENTROPY} bits" in rows["dns_tunnel"]


def test_the_page_names_working_columns_rules_and_thresholds() -> None:
    assert f"`{' '.join(WORKING)}`" in TEXT
    assert [rule for rule in Rule if f"`{rule.value}`" not in TEXT] == []
    assert f"{groups.HELD_OPEN_SECONDS:g} s or more" in TEXT
    assert (
        f"one of {groups.HELD_OPEN_SHORT_SECONDS:g} s or more that covers\n{groups.HELD_OPEN_SHARE:.0%}".replace("%", " %")
        in TEXT
    )
