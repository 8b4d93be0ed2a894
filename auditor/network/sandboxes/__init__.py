"""Allowlists of the sandboxes and firewalls that agent tools bring themselves."""

from __future__ import annotations

from auditor.network.sandboxes.boundary import read_boundary
from auditor.network.sandboxes.claude_code import read_claude_code
from auditor.network.sandboxes.codex import read_codex
from auditor.network.sandboxes.copilot import read_copilot

__all__ = ["read_boundary", "read_claude_code", "read_codex", "read_copilot"]
