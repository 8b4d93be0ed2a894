"""What stands in a table's place where it is not known what the host's rules are."""

from __future__ import annotations

from auditor.facts.evidence import FileLocation
from auditor.network.addresses import FAMILIES
from auditor.network.netfilter.model import Base, FilterRule, Table, Verdict
from auditor.network.netfilter.terms import ANYTHING


def open_table(
    title: str, why: str, shown: str, place: FileLocation, families: tuple[int, ...] = FAMILIES, *, undoes: bool = False
) -> Table:
    """Return a table that may let through or stop anything; ``undoes``: it may take away what other tables deny."""
    rule = FilterRule(ANYTHING, Verdict.UNREAD, why, shown, place)
    base = Base("all", Verdict.ACCEPT, place)
    return Table(title, families, {"all": (rule,)}, (base,), (base,), undoes)
