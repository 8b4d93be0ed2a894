"""Time and memory of the permitted basis: workloads x policies, every region of both address families.

``python benchmarks/permitted.py [WORKLOADS POLICIES]`` prints one line for each of four sizes up to the one asked for; growth is
near-linear when the time for one workload stays about the same.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from auditor.documents import read_tree
from auditor.network import ANYWHERE, Answers, Source, read_cluster, read_platform

NAMESPACES = 100
_POLICY = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: p{n}, namespace: n{space}}}
spec:
  podSelector: {{matchLabels: {{app: a{app}}}}}
  policyTypes: [Egress]
  egress:
    - to: [{{ipBlock: {{cidr: 10.{app}.{space}.0/24, except: [10.{app}.{space}.128/25]}}}}]
      ports: [{{port: {port}}}]
"""
_POD = """\
---
apiVersion: v1
kind: Pod
metadata: {{name: w{n}, namespace: n{space}, labels: {{app: a{app}, n: '{n}'}}}}
spec: {{}}
"""


def measure(workloads: int, policies: int) -> str:
    """Return one line: sizes, seconds to read, seconds to analyse, microseconds a workload, peak memory."""
    pods = "".join(_POD.format(n=n, space=n % NAMESPACES, app=n // NAMESPACES % 10) for n in range(workloads))
    rules = "".join(
        _POLICY.format(n=n, space=n % NAMESPACES, app=n // NAMESPACES % 10, port=1 + n % 65535) for n in range(policies)
    )
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "objects.yaml").write_text(pods + rules, encoding="utf-8")
        start = time.perf_counter()
        documents = read_tree(Path(name), Path(name)).documents
        read = time.perf_counter()
    answers = Answers(read_cluster(documents, read_platform((("cni", "conformant"), ("objects", "complete")))))
    regions = sum(len(answers.regions(Source.of(p), f.family)) for p in answers.cluster.pods for f in ANYWHERE)
    done = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    each = (done - read) / workloads * 1e6
    sizes = f"{workloads:,} workloads, {policies:,} policies, {regions:,} regions"
    return f"{sizes}: read {read - start:.1f} s, analysed {done - read:.2f} s, {each:.0f} us a workload, peak {memory} MiB"


if __name__ == "__main__":
    most = [int(a) for a in sys.argv[1:3]] or [5000, 1000]
    for part in (8, 4, 2, 1):
        print(measure(most[0] // part, most[1] // part))
