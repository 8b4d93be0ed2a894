"""The examples of a profile, judged over the graph that a deployment would have."""

from __future__ import annotations

from auditor.evaluate.examples import judge_examples
from auditor.facts.examples import ExampleReport
from auditor.graph import build_graph


def run_examples(name_or_path: str) -> ExampleReport:
    """Return what the controls of a profile say to its own examples and to those of all that it extends.

    Raises:
        AuditorError: whatever ``evaluate.examples.judge_examples`` raises.
    """
    return judge_examples(name_or_path, build_graph)
