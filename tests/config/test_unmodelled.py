"""What the catalog does not model is ignored, unless it names a place that is not inside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.config.hosts_in_text import hosts_named
from auditor.facts.configuration import Configuration
from auditor.facts.places import Zone

Deploy = Callable[..., Configuration]
CORP = (Zone("corp", "customer", "customer", ("DE",), ("DE",), ("10.0.0.0/8",), ("*.corp.example",), inside=True),)


def _told(configuration: Configuration) -> list[str]:
    return [g.unknown.text for g in configuration.gaps if "does not say what for" in g.unknown.text]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"demo.env": "DEMO_SINK=https://x.example.net/y\n"}, "DEMO_SINK names x.example.net (demo.env:1)"),
        ({"demo.env": 'DEMO_SINK={"to": "tcp://x.example.net:1"}\n'}, "DEMO_SINK names x.example.net (demo.env:1)"),
        ({"demo.env": "DEMO_SINK=a.corp.example:1,x.example.net:4317\n"}, "DEMO_SINK names x.example.net (demo.env:1)"),
        ({"demo.env": "DEMO_SINK_HOST=x.example.net\n"}, "DEMO_SINK_HOST names x.example.net (demo.env:1)"),
        ({"demo.env": "DEMO_SINK=192.0.2.1:53\n"}, "DEMO_SINK names 192.0.2.1 (demo.env:1)"),
        (
            {"d.service": "[Service]\nExecStart=/bin/demo serve --sink=grpc://x.example.net:1\n"},
            "--sink names x.example.net (d.service:2)",
        ),
        (
            {"d.service": "[Service]\nExecStart=/bin/demo serve --sink x.example.net:1\n"},
            "--sink names x.example.net (d.service:2)",
        ),
        (
            {"d.service": "[Service]\nExecStart=/bin/demo serve https://x.example.net\n"},
            "an argument names x.example.net (d.service:2)",
        ),
        (
            {"demo.env": "DEMO_X=1\n", "demo.yaml": "sinks: [{to: 'https://x.example.net'}]\n"},
            "sinks.0.to names x.example.net (demo.yaml:1)",
        ),
        (
            {"values.yaml": "demo: {image: demo/server, env: [], dump: 'https://x.example.net'}\n"},
            "demo.dump names x.example.net (values.yaml:1)",
        ),
    ],
)
def test_an_unknown_name_for_a_place_outside_opens(deploy: Deploy, files: dict[str, str], told: str) -> None:
    assert _told(deploy(files, zones=CORP)) == [f"{told}, and the catalog does not say what for"]


@pytest.mark.parametrize(
    "files",
    [
        {
            "demo.env": "DEMO_SINK=https://x.corp.example\nA=http://10.1.2.3:80\nB=http://sink:80\nC=0.0.0.0:443\nD=http://localhost:1\n"
        },
        {
            "demo.env": "DEMO_BASE_URL=https://api.demo.example\nA=12:30\nB=v1.2\nC=http://x.models.svc.cluster.local\nD=x.example.net\n"
        },
        {"d.service": "[Service]\nExecStart=/bin/demo serve --telemetry=https://x.example.net\n"},
        {"demo.env": "DEMO_X=1\n", "demo.yaml": "$schema: https://json.example.net/demo\n"},
    ],
    ids=["inside", "modelled or no place", "modelled flag", "schema"],
)
def test_what_names_no_place_outside_is_left_alone(deploy: Deploy, files: dict[str, str]) -> None:
    assert _told(deploy(files, zones=CORP)) == []


def test_fields_of_a_list_that_nobody_models_are_seen(deploy: Deploy) -> None:
    rows = '[{"name": "a", "type": "openai", "base_url": "https://in.example.net", "enabled": true, "mirror": "https://x.example.net"}]'
    configuration = deploy({"demo.env": "DEMO_X=1\n", "rows.json": rows}, origins={"rows.json": "GET /providers"}, zones=CORP)
    assert _told(configuration) == ["0.mirror names x.example.net (rows.json:1), and the catalog does not say what for"]


def test_an_id_of_a_model_is_no_host_with_a_port() -> None:
    assert list(hosts_named("MODEL", "eu.anthropic.claude-sonnet-4-v1:0")) == []
    assert [p.host for p in hosts_named("MODEL", "llm.vendor.example:10 api-v1.vendor.example:8")] == [
        "llm.vendor.example",
        "api-v1.vendor.example",
    ]


def test_hosts_in_a_text() -> None:
    text = "see https://a.example/x and ftp://b.example:21, c.example:9 [2001:db8::1]:53 d.example e:1"
    assert [p.host for p in hosts_named("note", "(http://$HOST.x:1) file:///etc/x {http://[::1]:1}")] == ["$HOST.x:1", "::1"]
    assert [p.host for p in hosts_named("note", text)] == ["a.example", "b.example", "c.example", "2001:db8::1", "e"]
