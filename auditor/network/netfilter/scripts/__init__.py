"""Shell scripts that set a host's packet filter: what they leave behind, as far as it is decided without running them."""

from __future__ import annotations

from auditor.network.netfilter.scripts.reading import SCRIPTS_ASSUME, ScriptRules, read_script

__all__ = ["SCRIPTS_ASSUME", "ScriptRules", "read_script"]
