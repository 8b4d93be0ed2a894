"""Mutants that no test can notice, each with the reason why it changes nothing that anybody can see.

A mutant is named by its module, a part of its source line, and its change. An entry that no living mutant needs is told by the
run, so that the list stays true.
"""

from __future__ import annotations

_ASKED = "nobody asks a row that does not match for more than its truth"
_LENGTHS = "both sides are made from one list, so their lengths are equal"
_DOUBT = "a doubt asks only whether what is carried is unknown"
_SHORT = "a shortcut: what follows gives the same answer"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("evaluate.matching", "return values[0] if values and", "values and len(set(values)) == 1 -> len(set(values)) == 1"): (
        "the set of no values has no element, so the other condition says the same"
    ),
    ("evaluate.matching", "return bool(ruled_out) and any(", "-> any("): (
        "a selector always names a value, and a value is never within nothing that is ruled out"
    ),
    ("evaluate.presence", "zip(rows, alone, strict=True)", "True -> False"): _LENGTHS,
    ("evaluate.presence", "zip(scene.model.rows, scene.ends, strict=True)", "True -> False"): _LENGTHS,
    ("evaluate.exercise", "zip(scene.model.rows, scene.ends, strict=True)", "True -> False"): _LENGTHS,
    ("evaluate.traffic_sufficiency", "zip(scene.model.rows, scene.ends, strict=True)", "True -> False"): _LENGTHS,
    ("evaluate.flow_rules", "zip(scene.model.rows, scene.ends, strict=True)", "True -> False"): _LENGTHS,
    ("evaluate.row_index", "zip(rows, forms, strict=True)", "True -> False"): _LENGTHS,
    (
        "evaluate.component_rules",
        "continue",
        "continue -> pass",
    ): f"{_SHORT}: who does not match is no member, and is passed over there",
    ("evaluate.flow_rules", "NO_MATCH = RowMatch(", "True -> False"): _ASKED,
    ("evaluate.flow_rules", "exists=Truth.NO, carried=Truth.NO)", "Truth.NO -> Truth.YES"): _ASKED,
    ("evaluate.flow_rules", "exists=Truth.NO, carried=Truth.NO)", "Truth.NO -> Truth.UNKNOWN"): _ASKED,
    ("evaluate.flow_rules", "zip(forms.positions, answers, strict=True)", "True -> False"): _LENGTHS,
    ("evaluate.flow_rules", "if not wanted or ahead.truth is Truth.YES", "-> not wanted"): (
        f"{_SHORT}: yes in one direction is yes in either, and the first is kept"
    ),
    ("evaluate.flow_rules", "if found is Truth.NO or not decided", "found is Truth.NO or not decided ->"): (
        f"{_SHORT}: of no decided place, and with a no, the conjunction is what was found"
    ),
    ("evaluate.flow_rules", "exists=exists, carried=Truth.YES)", "Truth.YES -> Truth.NO"): _DOUBT,
    ("evaluate.path_rules", "for truth in (named_ones(c.id),) if truth is not Truth.NO", "if truth is not Truth.NO ->"): (
        "the graph finds no path over a node that does not count; leaving it out beforehand saves the search"
    ),
    ("evaluate.path_rules", "doubts(row, row.exists, Truth.YES, scene)", "Truth.YES -> Truth.NO"): _DOUBT,
    ("evaluate.store_rules", "', '.join(store.country or ())", "store.country or () -> store.country"): (
        "the text is made only where the countries are several"
    ),
    ("evaluate.outcome", "CatalogLocation: 3}", "3 -> 4"): "the catalog comes last either way",
    ("evaluate.contradictions", "what.every is None or other.id", "-> not isinstance(what, Require) or other.id"): (
        "without all: the question is whether what is needed excludes itself, which was asked before"
    ),
    ("evaluate.contradictions", "what.every is None or other.id", "-> not isinstance(what, Require) or what.every is None"): (
        "of a requirement and itself the question is whether it excludes itself, which was asked before"
    ),
    ("evaluate.contradictions", "return not one.negated and other.negated and", "-> not one.negated and mine <= others"): (
        "two that are not negated were answered above, so that the other one is negated here"
    ),
    (
        "evaluate.contradictions",
        "data = not general.data or (bool(specific.data) and",
        "-> _data_within(specific.data, general.data)",
    ): ("whether both name data, or neither does, is asked again there"),
    ("evaluate.contradictions", "if a.key is b.key and a is not b", "a.key is b.key and a is not b -> a.key is b.key"): (
        "no term excludes itself"
    ),
    ("evaluate.exceptions", "w.control == control.id and _waiver_holds", "-> _waiver_holds(w, as_of)"): (
        "a waiver holds only where its target begins with its control, so that it is no finding of another"
    ),
    ("evaluate.traffic_sufficiency", "for n in parsed if a.version == n.version", "if a.version == n.version ->"): (
        "an address of one family is in no network of the other; asking saves time"
    ),
}
