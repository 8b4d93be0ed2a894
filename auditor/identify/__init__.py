"""Identity: the endpoints of all readers become component, workload and destination ids (docs/design.md section 4)."""

from auditor.identify.identify import identify

__all__ = ["identify"]
