"""Settings with provenance: the effective value of a product's option and the chain that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.evidence import Evidence


class SettingState(StrEnum):
    """How the effective value came about."""

    SET = "set"
    DEFAULT = "default"
    """Unset in every scope, all scopes supplied or stated absent: the product's default applies."""
    ASSUMED_DEFAULT = "assumed_default"
    """Unset where seen, but a scope is missing: unknown(default X)."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SettingSource:
    """One place that says something about a setting."""

    scope: str
    """Scope id of the product: ``environment``, ``config_file``, ``managed`` …"""
    name: str
    """The name in that place: ``CODER_TELEMETRY_ENABLE``."""
    value: str
    """Redacted text of the value."""
    evidence: Evidence
    used: bool
    """Whether this one won."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The effective value of one setting of one system."""

    system: str
    key: str
    """Catalog id of the setting: ``telemetry.enable``."""
    state: SettingState
    value: str
    """Redacted text of the effective value; empty when unset or unknown."""
    reason: str
    """One clause: ``CODER_TELEMETRY_ENABLE=false at config/coder.env:4``."""
    chain: tuple[SettingSource, ...]
    """Every source, lowest precedence first."""


@dataclass(frozen=True, slots=True)
class Change:
    """A hypothetical value of a setting, for what-if, tests of switches and the best achievable."""

    system: str
    key: str
    value: str | None
    """``None`` unsets it."""
