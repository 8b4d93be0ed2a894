"""What stands in a table's place where it is not known what the host's rules are."""

from __future__ import annotations

from auditor.facts.evidence import FileLocation
from auditor.network.addresses import FAMILIES
from auditor.network.netfilter.model import NEXT_HOOK, Base, FilterRule, Table, Verdict
from auditor.network.netfilter.terms import ANYTHING


def open_table(
    title: str, why: str, shown: str, place: FileLocation, families: tuple[int, ...] = FAMILIES, *, undoes: bool = False
) -> Table:
    """Return a table that may let through or stop anything; ``undoes``: it may take away what other tables deny."""
    rule = FilterRule(ANYTHING, Verdict.UNREAD, why, shown, place)
    # Beyond the chains of the hooks: what they deny to what leaves is denied, and what crosses may be taken before they see it.
    leaving, crossing = (Base("all", Verdict.ACCEPT, place, order) for order in (4 * NEXT_HOOK, -NEXT_HOOK))
    return Table(title, families, {"all": (rule,)}, (leaving,), (crossing,), undoes)
