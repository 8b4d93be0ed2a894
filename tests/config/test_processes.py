# ruff: noqa: E501 -- lines of YAML in texts stay whole
"""A process that is not known whole keeps the inventory open: shells, hooks, replaced programs, foreign images."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.facts.configuration import Configuration

Deploy = Callable[..., Configuration]
COMPOSE = "services: {{app: {{image: {image}, environment: {{DEMO_X: '1'}}{more}}}}}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: app, image: {image}, env: [{{name: DEMO_X, value: '1'}}]{more}}}]}}\n"
UNIT = "[Service]\nEnvironment=DEMO_X=1\nExecStart={start}\n{more}\n"


def _open(configuration: Configuration) -> list[str]:
    return [g.unknown.text for g in configuration.gaps if g.unknown.subject.startswith("process:")]


def _compose(more: str, image: str = "demo/server:2.1") -> dict[str, str]:
    return {"compose.yaml": COMPOSE.format(image=image, more=more)}


def _pod(more: str, image: str = "demo/server:2.1") -> dict[str, str]:
    return {"pod.yaml": POD.format(image=image, more=more)}


def _unit(start: str, more: str = "") -> dict[str, str]:
    return {"demo.service": UNIT.format(start=start, more=more)}


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (_pod(", command: [/bin/sh, -c, 'exec demo serve']"), "The container app runs the script /bin/sh -c"),
        (_pod(", args: [bash, -lc, 'demo serve']"), "The container app runs the script bash -lc"),
        (_pod(", command: [tini, --, /start.sh]"), "The container app runs the script /start.sh"),
        (_pod(", command: [python3, -c, 'import os']"), "The container app runs the script python3 -c"),
        (_pod(", lifecycle: {postStart: {exec: {command: [curl]}}}"), "Lifecycle of the container app runs something besides"),
        (_compose(", entrypoint: sh -c 'demo serve'"), "The service app runs the script sh -c"),
        (_compose(", command: /entry.sh"), "The service app runs the script /entry.sh"),
        (_compose(", post_start: [{command: curl x}]"), "Post_start of the service app runs something besides"),
        (_compose(", build: ."), "The image of the service app is built here, and what the build puts into it is open"),
        (_unit("/bin/sh -c 'demo serve'"), "ExecStart runs the script /bin/sh -c"),
        (_pod(", command: [env, DEMO_TELEMETRY=true, demo, serve]"), "The container app runs the script env"),
        (_pod(", command: [/usr/bin/proxychains, demo, serve]"), "app runs /usr/bin/proxychains demo serve, which is not"),
        (_unit("/usr/bin/proxychains demo serve"), "demo runs /usr/bin/proxychains demo serve, which is not known"),
        (_unit("-/opt/demo.sh serve"), "ExecStart runs the script -/opt/demo.sh"),
        (_unit("/bin/demo serve", "ExecStartPre=/bin/curl https://x.example"), "ExecStartPre runs /bin/curl"),
        (_unit("/bin/demo serve", "ExecStartPost=-/opt/after"), "ExecStartPost runs -/opt/after"),
        (_unit("/bin/demo serve", "ExecStart=/bin/other"), "ExecStart runs /bin/other"),
    ],
)
def test_what_runs_unseen_is_told_with_its_place(deploy: Deploy, files: dict[str, str], text: str) -> None:
    (path,) = files
    (found,) = _open(deploy(files))
    assert found.startswith(text)
    assert f"({path}:" in found


@pytest.mark.parametrize(
    "files",
    [
        _pod(""),
        _pod(", command: [/opt/demo, serve], args: [--shell=bash]"),
        _pod(", command: [/sbin/tini, -s, --, gosu, user, /opt/demo, serve]"),
        _unit("-/bin/demo serve --x"),
        _pod(", args: [--hook=x.sh, --shell, bash]"),
        _compose(", entrypoint: [demo], command: [serve]"),
        _compose(", command: [--x=1]", image="registry.corp.example/mirror/demo/server@sha256:" + "0" * 64),
        _unit("/bin/demo serve", "ExecReload=/bin/kill -HUP $MAINPID\nExecStartPre=-/bin/mkdir -p /x"),
    ],
)
def test_a_plain_process_is_known_whole(deploy: Deploy, files: dict[str, str]) -> None:
    assert _open(deploy(files)) == []


@pytest.mark.parametrize("files", [_pod("", "corp/mystery:1"), _compose(", command: demo serve", "corp/mystery:1")])
def test_names_of_variables_do_not_make_an_image_the_product(deploy: Deploy, files: dict[str, str]) -> None:
    (path,) = files
    configuration = deploy(files)
    line = 1 if path == "compose.yaml" else 4
    assert _open(configuration) == [f"The image corp/mystery:1 is not known to be Demo ({path}:{line})"]
    (setting,) = (s for s in configuration.settings if s.key == "stun")
    assert setting.chain == ()
    assert [g.components for g in configuration.gaps if g.unknown.subject.startswith("process:")] == [("demo/server",)]


def test_another_program_in_the_image_is_not_the_product(deploy: Deploy) -> None:
    assert _open(deploy(_pod(", command: [/opt/demo, relay]"))) == [
        "app runs /opt/demo relay, which is not known to be Demo (pod.yaml:4)"
    ]
