"""The index rules out rows by their ends and load, and nothing else: what is left is in the model's order."""

from __future__ import annotations

from dataclasses import replace

from auditor.evaluate.row_index import Ends, EndTest, RowIndex
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass
from tests.evaluate.builder import row

ROWS = (
    row("b", "a", "back", sends=[DataClass.PROMPT]),
    row("a", "b", "ahead", sends=[DataClass.PROMPT]),
    row("a", "b", "usage", sends=[DataClass.USAGE]),
    row("a", "c", "other", sends=[DataClass.PROMPT]),
    replace(row("a", "b", "either", sends=[DataClass.PROMPT]), destination_candidates=("b", "c")),
)


def among(*names: str, possible: tuple[Ends, ...] = ()) -> EndTest:
    """Return a test that says yes to the names, unknown to what is possible, and no to all else."""
    return lambda ends: Truth.UNKNOWN if ends in possible else Truth.of(set(ends) <= set(names))


def prompts(given: FlowRow) -> bool:
    return DataClass.PROMPT in given.sends_at_most


def purposes(source: EndTest, destination: EndTest, *, either_way: bool, loaded: bool = True) -> list[str]:
    may_carry = prompts if loaded else lambda _: True
    found = RowIndex(ROWS).between(source, destination, either_way=either_way, may_carry=may_carry)
    return [given.purpose for given in found]


def test_each_way_is_asked_for_itself() -> None:
    assert purposes(among("a"), among("b"), either_way=False) == ["ahead"]
    assert purposes(among("a"), among("b"), either_way=True) == ["back", "ahead"]


def test_a_load_that_is_ruled_out_is_out_whatever_its_ends() -> None:
    assert purposes(among("a"), among("b"), either_way=False, loaded=False) == ["ahead", "usage"]


def test_an_end_that_is_only_possible_stays() -> None:
    assert purposes(among("a"), among("b", possible=(("b", "c"),)), either_way=False) == ["ahead", "either"]


def test_a_load_is_asked_of_one_row() -> None:
    asked: list[str] = []

    def may_carry(given: FlowRow) -> bool:
        asked.append(given.purpose)
        return True

    RowIndex(ROWS).between(among(), among(), either_way=True, may_carry=may_carry)
    assert asked == ["back", "usage"]
