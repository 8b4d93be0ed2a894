"""n assessments become one comparison; pure, over ``assessment/v1`` records alone."""

from auditor.compare.baseline import with_baseline
from auditor.compare.change import with_change
from auditor.compare.comparison import Candidate, compare
from auditor.compare.difference import difference
from auditor.compare.history import history
from auditor.compare.reading import WORD_LIMIT

__all__ = ["WORD_LIMIT", "Candidate", "compare", "difference", "history", "with_baseline", "with_change"]
