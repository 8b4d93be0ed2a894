"""Envoy AI Gateway: every Backend object is a destination, and an object of somebody else is not one."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main
from tests.catalog.bench import ON, Bench, Outward

HEAD = "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: Backend\nmetadata: {{name: {name}}}\nspec:\n  endpoints:\n"
MONITOR = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m}\nspec:\n  endpoints: [{port: http}]\n"


def backend(name: str, endpoint: str) -> str:
    return HEAD.format(name=name) + f"    - {endpoint}\n"


LOCAL = backend("local", "fqdn: {hostname: vllm.corp.example, port: 8000}")
CLOUD = backend("cloud", "fqdn: {hostname: bedrock-runtime.eu-central-1.amazonaws.com, port: 443}")
NUMBER = backend("number", "ip: {address: 203.0.113.9, port: 8080}")
BEDROCK: Outward = {
    "backends:bedrock-runtime.eu-central-1.amazonaws.com": ("bedrock-runtime.eu-central-1.amazonaws.com", ON),
}


def gateway(*objects: str) -> Bench:
    return Bench(
        product="envoy-ai-gateway",
        version="0.4",
        image="envoyproxy/ai-gateway-controller:v0.4.0",
        files={"backends.yaml": ("", "---\n".join(objects))},
    )


@pytest.mark.parametrize(
    ("objects", "appears"),
    [
        ((LOCAL,), {}),
        ((LOCAL, CLOUD), BEDROCK),
        ((CLOUD, LOCAL), BEDROCK),
        ((LOCAL, NUMBER), {"backends:203.0.113.9": ("203.0.113.9", ON)}),
    ],
)
def test_every_backend_is_a_destination(tmp_path: Path, objects: tuple[str, ...], appears: Outward) -> None:
    bench = gateway(*objects)
    assert bench.outward(tmp_path) == appears
    assert "backends:vllm.corp.example" in bench.flows(tmp_path)
    found = bench.configuration(tmp_path)
    assert (found.gaps, found.not_examined) == ((), ())


def test_without_backends_the_inventory_is_open(tmp_path: Path) -> None:
    found = gateway(MONITOR).configuration(tmp_path)
    assert [g.unknown.subject for g in found.gaps] == ["sys/backends"]
    assert len(found.not_examined) == 1


def test_a_backend_alone_does_not_show_the_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "backend.yaml").write_text(CLOUD)
    main(["model", str(tmp_path)])
    alone = capsys.readouterr().out
    (tmp_path / "compose.yaml").write_text('{"services": {"g": {"image": "envoyproxy/ai-gateway-controller:v0.4.0"}}}')
    assert main(["model", str(tmp_path)]) == 0
    assert ("Envoy AI Gateway" in alone, "Envoy AI Gateway" in capsys.readouterr().out) == (False, True)


ROUTE = """apiVersion: aigateway.envoyproxy.io/v1alpha1
kind: AIServiceBackend
metadata: {name: cloud}
spec: {schema: {name: AWSBedrock}, backendRef: {name: cloud, kind: Backend, group: gateway.envoyproxy.io}}
---
apiVersion: aigateway.envoyproxy.io/v1alpha1
kind: AIGatewayRoute
metadata: {name: r}
spec:
  rules:
    - matches: [{headers: [{name: x-ai-eg-model, value: "us.meta.llama3-1b-instruct-v1:0"}]}]
      backendRefs: [{name: cloud}]
"""


def test_its_own_objects_show_the_product_without_its_controller(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gateway.yaml").write_text(f"{ROUTE}---\n{CLOUD}")
    assert main(["model", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "Envoy AI Gateway in gateway.yaml" in told
    assert "contacts bedrock-runtime.eu-central-1.amazonaws.com" in told
    assert "Not examined" not in told


def test_no_country_is_told_by_a_host_whose_models_may_run_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gateway.yaml").write_text(f"{ROUTE}---\n{CLOUD}")
    main(["model", str(tmp_path)])
    told = capsys.readouterr().out
    assert "processing not known: the model id decides where it processes, and the host alone does not" in told
    assert "instruct-v1," not in told, "the id of a model has the form of a host with a port"
