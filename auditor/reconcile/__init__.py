"""Reconciliation: four bases side by side for every data flow (docs/design.md section 4)."""

from auditor.reconcile.carrying import holdings
from auditor.reconcile.matching import edge_key
from auditor.reconcile.naming import intention, name_row
from auditor.reconcile.placing import placed_by_flows
from auditor.reconcile.reconcile import reconcile
from auditor.reconcile.result import Reconciled

__all__ = ["Reconciled", "edge_key", "holdings", "intention", "name_row", "placed_by_flows", "reconcile"]
