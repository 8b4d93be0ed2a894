"""Identity: the endpoints of all readers become component, workload and destination ids (docs/design.md section 4)."""

from auditor.identify.holders import held, open_time
from auditor.identify.identify import identify
from auditor.identify.tenancy import changes_of, tenures_of

__all__ = ["changes_of", "held", "identify", "open_time", "tenures_of"]
