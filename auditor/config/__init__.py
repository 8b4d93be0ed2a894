"""Configuration: located trees -> bindings -> settings with provenance -> flows (docs/catalog.md)."""

from __future__ import annotations

from auditor.config.discovery import recognise_systems
from auditor.config.engine import configure

__all__ = ["configure", "recognise_systems"]
