"""The network stage is imported only where a policy could be; what it knows must not outgrow that test."""

from __future__ import annotations

from auditor.network import admin_policy, network_policy, unread
from auditor.pipeline.modelling import POLICY_ENDINGS


def test_every_policy_kind_is_recognised_before_the_stage_is_imported() -> None:
    kinds = {*unread._KINDS, network_policy.KIND, admin_policy.ADMIN, admin_policy.BASELINE}
    assert [kind for kind in sorted(kinds) if not kind.endswith(POLICY_ENDINGS)] == []
