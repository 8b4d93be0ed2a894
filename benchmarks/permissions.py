"""Time and memory of the permitted basis: workloads x policies, every region of both address families, dialect by dialect.

``python -m benchmarks.permissions [WORKLOADS POLICIES]`` prints one line for each dialect and each of four sizes up to the one
asked for, in processor seconds. The peer of a run is the run of half its size: growth is near-linear while twice the workloads
and twice the policies take about twice the time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from auditor.documents import read_tree
from auditor.network import ANYWHERE, Answers, Source, read_cluster, read_governed, read_platform
from auditor.pipeline.permits_difference import permits_difference

NAMESPACES = 100
LIMIT_SECONDS, LIMIT_MIB = 10, 1024
_KUBERNETES = """\
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
_CILIUM = """\
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: p{n}, namespace: n{space}}}
spec:
  endpointSelector: {{matchLabels: {{app: a{app}}}}}
  egress:
    - toCIDRSet: [{{cidr: 10.{app}.{space}.0/24, except: [10.{app}.{space}.128/25]}}]
      toPorts: [{{ports: [{{port: '{port}', protocol: TCP}}]}}]
    - toFQDNs: [{{matchName: h{n}.example}}]
  egressDeny:
    - toCIDR: [10.{app}.{space}.64/26]
"""
_POD = """\
---
apiVersion: v1
kind: Pod
metadata: {{name: w{n}, namespace: n{space}, labels: {{app: a{app}, n: '{n}'}}}}
spec: {{}}
"""
POLICIES = {"kubernetes": (_KUBERNETES, "conformant"), "cilium": (_CILIUM, "cilium")}
DIALECTS = (*POLICIES, "iptables", "difference")
"""``difference`` is ``permits --diff`` with its reading, of as many groups of pods as there are namespaces and labels."""


def clusters(dialect: str, workloads: int, policies: int) -> tuple[float, float, int]:
    """Return the processor seconds to read and to analyse a cluster, and its regions."""
    policy, plugin = POLICIES[dialect]
    pods = "".join(_POD.format(n=n, space=n % NAMESPACES, app=n // NAMESPACES % 10) for n in range(workloads))
    rules = "".join(
        policy.format(n=n, space=n % NAMESPACES, app=n // NAMESPACES % 10, port=1 + n % 65535) for n in range(policies)
    )
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "objects.yaml").write_text(pods + rules, encoding="utf-8")
        start = time.process_time()
        documents = read_tree(Path(name), Path(name)).documents
        read = time.process_time()
    answers = Answers(read_cluster(documents, read_platform((("cni", plugin), ("objects", "complete")))))
    regions = sum(len(answers.regions(Source.of(p), f.family)) for p in answers.cluster.pods for f in ANYWHERE)
    return read - start, time.process_time() - read, regions


def hosts(workloads: int, policies: int) -> tuple[float, float, int]:
    """Return the same of hosts with one rule set each, all in all as many rules as ``policies``, the least one each."""
    each = max(1, policies // workloads)
    with tempfile.TemporaryDirectory() as name:
        for n in range(workloads):
            (Path(name) / f"h{n}").mkdir()
            rules = "".join(
                f"-A OUTPUT -d 10.{n % 250}.{r % 250}.0/24 -p tcp -m tcp --dport {1 + r} -j ACCEPT\n" for r in range(each)
            )
            text = f"*filter\n:OUTPUT DROP [0:0]\n{rules}COMMIT\n"
            (Path(name) / f"h{n}" / "rules.v4").write_text(text, encoding="utf-8")
        start = time.process_time()
        documents = read_tree(Path(name), Path(name)).documents
        read = time.process_time()
    governed = read_governed(documents)
    answers = Answers(read_cluster((), read_platform(())), governed)
    regions = sum(len(answers.regions(Source.governed(g), f.family)) for g in governed for f in ANYWHERE)
    return read - start, time.process_time() - read, regions


def differences(workloads: int, policies: int) -> tuple[float, float, int]:
    """Return the same of two states of a cluster side by side, one policy of which has another port: the third is what moved."""
    with tempfile.TemporaryDirectory() as name:
        for side in (0, 1):
            pods = "".join(_POD.format(n=n, space=n % NAMESPACES, app=n // NAMESPACES % 10) for n in range(workloads))
            rules = "".join(
                _KUBERNETES.format(n=n, space=n % NAMESPACES, app=n // NAMESPACES % 10, port=1 + n % 65535 + (side and n == 0))
                for n in range(policies)
            )
            (Path(name) / str(side)).mkdir()
            (Path(name) / str(side) / "objects.yaml").write_text(pods + rules, encoding="utf-8")
        start = time.process_time()
        sides = [(Path(name) / str(side),) for side in (0, 1)]
        found = permits_difference(sides[0], sides[1], "", (("cni", "conformant"), ("objects", "complete")))
    return 0.0, time.process_time() - start, len(found.changes)


def main() -> None:
    """Print the measurements; each dialect and size is a process of its own, so that peaks of memory are its own."""
    if len(sys.argv) == 4 and sys.argv[1] in DIALECTS:  # noqa: PLR2004 -- dialect, workloads, policies
        _one(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
        return
    workloads, policies = [int(a) for a in sys.argv[1:3]] or [5000, 1000]
    for dialect in DIALECTS:
        before = 0.0
        for part in (8, 4, 2, 1):
            words = [sys.executable, "-m", "benchmarks.permissions", dialect, str(workloads // part), str(policies // part)]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            read, analysed, regions, peak = done.stdout.split()
            ratio = f"{float(analysed) / before:.2f} times half the size" if before else "the smallest"
            before = float(analysed)
            fits = "" if part > 1 else f" (at most {LIMIT_SECONDS} s and {LIMIT_MIB} MiB)"
            print(
                f"{dialect:>10}  {workloads // part:>6,} workloads {policies // part:>6,} policies {int(regions):>8,} regions  "
                f"read {read} s  analysed {analysed} s: {ratio}  peak {peak} MiB{fits}"
            )


def _one(dialect: str, workloads: int, policies: int) -> None:
    import resource

    of = {"iptables": hosts, "difference": differences}.get(dialect, partial(clusters, dialect))
    read, analysed, regions = of(workloads, policies)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{read:.2f} {analysed:.2f} {regions} {peak}")


if __name__ == "__main__":
    main()
