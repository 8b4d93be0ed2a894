# ruff: noqa: E501 -- lines of YAML and JSON in texts stay whole
"""Every format yields the same bindings: N readers, no product."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from auditor.catalog.product import Chart
from auditor.config.bindings import Launch, Library, sources_of
from auditor.config.formats import read_launches
from auditor.config.formats.helm import is_chart, read_helm
from auditor.documents import read_tree


def _library(folder: Path, files: dict[str, str]) -> Library:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return Library(sources_of(read_tree(folder, folder).documents, ()))


def _shown(launch: Launch) -> dict[str, str | None]:
    return {name: bound.value for name, bound in sorted(launch.env.items())}


COMPOSE_MAP = """
    services:
      app: {image: x/app, command: serve --a=1, env_file: [app.env, {path: gone.env, required: false}], environment: {B: "${B:-two}", C: "3"}}
    """
COMPOSE_LIST = """
    services:
      app: {image: x/app, command: [serve, --a=1], env_file: app.env, environment: ["B=two", "C=3"]}
    """
UNIT = """
    [Service]
    Environment=B=two "C=3"
    EnvironmentFile=/etc/app/app.env
    ExecStart=/usr/bin/serve --a=1
    """
POD = """
    apiVersion: workers.example/v1
    kind: Custom
    spec:
      template:
        spec:
          containers:
            - {name: app, image: x/app, args: [serve, --a=1], envFrom: [{configMapRef: {name: m}}], env: [{name: B, value: old}, {name: B, value: two}, {name: C, value: "3"}]}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: m}
    data: {A: one, C: lost}
    """


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": COMPOSE_MAP, "app.env": "A=one\nC=lost\n"},
        {"compose.yaml": COMPOSE_LIST, "app.env": "A=one\nC=lost\n"},
        {"app.service": UNIT, "etc/app.env": "A=one\n"},
        {"pod.yaml": POD},
    ],
    ids=["compose-map", "compose-list", "systemd", "kubernetes"],
)
def test_formats_agree(tmp_path: Path, files: dict[str, str]) -> None:
    launches = read_launches(_library(tmp_path, files))
    assert [_shown(x) for x in launches] == [{"A": "one", "B": "two", "C": "3"}]
    assert [w.text.rsplit("/", 1)[-1] for w in launches[0].words] == ["serve", "--a=1"]
    assert (launches[0].opaque, launches[0].complete) == ((), True)


def test_what_is_not_in_the_inputs_is_opaque_and_told(tmp_path: Path) -> None:
    compose = "services:\n  app: {image: a, env_file: gone.env, environment: [PASSED, 'B=${NOBODY}']}\n"
    (launch,) = read_launches(_library(tmp_path, {"compose.yaml": compose}))
    assert [o.reason for o in launch.opaque] == ["env_file takes gone.env, which is not in the inputs"]
    assert {n: (b.value, b.reason, b.surely) for n, b in launch.env.items()} == {
        "PASSED": (None, "its value is taken from the shell that runs compose", False),
        "B": (None, "${NOBODY} has no value in the inputs", False),
    }


def test_dotenv_fills_a_compose_file_and_is_no_environment_by_itself(tmp_path: Path) -> None:
    files = {"d/compose.yaml": "services: {app: {image: 'a:${TAG}', environment: {A: '${A}'}}}\n", "d/.env": "A=one\nTAG=7\n"}
    launches = read_launches(_library(tmp_path, files))
    assert [(x.image, _shown(x)) for x in launches] == [("a:7", {"A": "one"})]


def test_a_bare_env_file_shows_no_command_line(tmp_path: Path) -> None:
    (launch,) = read_launches(_library(tmp_path, {"app.env": 'export A="one"\nB=$A-two\n'}))
    assert (_shown(launch), launch.complete) == ({"A": "one", "B": "one-two"}, False)


def test_secrets_in_the_inputs_give_names_without_values(tmp_path: Path) -> None:
    pod = """
        apiVersion: v1
        kind: Pod
        spec: {containers: [{name: a, image: b, envFrom: [{prefix: X_, secretRef: {name: s}}]}]}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: s}
        stringData: {KEY: value}
        """
    (launch,) = read_launches(_library(tmp_path, {"pod.yaml": pod}))
    assert {n: (b.value, b.surely) for n, b in launch.env.items()} == {"X_KEY": (None, True)}


def test_helm_values_need_the_chart_of_a_product(tmp_path: Path) -> None:
    values = """
        app:
          image: {repo: x/app}
          env: [{name: A, value: one}, {name: A, value: two}]
          envFrom: [{secretRef: {name: hidden}}]
          args: [serve]
        """
    library = _library(tmp_path, {"values.yaml": values, "other/values.yaml": "x: {y: 1}\n"})
    chart = Chart("app", "server", ("app.env",), ("app.env",), ("app.envFrom",), ("app.args",), ("app.image.repo",))
    assert [(s.document.path, is_chart(s, chart)) for s in library.sources] == [
        ("other/values.yaml", False),
        ("values.yaml", True),
    ]
    (launch,) = read_helm(library.sources[1], library, chart)
    assert (_shown(launch), launch.image, [w.text for w in launch.words], len(launch.opaque)) == (
        {"A": "two"},
        "x/app",
        ["serve"],
        1,
    )


BASE = """
    services:
      base: {image: x/base, entrypoint: [run], command: [--a], environment: {A: "1", B: "1"}}
      middle: {extends: {service: base}, environment: {B: "2"}, command: [--b]}
    """


@pytest.mark.parametrize(
    ("extends", "image"),
    [("{service: middle, file: base/compose.yaml}", "x/base"), ("{service: middle, file: ./base/compose.yaml}", "x/own")],
)
def test_a_service_is_laid_over_what_it_extends(tmp_path: Path, extends: str, image: str) -> None:
    own = f"services: {{app: {{extends: {extends}, image: {image}, environment: {{C: '3'}}}}}}"
    launches = read_launches(_library(tmp_path, {"compose.yaml": own, "base/compose.yaml": BASE}))
    (app,) = [x for x in launches if x.name == "app"]
    assert (app.image, [w.text for w in app.words], [w.text for w in app.program]) == (image, ["run", "--b"], ["run"])
    assert (_shown(app), app.opaque) == ({"A": "1", "B": "2", "C": "3"}, ())
    assert app.env["A"].evidence.location.path == "base/compose.yaml"  # type: ignore[union-attr]


@pytest.mark.parametrize("extends", ["{service: gone}", "{service: app, file: gone.yaml}", "app", "{service: a}"])
def test_what_a_service_extends_and_nobody_shows_is_open(tmp_path: Path, extends: str) -> None:
    text = f"services: {{app: {{image: x, extends: {extends}}}, a: {{image: y, extends: b}}, b: {{image: y, extends: a}}}}"
    (app,) = [x for x in read_launches(_library(tmp_path, {"compose.yaml": text})) if x.name == "app"]
    assert any("extends another definition, which is not in the inputs" in o.reason for o in app.opaque)


UNIT_FILE = "[Service]\nEnvironment=A=1 B=1\nEnvironmentFile=/etc/own.env\nExecStart=/usr/bin/serve --one\n"


def test_drop_ins_are_laid_over_their_unit_by_file_name(tmp_path: Path) -> None:
    files = {
        "units/app.service": UNIT_FILE,
        "units/app.service.d/20-late.conf": "[Service]\nEnvironment=B=3\nExecStart=\nExecStart=/usr/bin/serve --two\n",
        "other/app.service.d/10-early.conf": "[Service]\nEnvironment=B=2 C=2\n",
        "units/service.d/15-all.conf": "[Service]\nEnvironment=D=4\n",
        "units/other.service.d/10.conf": "[Service]\nEnvironment=A=9\n",
        "own.env": "A=7\n",
    }
    launches = {x.name: x for x in read_launches(_library(tmp_path, files))}
    app = launches["app"]
    assert (_shown(app), [w.text for w in app.words]) == ({"A": "7", "B": "3", "C": "2", "D": "4"}, ["/usr/bin/serve", "--two"])
    assert (app.hidden, app.complete, "other/app.service.d/10-early.conf" in app.linked) == ((), True, True)
    # A drop-in without its unit shows a part of a process.
    assert (_shown(launches["other"]), launches["other"].complete, set(launches)) == (
        {"A": "9", "D": "4"},
        False,
        {"app", "other"},
    )


def test_an_empty_assignment_in_a_drop_in_forgets_what_the_unit_says(tmp_path: Path) -> None:
    drop_in = "[Service]\nEnvironment=\nEnvironment=C=3\nEnvironmentFile=\n"
    (app,) = read_launches(_library(tmp_path, {"app.service": UNIT_FILE, "app.service.d/a.conf": drop_in}))
    assert (_shown(app), app.opaque) == ({"C": "3"}, ())


def test_a_second_command_of_a_drop_in_runs_besides(tmp_path: Path) -> None:
    drop_in = "[Service]\nExecStart=/usr/bin/more\n"
    (app,) = read_launches(_library(tmp_path, {"app.service": UNIT_FILE, "app.service.d/a.conf": drop_in}))
    assert [o.reason for o in app.hidden] == ["ExecStart runs /usr/bin/more: what it sets or starts is open"]


@pytest.mark.parametrize(
    "include", ["include: [more.yaml]", "include: [{path: more.yaml}]", "include: [{path: [compose2.yaml, more.yaml]}]"]
)
def test_an_included_compose_file_that_is_missing_runs_something(tmp_path: Path, include: str) -> None:
    files = {"compose.yaml": f"{include}\nservices: {{app: {{image: a}}}}\n", "compose2.yaml": "services: {b: {image: b}}\n"}
    launches = {x.name: x for x in read_launches(_library(tmp_path / "without", files))}
    assert set(launches) == ({"app", "b", "more.yaml"})
    assert [o.reason for o in launches["more.yaml"].hidden] == [
        "include takes more.yaml, which is not in the inputs: what it starts is open"
    ]
    files["more.yaml"] = "services: {c: {image: c}}\n"
    assert {x.name for x in read_launches(_library(tmp_path / "with", files))} == {"app", "b", "c"}


def test_ephemeral_containers_are_processes(tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: b}], ephemeralContainers: [{name: debug, image: busybox}]}\n"
    assert [x.image for x in read_launches(_library(tmp_path, {"pod.yaml": pod}))] == ["b", "busybox"]


def test_a_service_is_what_its_dockerfile_starts_from(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n  gateway:\n    build: {context: ./gateway, dockerfile: Containerfile}\n    environment: {A: own}\n"
        "  other: {build: ./elsewhere, image: corp/other:1}\n  staged: {build: {context: gateway, dockerfile: Containerfile, target: x}}\n",
        "gateway/Containerfile": 'FROM ghcr.io/berriai/litellm:v1.92.0\nENV A=image B=image\nCMD ["--config", "/app/c.yaml"]\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = {x.name: x for x in read_launches(Library(sources_of(read_tree(tmp_path, tmp_path).documents, ())))}
    gateway = found["gateway"]
    assert gateway.image == "ghcr.io/berriai/litellm:v1.92.0"
    assert ({k: b.value for k, b in gateway.env.items()}, [w.text for w in gateway.words]) == (
        {"A": "own", "B": "image"},
        ["--config", "/app/c.yaml"],
    )
    assert (found["other"].image, found["staged"].image) == ("corp/other:1", "")
    assert len(found) == 3
