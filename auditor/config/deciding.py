"""Conditions of the catalog, three-valued, with what decided them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.catalog.conditions import AllOf, Ask, Atom, AtomKind, Condition, Not
from auditor.catalog.product import FactQuestion
from auditor.catalog.settings import Truthiness
from auditor.catalog.sources import Fact
from auditor.config.answers import is_dated, source_of
from auditor.config.effective import Effective, Item, unless
from auditor.config.naming import names_item
from auditor.config.values import in_range, is_truthy, is_yes
from auditor.facts.evidence import Evidence
from auditor.facts.manifest import StatedFact
from auditor.facts.questions import unanswered
from auditor.facts.settings import SettingState
from auditor.facts.truth import Truth, negate
from auditor.facts.vocabulary import Party, UnknownKind

if TYPE_CHECKING:
    from auditor.config.context import SystemContext

_NO_ENTRIES = "[]"
"""What ``equals`` asks of a list that is set and holds nothing; ``unset`` takes that for not set."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One answered atom: what an answer rests on."""

    atom: Atom
    truth: Truth
    text: str
    evidence: tuple[Evidence, ...] = ()
    fact: Fact | None = None
    """The catalog's word that the value has this meaning."""
    kind: UnknownKind = UnknownKind.SETTING_UNKNOWN
    settled_by: tuple[str, ...] = ()
    who: Party = Party.PLATFORM
    unseen: str = ""
    """Which sources nobody showed could say otherwise; ``text`` ends with them."""
    assumed: bool = False
    """Unknown only because a default was assumed below a missing scope."""
    opted_out: bool = False
    """The setting only marks the data as opted out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A three-valued answer and the atoms that decided it."""

    truth: Truth
    grounds: tuple[Ground, ...]

    @property
    def reason(self) -> str:
        """The grounds in one clause; those that the same sources could overrule stand together, so that they are named once."""
        told: dict[str, list[str]] = {}
        for text, unseen in dict.fromkeys((g.text, g.unseen) for g in self.grounds if g.text):
            told.setdefault(unseen, []).append(text.removesuffix(unless(unseen)))
        ends = {unseen: unless(unseen, "one of them" if len(texts) > 1 else "it") for unseen, texts in told.items()}
        return "; ".join("; ".join(texts) + ends[unseen] for unseen, texts in told.items())


def decide(condition: Condition, context: SystemContext, item: Item | None) -> Decision:
    """Return the answer to ``condition``; of nothing, ``all`` is yes and ``any`` is no."""
    if isinstance(condition, Atom):
        ground = _ATOMS[condition.kind](condition, context, item)
        return Decision(ground.truth, (ground,))
    if isinstance(condition, Not):
        inner = decide(condition.part, context, item)
        return Decision(negate(inner.truth), inner.grounds)
    parts = [decide(p, context, item) for p in condition.parts]
    return conjunction(parts) if isinstance(condition, AllOf) else disjunction(parts)


def conjunction(parts: Iterable[Decision]) -> Decision:
    """Return all of ``parts``: one no decides alone, else the unknown ones, else everyone."""
    return _combine(list(parts), Truth.NO, Truth.YES)


def disjunction(parts: Iterable[Decision]) -> Decision:
    """Return any of ``parts``: one yes decides alone, else the unknown ones, else everyone."""
    return _combine(list(parts), Truth.YES, Truth.NO)


def _combine(parts: list[Decision], decisive: Truth, otherwise: Truth) -> Decision:
    for truth in (decisive, Truth.UNKNOWN):
        found = [p for p in parts if p.truth is truth]
        if found:
            chosen = found[:1] if truth is decisive else found
            return Decision(truth, tuple(g for p in chosen for g in p.grounds))
    return Decision(otherwise, tuple(g for p in parts for g in p.grounds))


def _setting(atom: Atom, context: SystemContext, item: Item | None) -> Ground:
    effective = context.effective(atom.name)
    if effective is None:
        return Ground(atom, Truth.UNKNOWN, f"{atom.name} is no setting of {context.product.title}, or depends on itself")
    truth = _truth(atom, effective, context, item)
    if atom.test is Ask.NAMES_ITEM and item is None and effective.is_known and truth is Truth.UNKNOWN:
        return Ground(atom, Truth.UNKNOWN, "")  # which entries there are is open, and told where the flow goes
    return Ground(
        atom=atom,
        truth=truth,
        text=effective.reason,
        unseen=effective.unseen,
        evidence=effective.evidence,
        fact=effective.definition.fact,
        settled_by=effective.settled_by,
        who=effective.who,
        assumed=effective.state is SettingState.ASSUMED_DEFAULT,
        opted_out=effective.definition.marks_opted_out,
    )


def _truth(atom: Atom, effective: Effective, context: SystemContext, item: Item | None) -> Truth:
    if atom.test is Ask.NAMES_ITEM:
        return names_item(effective, item)
    return _set_in(atom.value, effective, context) if atom.test is Ask.SET_IN else _ask(atom, effective)


def _ask(atom: Atom, effective: Effective) -> Truth:
    """Return the answer; where sources give different lists, only what holds of each of them."""
    if not effective.alternatives:
        return _ask_of(atom, effective)
    answers = {_ask_of(atom, replace(effective, items=items)) for items in effective.alternatives}
    return answers.pop() if len(answers) == 1 else Truth.UNKNOWN


def _ask_of(atom: Atom, effective: Effective) -> Truth:
    if atom.test in (Ask.SET, Ask.UNSET):
        present = effective.is_set
        empty = effective.text == "" and not effective.items and effective.definition.truthiness is not Truthiness.PRESENCE
        if present is Truth.YES and effective.is_known and empty:
            present = Truth.NO
        return present if atom.test is Ask.SET else negate(present)
    if not effective.is_known:
        return Truth.UNKNOWN
    if atom.test in (Ask.TRUTHY, Ask.FALSY):
        truth = _truthy(effective)
        return truth if atom.test is Ask.TRUTHY else negate(truth)
    if effective.redacted:
        return Truth.UNKNOWN
    return _ask_list(atom, effective) if effective.definition.is_list else compare(atom, effective.text or "")


def _set_in(scope: str, effective: Effective, context: SystemContext) -> Truth:
    """Return whether ``scope`` sets it, whatever wins; a what-if counts for every scope."""
    if effective.hypothetical:
        return effective.is_set
    if any(source.scope == scope for source in effective.chain):
        return Truth.YES
    return Truth.UNKNOWN if any(v.scope.id == scope and context.is_missing(v) for v in context.views) else Truth.NO


def _ask_list(atom: Atom, effective: Effective) -> Truth:
    if atom.test is Ask.EQUALS and atom.value == _NO_ENTRIES:
        return Truth.of(effective.is_set is Truth.YES and not effective.items)
    if atom.test is Ask.CONTAINS:
        return Truth.of(any(i.text("value") == atom.value for i in effective.items))
    return compare(atom, effective.shown())


def _truthy(effective: Effective) -> Truth:
    if effective.definition.is_list:
        return Truth.of(bool(effective.items))
    if effective.text is None:
        # Unset: only "anything but false" takes that for yes.
        return Truth.of(effective.definition.truthiness is Truthiness.FALSE_STRING)
    return is_truthy(effective.text, effective.definition.truthiness)


def compare(atom: Atom, text: str) -> Truth:
    """Return whether ``text`` equals, matches or contains what the atom names."""
    if atom.test is Ask.EQUALS:
        return Truth.of(text == atom.value)
    if atom.test is Ask.CONTAINS:
        return Truth.of(atom.value in text)
    return Truth.of(re.fullmatch(atom.value, text) is not None)


def _item(atom: Atom, context: SystemContext, item: Item | None) -> Ground:
    del context
    if item is None:
        return Ground(atom, Truth.UNKNOWN, "")
    value = item.fields.get(atom.name)
    if value is None:
        # Nothing says what the product takes for a yes or no that is left out.
        absent = {Ask.UNSET: Truth.YES, Ask.TRUTHY: Truth.UNKNOWN, Ask.FALSY: Truth.UNKNOWN}
        evidence = (item.evidence,) if item.evidence is not None else ()
        steps = (f"Supply the value of {atom.name}",)
        return Ground(atom, absent.get(atom.test, Truth.NO), f"{atom.name} is not given", evidence, settled_by=steps)
    evidence = (value.evidence,) if value.evidence is not None else ()
    if value.text is None:
        return Ground(
            atom, Truth.UNKNOWN, f"{atom.name}: {value.reason}", evidence, settled_by=(f"Supply the value of {atom.name}",)
        )
    loose = is_yes(value.text)
    answers = {Ask.SET: Truth.YES, Ask.UNSET: Truth.NO, Ask.TRUTHY: loose, Ask.FALSY: negate(loose)}
    truth = answers[atom.test] if atom.test in answers else compare(atom, value.text)
    text = f"{atom.name}: {'(secret)' if value.redacted else value.text}"
    if truth is not Truth.UNKNOWN:
        return Ground(atom, truth, text, evidence)
    steps = (f"Say what {atom.name} means there: yes or no",)
    return Ground(atom, truth, f"{text}, which is neither a yes nor a no", evidence, settled_by=steps)


def _fact(atom: Atom, context: SystemContext, item: Item | None) -> Ground:
    del item
    question = next((f for f in context.product.facts if f.id == atom.name), None)
    stated = context.facts.get(atom.name, ())
    changed = context.changes.get(f"fact:{atom.name}")
    if changed is not None:
        return Ground(atom, _answer(atom, changed), f"{atom.name}: {changed} (what if)")
    asked = question.question if question else f"{atom.name}?"
    if stated:
        return _stated(atom, stated, asked, question)
    return Ground(
        atom,
        Truth.UNKNOWN,
        unanswered(asked),
        kind=UnknownKind.FACT_UNKNOWN,
        settled_by=question.settled_by if question else (),
        who=question.who if question else Party.PLATFORM,
    )


def _stated(atom: Atom, stated: tuple[StatedFact, ...], asked: str, question: FactQuestion | None) -> Ground:
    """Return what the answers come to: answers that contradict each other, or bear no date, settle nothing."""
    evidence = tuple(f.evidence for f in stated)
    said = "; ".join(f"{source_of(f)} says {f.value}" for f in stated)
    steps: tuple[str, ...]
    who = question.who if question else Party.PLATFORM
    if len({f.value for f in stated}) > 1:
        steps = ("Keep under inputs: the statement that is in force, and take out the other",)
        text = f"{asked} The answers contradict each other: {said}"
        return Ground(atom, Truth.UNKNOWN, text, evidence, None, UnknownKind.CONFLICT, steps, who)
    if not any(is_dated(f) for f in stated):
        steps = tuple(f"Give the date of {source_of(f)} under inputs:" for f in stated)
        text = f"{asked} {said}, without a date"
        return Ground(atom, Truth.UNKNOWN, text, evidence, None, UnknownKind.EVIDENCE_UNDATED, steps, who)
    first = next(f for f in stated if is_dated(f))
    return Ground(
        atom, _answer(atom, first.value), f"{asked} {first.value}", (first.evidence,), question.fact if question else None
    )


def _answer(atom: Atom, value: str) -> Truth:
    if atom.test in (Ask.SET, Ask.UNSET):
        return Truth.of(atom.test is Ask.SET)
    if atom.test in (Ask.TRUTHY, Ask.FALSY):
        loose = is_truthy(value, Truthiness.BOOL_LOOSE)
        return loose if atom.test is Ask.TRUTHY else negate(loose)
    return compare(atom, value)


def _version(atom: Atom, context: SystemContext, item: Item | None) -> Ground:
    del item
    if not context.version:
        return Ground(
            atom,
            Truth.UNKNOWN,
            f"the version of {context.product.title} is not given",
            settled_by=(f"State version: of the system {context.system} in the manifest",),
        )
    truth = in_range(context.version, atom.name)
    said = {Truth.YES: "is", Truth.NO: "is not"}.get(truth, "cannot be compared with")
    return Ground(atom, truth, f"version {context.version} {said} {atom.name}")


def _era(atom: Atom, context: SystemContext, item: Item | None) -> Ground:
    era = next((e for e in context.product.eras if e.id == atom.name), None)
    if era is None:
        return Ground(atom, Truth.UNKNOWN, f"{context.product.title} has no era {atom.name}")
    return _version(Atom(atom.kind, era.version), context, item)


def _packaging(atom: Atom, context: SystemContext, item: Item | None) -> Ground:
    del item
    if context.packaging is None:
        return Ground(
            atom, Truth.UNKNOWN, "how the process is packaged is not known", settled_by=("Supply the definition of the process",)
        )
    return Ground(atom, Truth.of(context.packaging.value == atom.name), f"packaged by {context.packaging.value}")


_ATOMS: dict[AtomKind, Callable[[Atom, SystemContext, Item | None], Ground]] = {
    AtomKind.SETTING: _setting,
    AtomKind.ITEM: _item,
    AtomKind.FACT: _fact,
    AtomKind.VERSION: _version,
    AtomKind.ERA: _era,
    AtomKind.PACKAGING: _packaging,
}
