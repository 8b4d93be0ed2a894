"""The effective value of a setting inside this stage: more than what ``facts.settings`` hands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.catalog.settings import SettingDefinition
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.settings import Setting, SettingSource, SettingState
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Party


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One field of one item."""

    text: str | None
    """``None``: set, and what to is not in the inputs."""
    evidence: Evidence | None
    redacted: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list setting."""

    index: int
    fields: Mapping[str, FieldValue]
    evidence: Evidence | None

    def text(self, name: str) -> str:
        """Return the text of a field, empty when it is not there or not known."""
        if name == "index":
            return str(self.index)
        value = self.fields.get(name)
        return value.text or "" if value is not None else ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one scope says of a setting."""

    scope: str
    name: str
    text: str | None
    evidence: Evidence
    redacted: bool = False
    reason: str = ""
    items: tuple[Item, ...] | None = None
    """For list settings; ``None`` when unknown."""
    surely: bool = True
    """Whether it has some value, when the value is not known."""
    layers: tuple[tuple[Item, ...], ...] = ()
    """The lists of several scopes that were merged into ``items``."""


@dataclass(frozen=True, slots=True)
class Effective:
    """The value that the product acts on, as far as the inputs tell."""

    system: str
    definition: SettingDefinition
    state: SettingState
    text: str | None
    """``None`` when unset without default, or unknown."""
    is_set: Truth
    reason: str
    unseen: str = ""
    """Which sources nobody showed could say otherwise, in words, as ``reason`` ends with them."""
    redacted: bool = False
    items: tuple[Item, ...] = ()
    chain: tuple[SettingSource, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    settled_by: tuple[str, ...] = ()
    who: Party = Party.PLATFORM
    hypothetical: bool = field(default=False)
    """Whether a what-if change made it."""
    layers: tuple[tuple[Item, ...], ...] = ()
    """The lists of the scopes that ``items`` was merged from; an entry of ``items`` may fulfil less than each of them."""
    alternatives: tuple[tuple[Item, ...], ...] = ()
    """Where sources of one scope give different lists: each of them; ``items`` holds all of theirs."""

    @property
    def is_known(self) -> bool:
        """Whether the inputs decide it."""
        return self.state in (SettingState.SET, SettingState.DEFAULT)

    @property
    def steps(self) -> tuple[str, ...]:
        """What would settle it; where it is known and of no use (an empty default), its value would."""
        return self.settled_by or (f"Supply the value of {self.definition.first_name}",)

    def shown(self) -> str:
        """Return the value as text for people: secrets hidden, lists joined."""
        if self.definition.secret and self.text and not self.redacted:
            return "(set, not shown)"
        if self.definition.is_list and self.items:
            return ", ".join(_item_text(i) for i in self.items)
        return self.text or ""

    def setting(self) -> Setting:
        """Return it as the record that leaves this stage."""
        value = "" if self.state is SettingState.UNKNOWN else self.shown()
        return Setting(self.system, self.definition.id, self.state, value, self.reason, self.chain)


def _item_text(item: Item) -> str:
    for name in ("value", "name", "key", "model_name", "host", "url", "base_url", "type"):
        text = item.text(name)
        if text and not (name == "key" and text.isdigit()):  # a place in a list says nothing to people
            return text
    return f"entry {item.index}"


def place(evidence: Evidence | None) -> str:
    """Return ``path:line`` of evidence in a file, empty otherwise."""
    location = evidence.location if evidence is not None else None
    return f"{location.path}:{location.line}" if isinstance(location, FileLocation) else ""


def unless(unseen: str, what: str = "it") -> str:
    """Return how a reason ends where sources that nobody showed could say otherwise."""
    return f", unless {unseen} sets {what}" if unseen else ""
