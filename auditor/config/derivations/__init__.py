"""Derivations: the closed list of rules that the catalog's language cannot say, called by name from product files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.catalog.product import Target
from auditor.config.derivations.bedrock import bedrock_profile_countries
from auditor.config.derivations.litellm import litellm_destination
from auditor.config.destination import Destination
from auditor.config.effective import Item
from auditor.facts.places import Countries

if TYPE_CHECKING:
    from auditor.config.context import SystemContext

DESTINATIONS: dict[str, Callable[[Item, Target, SystemContext], Destination]] = {"litellm_destination": litellm_destination}
PROCESSING: dict[str, Callable[[str, str, str], tuple[Countries, str]]] = {"bedrock_profile_countries": bedrock_profile_countries}
