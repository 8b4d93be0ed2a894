"""A list of rules of which the first that takes a connection decides: groups and lists of clouds, routes by their length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.network.addresses import Range
from auditor.network.decision import Decision
from auditor.network.ends import Named
from auditor.network.name_patterns import NamePattern
from auditor.network.netfilter.model import Base, FilterRule, Table, Verdict
from auditor.network.netfilter.walking import cuts, decide
from auditor.network.spans import Spans

_CHAIN = "rules"


@dataclass(frozen=True, slots=True)
class OrderedRules:
    """Rules in their order, with what becomes of what none takes."""

    dialect: str
    strength: Strength
    rules: tuple[FilterRule, ...]
    otherwise: Verdict
    location: FileLocation
    assumed: tuple[str, ...] = ()
    others: tuple[tuple[str, tuple[FilterRule, ...]], ...] = ()
    """Lists by name to which rules may jump."""
    _made: list[Table] = field(default_factory=list, init=False, compare=False, repr=False)

    def _table(self) -> Table:
        if not self._made:
            ending = "no rule lets it through" if self.otherwise is Verdict.DROP else "no rule stops it"
            base = Base(_CHAIN, self.otherwise, self.location, ending=ending)
            self._made.append(Table(self.dialect, (4, 6), {_CHAIN: self.rules, **dict(self.others)}, (base,), ()))
        return self._made[0]

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the address sets by which the rules tell destinations apart."""
        return cuts((self._table(),), family)

    def names(self) -> Sequence[NamePattern]:
        """Return nothing: such rules know no names."""
        return ()

    def decide(self, target: Range | Named) -> Decision:
        """Return what the rules do with connections to a range, or to a name with such a range."""
        table = self._table()
        return decide([(table, table.leaving[0])], target.range if isinstance(target, Named) else target)
