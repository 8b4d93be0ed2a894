"""Configuration: located trees -> bindings -> settings with provenance -> flows (docs/catalog.md)."""

from __future__ import annotations

from auditor.config.discovery import recognise_systems
from auditor.config.engine import configure
from auditor.config.hosts_in_text import Surroundings
from auditor.config.joint_switches import JointSwitch, joint_switch
from auditor.config.values import HostPort

__all__ = ["HostPort", "JointSwitch", "Surroundings", "configure", "joint_switch", "recognise_systems"]
