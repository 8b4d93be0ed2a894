"""What a values file holds beyond the description of its chart opens the inventory; what starts nothing does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.facts.configuration import Configuration
from auditor.facts.places import Zone

Deploy = Callable[..., Configuration]
VALUES = "demo:\n  image: demo/server\n  tag: v2.1.0\n  env: [{name: DEMO_X, value: '1'}]\n"


def _open(configuration: Configuration) -> list[str]:
    return [g.unknown.text for g in configuration.gaps if g.unknown.subject.startswith("process:")]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("  lifecycle: {postStart: {exec: {command: [curl]}}}\n", "demo.lifecycle"),
        ("  extraEnv: [{name: DEMO_TELEMETRY, value: 'true'}]\n", "demo.extraEnv"),
        ("  worker: {image: {repository: x/y}}\n", "demo.worker.image"),
        ("  proxy: true\n", "demo.proxy"),
        ("  initContainers: [{name: half}]\n", "demo.initContainers"),
        ("  notes: |\n    #!/usr/bin/env bash\n    curl x\n", "demo.notes"),
        ("extraTemplates: ['kind: CronJob']\n", "extraTemplates"),
        ("postgresql: {primary: {args: [x]}}\n", "postgresql.primary.args"),
        ('jobs: {nightly: "kind: CronJob"}\n', "jobs.nightly"),
    ],
)
def test_a_key_that_may_start_something_is_told(deploy: Deploy, more: str, key: str) -> None:
    (text,) = _open(deploy({"values.yaml": VALUES + more}))
    reason = f"The values key {key} may start or set something that the catalog's description of the chart does not explain"
    assert text.startswith(f"{reason} (values.yaml:")


@pytest.mark.parametrize(
    "more",
    [
        "",
        "  podAnnotations: {team: platform}\n  resources: {limits: {cpu: '1'}}\n",
        "  initContainers: []\n  lifecycle: {}\n  proxy: false\n  command: [/opt/demo]\n",
        "  service: {type: ClusterIP}\ningress: {enable: true, host: demo.corp.example}\n",
    ],
)
def test_a_key_that_starts_nothing_is_left_alone(deploy: Deploy, more: str) -> None:
    zone = Zone("corp", "customer", "customer", ("DE",), ("DE",), (), ("*.corp.example",), inside=True)
    configuration = deploy({"values.yaml": VALUES + more}, zones=(zone,))
    assert [g.unknown.subject for g in configuration.gaps] == ["demo/providers_export"]


def test_containers_of_the_values_are_processes(deploy: Deploy) -> None:
    more = "  sidecars: [{name: own, image: 'demo/server:2.1', env: [{name: DEMO_STUN, value: disable}]}]\n"
    more += "  initContainers: [{name: more, image: curlimages/curl, args: [x]}]\n"
    configuration = deploy({"values.yaml": VALUES + more})
    assert _open(configuration) == [
        "Nothing explains the process more (image curlimages/curl) at values.yaml:6: what it sends is open"
    ]
    assert [s.chain[0].value for s in configuration.settings if s.key == "stun"] == ["disable"]


def test_the_command_of_a_chart_is_read_as_one(deploy: Deploy) -> None:
    shell = deploy({"values.yaml": VALUES + "  command: [sh, -c, 'DEMO_TELEMETRY=true demo serve']\n"})
    assert _open(shell) == ["The command of the chart demo runs the script sh -c: what it sets or starts is open (values.yaml:5)"]


def test_the_image_of_a_chart_must_be_the_product(deploy: Deploy) -> None:
    assert _open(deploy({"values.yaml": VALUES.replace("demo/server", "corp/mystery")})) == [
        "The image corp/mystery:v2.1.0 is not known to be Demo (values.yaml:3)"
    ]
