"""All shipped profiles over one large deployment: processor time by number of flows, and how far from linear the growth is.

Run: ``python -m benchmarks.judgement [COMPONENTS FLOWS]``. The deployment is the same every time: nearly a fifth of the flows
cross the perimeter, most of them carry content, one in fifty is open. Building the model is no part of the time; the peer is the
same judgement over a quarter of the flows in the same run, so that a slow machine changes both.
"""

from __future__ import annotations

import gc
import sys
import time
from typing import Any

from auditor.cli import OBJECTS_BETWEEN_COLLECTIONS
from auditor.evaluate import assess, load_ladder, load_profile, shipped_profiles
from auditor.evaluate.miniature import AS_OF, miniature
from auditor.facts.context import AssessmentContext
from auditor.facts.evidence import FileLocation
from auditor.facts.model import Model
from auditor.graph import build_graph

COMPONENTS, FLOWS = 10_000, 100_000
TARGET = 5.0
"""Seconds for all shipped profiles, 10,000 components and 100,000 flows."""
_QUARTER = 4
_ROLES = (
    ("execution", "workspace"),
    ("agent_loop", "agent_loop"),
    ("inference", "model_gateway"),
    ("inference", "model_server"),
    ("control_plane", "dashboard_api"),
    ("supporting", "source_control"),
)
_DATA = ("content.prompt", "content.source_code", "metadata.usage", "metadata.repository", "secret.credential")
_PLACES = {
    "site": {"perimeter": "inside", "operator": "customer", "hosted_by": "customer", "operator_country": "DE"},
    "vendor": {"perimeter": "outside", "operator": "vendor", "hosted_by": "vendor", "operator_country": "US"},
}


def deployment(components: int, flows: int) -> Model:
    """Return a deployment of so many components and flows; one component in ten is a vendor's."""
    facts: dict[str, Any] = {
        "places": {
            "site": {**_PLACES["site"], "processing": ["DE"], "storage": ["DE"]},
            "vendor": {**_PLACES["vendor"], "processing": ["DE", "US"], "storage": ["US"]},
        },
        "components": {f"c{n}": _component(n) for n in range(components)},
        "flows": {f"f{n}": _flow(n, components) for n in range(flows)},
        "stores": {
            f"s{n}": {"at": f"c{n * 10}", "data": ["content.transcript"], "country": ["DE"]} for n in range(components // 10)
        },
    }
    place = FileLocation("benchmark.yaml", "0" * 64, 1, 1)
    return miniature(facts, "benchmark", place, build_graph)


def _component(number: int) -> dict[str, str]:
    plane, role = _ROLES[number % len(_ROLES)]
    return {"plane": plane, "role": role, "place": "vendor" if number % 10 == 0 else "site"}


def _flow(number: int, components: int) -> dict[str, Any]:
    """Return a flow between two components: a multiplicative step spreads the ends evenly, with no random number."""
    source, destination = number * 7919 % components, (number * 104_729 + 1) % components
    exists = "unknown" if number % 50 == 0 else "no" if number % 5 == 0 else "yes"
    return {
        "from": f"c{source}",
        "to": f"c{destination}",
        "sends": [_DATA[number % len(_DATA)]],
        "exists": exists,
        "traffic": "data" if number % 3 == 0 else "none",
    }


def measure(model: Model) -> float:
    """Return the seconds of processor time of judging ``model`` by every shipped profile."""
    profiles = [load_profile(name) for name in shipped_profiles()]
    context = AssessmentContext(tool="benchmark", as_of=AS_OF, catalog_sha256="0" * 64, inputs=(), ladder=load_ladder())
    began = time.process_time()
    assess(model, profiles, context)
    return time.process_time() - began


def main(arguments: list[str]) -> None:
    """Print one line a size, and the ratio of growth; nothing fails by the clock."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    components, flows = (int(a) for a in arguments) if arguments else (COMPONENTS, FLOWS)
    quarter = measure(deployment(components, flows // _QUARTER))
    whole = measure(deployment(components, flows))
    print(f"{components} components, {flows // _QUARTER} flows: {quarter:.2f} s")
    print(f"{components} components, {flows} flows: {whole:.2f} s (target {TARGET} s)")
    print(f"{_QUARTER} times the flows take {whole / quarter:.2f} times as long; linear is at most {_QUARTER}")


if __name__ == "__main__":
    main(sys.argv[1:])
