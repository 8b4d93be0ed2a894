"""Something added to the files of the air-gapped deployment that opens a way out, or that nobody can read, ends its pass.

The switches flip what is there; these add what was not: other settings, other processes, other arguments, a version
that the catalog does not know, a statement that the files contradict.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance import files, harness

Change = Callable[[Any], object]
"""Changes the parsed content of a file in place."""

CODER, VLLM, MANIFEST = "config/coder-values.yaml", "config/vllm.yaml", "auditor.yaml"


def _env(*pairs: tuple[str, str]) -> Change:
    return lambda values: values["coder"]["env"].extend({"name": name, "value": value} for name, value in pairs)


def _chart(**entries: object) -> Change:
    return lambda values: values["coder"].update(entries)


def _pod(objects: list[Any]) -> Any:
    return objects[0]["spec"]["template"]["spec"]


def _argument(text: str) -> Change:
    return lambda objects: _pod(objects)["containers"][0]["args"].append(text)


def _server(**entries: object) -> Change:
    return lambda objects: _pod(objects)["containers"][0].update(entries)


def _version(system: int, version: str) -> Change:
    return lambda manifest: manifest["systems"][system].update(version=version)


def _beside(**entries: object) -> Change:
    return lambda values: values.update(entries)


CURL = [{"name": "more", "image": "curlimages/curl", "args": ["https://drop.example"]}]
ADDED: dict[str, tuple[str, Change]] = {
    "traces to a vendor": (
        CODER,
        _env(("CODER_TRACE_ENABLE", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://api.honeycomb.io")),
    ),
    "traces with a vendor's key": (CODER, _env(("CODER_TRACE_HONEYCOMB_API_KEY", "x"))),
    "a fetched relay map": (CODER, _env(("CODER_DERP_CONFIG_URL", "https://controlplane.tailscale.com/derpmap/default"))),
    "mail outside": (CODER, _env(("CODER_EMAIL_SMARTHOST", "smtp.sendgrid.net:587"))),
    "a webhook outside": (
        CODER,
        _env(("CODER_NOTIFICATIONS_METHOD", "webhook"), ("CODER_NOTIFICATIONS_WEBHOOK_ENDPOINT", "https://hooks.slack.com/x")),
    ),
    "a proxy outside": (CODER, _env(("HTTPS_PROXY", "http://proxy.example.net:3128"))),
    "a second git provider": (CODER, _env(("CODER_EXTERNAL_AUTH_1_ID", "hub"), ("CODER_EXTERNAL_AUTH_1_TYPE", "github"))),
    "an own GitHub application": (CODER, _env(("CODER_OAUTH2_GITHUB_CLIENT_ID", "app"))),
    "the same variable again": (CODER, _env(("CODER_TELEMETRY_ENABLE", "true"))),
    "variables from a secret": (CODER, _chart(envFrom=[{"secretRef": {"name": "more"}}])),
    "an argument over the variable": (CODER, _chart(commandArgs=["--telemetry=true"])),
    "a configuration file that is said to be absent": (CODER, _env(("CODER_CONFIG_PATH", "/etc/coder/server.yaml"))),
    "a configuration file by argument": (CODER, _chart(commandArgs=["--config=/etc/coder/server.yaml"])),
    "a shell before the server": (
        CODER,
        _chart(command=["/bin/sh", "-c", "CODER_TELEMETRY_ENABLE=true exec /opt/coder server"]),
    ),
    "another container at start": (CODER, _chart(initContainers=CURL)),
    "a command after start": (CODER, _chart(lifecycle={"postStart": {"exec": {"command": ["curl", "https://drop.example"]}}})),
    "a container beside the server": (CODER, _chart(sidecars=CURL)),
    "variables under another key": (CODER, _chart(extraEnv=[{"name": "CODER_TELEMETRY_ENABLE", "value": "true"}])),
    "the chart as a workspace proxy": (CODER, _chart(workspaceProxy=True)),
    "the chart as a provisioner": (CODER, _beside(provisionerDaemon={"keySecretName": "key"})),
    "another program in the image": (CODER, _chart(command=["/opt/coder", "wsproxy", "server"])),
    "an image of unknown make": (CODER, _chart(image={"repo": "registry.corp.example/mystery", "tag": "v2.36.0"})),
    "a database of the chart": (CODER, _beside(postgresql={"image": {"repository": "bitnami/postgresql"}})),
    "a sink that nobody models": (CODER, _env(("OTEL_SINK", "https://drop.example"))),
    "a key of the chart that names a place outside": (CODER, _chart(annotations={"auth-url": "https://sso.example.net"})),
    "objects that the chart renders": (CODER, lambda values: values.update(extraTemplates=["kind: CronJob"])),
    "tools of the model server": (VLLM, _argument("--tool-server=https://tools.example")),
    "traces of the model server": (VLLM, _argument("--otlp-traces-endpoint=grpc://otel.example.net:4317")),
    "a sink of the model server that nobody models": (VLLM, _argument("--sink=drop.example:443")),
    "a hook of the model server": (VLLM, _server(lifecycle={"postStart": {"exec": {"command": ["curl", "drop.example"]}}})),
    "another program beside the model": (VLLM, _server(command=["/usr/bin/other"])),
    "a script before the model server": (VLLM, _server(command=["/start.sh"])),
    "a file of the model server that is said to be absent": (VLLM, _argument("--config=/etc/vllm.yaml")),
    "variables of the model server from a secret": (VLLM, _server(envFrom=[{"secretRef": {"name": "more"}}])),
    "a shell before the model server": (
        VLLM,
        _server(command=["/bin/sh", "-c", "unset VLLM_NO_USAGE_STATS; exec vllm serve /models/x"]),
    ),
    "a model server of unknown make": (VLLM, _server(image="registry.corp.example/mystery:1")),
    "a container beside the model server": (VLLM, lambda objects: _pod(objects)["containers"].extend(CURL)),
    "a container before the model server": (VLLM, lambda objects: _pod(objects).update(initContainers=CURL)),
    "a version that the catalog does not reach": (MANIFEST, _version(0, "3.0")),
    "a minor version that the catalog does not reach": (MANIFEST, _version(0, "2.99")),
    "half a version": (MANIFEST, _version(0, "2")),
    "a version that is none": (MANIFEST, _version(1, "newest")),
    "a version that another file contradicts": (CODER, lambda values: values["coder"]["image"].update(tag="v2.30.0")),
}


def _judged(folder: Path, where: str, change: Change) -> int:
    copy = files.copy_configuration(harness.DEPLOYMENTS / "coder-air-gapped", folder / "coder-air-gapped")
    file = copy / where
    documents = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    change(documents if where == VLLM else documents[0])
    file.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    return harness.assessed(harness.narrowed(harness.read(copy), "air-gapped")).exit_code


@pytest.mark.parametrize("what", ADDED)
def test_what_was_added_ends_the_pass(what: str, tmp_path: Path) -> None:
    assert _judged(tmp_path, *ADDED[what]) in {1, 3}


HARMLESS: dict[str, tuple[str, Change]] = {
    "nothing": (CODER, lambda _: None),
    "another spelling of no": (CODER, _env(("CODER_TELEMETRY_ENABLE", "0"))),
    "a log level": (CODER, _env(("CODER_LOG_FILTER", ".*"))),
    "annotations": (CODER, _chart(podAnnotations={"team": "platform"})),
    "resources and probes": (CODER, _chart(resources={"limits": {"cpu": "2"}}, readinessProbe={"initialDelaySeconds": 3})),
    "a switch of the chart that is off": (CODER, _chart(workspaceProxy=False, initContainers=[], lifecycle={})),
    "the program of the image": (CODER, _chart(command=["/opt/coder"])),
    "a patch level": (MANIFEST, _version(0, "2.36.0")),
    "traces that stay inside": (VLLM, _argument("--otlp-traces-endpoint=grpc://otel.corp.example:4317")),
    "a mirror of the image": (VLLM, _server(image="mirror.corp.example/hub/vllm/vllm-openai:v0.33.1")),
    "a smaller context": (VLLM, _argument("--gpu-memory-utilization=0.8")),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_changes_nothing_keeps_the_pass(what: str, tmp_path: Path) -> None:
    assert _judged(tmp_path, *HARMLESS[what]) == 0
