"""The order of the stages: gather (all input), model (pure), judge (pure).

Only this package knows how the stages follow one another; the stages never import each other.
What-if, comparison and plan are calls of ``model`` and ``judge`` with changes; the comparison has a module
of its own (``pipeline.candidates``), which a plain check need not import.
"""

from auditor.pipeline.gathering import gather
from auditor.pipeline.gating import Gate, check
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Inputs, Progress, Request

__all__ = ["Gate", "Inputs", "Progress", "Request", "check", "gather", "judge", "model"]
