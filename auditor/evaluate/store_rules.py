"""Stores: data at rest that may not be there, and what those that are there must be."""

from __future__ import annotations

from functools import partial

from auditor.evaluate.matching import Scene, store_matches
from auditor.evaluate.outcome import Found, Violation
from auditor.evaluate.quantifiers import Item
from auditor.evaluate.telling import named
from auditor.evaluate.wholly import wholly
from auditor.evaluate.words import data_words
from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Store, Unknown
from auditor.facts.profile import StoreSelector
from auditor.facts.truth import Truth, all_of
from auditor.facts.vocabulary import Basis, Party, UnknownKind


def forbidden_stores(selector: StoreSelector, scene: Scene, fallback: Evidence) -> Found:
    """Return a violation for each store that is there and matches, doubts for each that may."""
    violations: list[Violation] = []
    unknowns: list[Unknown] = []
    for item in store_items(selector, None, None, scene, fallback):
        if item.member is Truth.YES:
            violations.append(item.breach(""))
        elif item.member is Truth.UNKNOWN:
            unknowns.extend(item.doubt())
    return Found(tuple(violations), tuple(unknowns))


def store_items(
    where: StoreSelector, every: StoreSelector | None, some: StoreSelector | None, scene: Scene, fallback: Evidence
) -> list[Item]:
    """Return every store as an item of a requirement."""
    counted = wholly(where)
    every, some = (None if s is None else wholly(s) for s in (every, some))
    return [
        Item(
            id=store.id,
            member=all_of((store.exists, store_matches(where, store, scene))),
            counted=all_of((store.exists, store_matches(counted, store, scene))),
            every=Truth.YES if every is None else store_matches(every, store, scene),
            some=Truth.YES if some is None else store_matches(some, store, scene),
            breach=partial(_breach, store, scene, fallback),
            doubt=partial(_doubt, store),
        )
        for store in scene.model.stores
    ]


def _doubt(store: Store) -> tuple[Unknown, ...]:
    spread = store.exists is Truth.YES and store.country is not None and len(store.country) > 1
    what = "whether it exists" if store.exists is Truth.UNKNOWN else "where it is kept"
    known = f" beyond this: in any of {', '.join(store.country or ())}" if spread else ""
    text = f"The store {store.title or store.id}: {what} is not known{known}."
    steps = ("Supply a dated vendor document on storage and retention.",)
    return (Unknown(UnknownKind.FACT_UNKNOWN, store.id, text, steps, Party.VENDOR),)


def _breach(store: Store, scene: Scene, fallback: Evidence, lacking: str) -> Violation:
    missing = f"; {lacking}" if lacking else ""
    where = f" in {', '.join(store.country)}" if store.country else ""
    holder = named(store.component, scene)
    return Violation(
        source=store.component,
        destination="",
        title=f"{store.title or store.id} keeps {data_words(store.classes) or 'data'} at {holder}{where}{missing}.",
        rows=(),
        subject=store.id,
        data=store.classes,
        bases=tuple(b for b in Basis if any(e.basis is b for e in store.evidence)),
        cures=(),
        evidence=store.evidence or (fallback,),
    )
