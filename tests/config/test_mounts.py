# ruff: noqa: E501 -- lines of YAML in texts stay whole
"""What a process is given by its host and the inputs do not show: mounted files, and where its log goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.config import configure
from auditor.config.bindings import Library, sources_of
from auditor.config.formats import read_launches
from auditor.documents import read_tree
from auditor.facts.evidence import FileLocation
from auditor.facts.manifest import SystemEntry
from auditor.manifest import assumed_manifest

GIVEN = "is mounted at /app/config.yaml and not in the inputs"


def given(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    library = Library(sources_of(read_tree(folder, folder).documents, ()))
    return [g.reason for launch in read_launches(library) for g in launch.given]


def compose(rest: str, top: str = "") -> dict[str, str]:
    return {"d/compose.yaml": f"services: {{a: {{image: x, {rest}}}}}\n{top}"}


@pytest.mark.parametrize(
    "volume",
    [
        '"./real.yaml:/app/config.yaml:ro"',
        '"../real.yaml:/app/config.yaml"',
        '"/etc/x/real.yaml:/app/config.yaml"',
        '"${DIR:-.}/real.yaml:/app/config.yaml"',
        '"${DIR}/real.yaml:/app/config.yaml"',
        '"${DIR:?say where}/real.yaml:/app/config.yaml"',
        '"$PWD/real.yaml:/app/config.yaml"',
        "{type: bind, source: ./real.yaml, target: /app/config.yaml}",
    ],
)
def test_a_mounted_file_that_the_inputs_lack_is_told(tmp_path: Path, volume: str) -> None:
    other = {"d/other.yaml": "a: 1\n"}
    (told,) = given(tmp_path, compose(f"volumes: [{volume}]") | other)
    assert GIVEN in told
    assert "real.yaml" in told


@pytest.mark.parametrize(
    ("volume", "name"),
    [
        ('"./real.yaml:/app/config.yaml:ro"', "d/real.yaml"),
        ('"../real.yaml:/app/config.yaml"', "real.yaml"),
        ('"${PWD}/real.yaml:/app/config.yaml"', "d/real.yaml"),
        ('"/etc/x/real.yaml:/app/config.yaml"', "elsewhere/real.yaml"),
        ('"data.yaml:/app/config.yaml"', "d/other.yaml"),
        ('"./data:/data"', "d/other.yaml"),
        ('"./tls/server.crt:/tls/server.crt"', "d/other.yaml"),
        ("{type: volume, source: data, target: /app/config.yaml}", "d/other.yaml"),
        ('{type: bind, source: ./real.yaml, target: /app/config.yaml, content: "a: 1"}', "d/other.yaml"),
    ],
)
def test_a_mount_that_is_shown_or_sets_nothing_is_no_gap(tmp_path: Path, volume: str, name: str) -> None:
    assert given(tmp_path, compose(f"volumes: [{volume}]") | {name: "a: 1\n"}) == []


def test_two_files_of_one_name_do_not_stand_for_a_path_of_the_machine(tmp_path: Path) -> None:
    files = {"one/real.yaml": "a: 1\n", "two/real.yaml": "a: 2\n"}
    assert len(given(tmp_path, compose('volumes: ["/etc/x/real.yaml:/app/config.yaml"]') | files)) == 1


@pytest.mark.parametrize(
    "rest",
    [
        "command: [--config, /app/conf/real.yaml], volumes: ['./conf:/app/conf']",
        "command: --config=/app/conf/real.yaml, volumes: ['./conf/:/app/conf/:ro']",
        "environment: {CONFIG: /app/conf/real.yaml}, volumes: [{type: bind, source: ./conf, target: /app/conf}]",
    ],
)
def test_a_file_that_is_named_in_a_mounted_folder_is_looked_for(tmp_path: Path, rest: str) -> None:
    (told,) = given(tmp_path / "x", compose(rest) | {"d/other.yaml": "a: 1\n"})
    assert "conf/real.yaml is mounted at /app/conf/real.yaml and not in the inputs" in told
    assert given(tmp_path / "y", compose(rest) | {"d/conf/real.yaml": "a: 1\n"}) == []


def test_configs_of_compose_that_stand_in_files_are_followed(tmp_path: Path) -> None:
    top = "configs: {c: {file: ./real.yaml}, d: {content: 'a: 1'}}\n"
    files = compose("configs: [{source: c, target: /app/config.yaml}, d]", top)
    assert [GIVEN in g for g in given(tmp_path / "x", files)] == [True]
    assert given(tmp_path / "y", files | {"d/real.yaml": "a: 1\n"}) == []


def test_a_base_that_a_service_extends_hands_its_mounts_on(tmp_path: Path) -> None:
    text = "services: {a: {extends: {service: b}}, b: {image: x, volumes: ['./real.yaml:/app/config.yaml']}}\n"
    assert len(given(tmp_path, {"compose.yaml": text})) == 2


@pytest.mark.parametrize(
    "driver", ["awslogs", "gelf", "splunk", "fluentd", "syslog", "gcplogs", "grafana/loki-docker-driver:latest"]
)
def test_a_log_that_leaves_the_machine_is_told(tmp_path: Path, driver: str) -> None:
    options = "{tag: x, gelf-address: 'udp://logs.vendor.example:12201'}"
    (told,) = given(tmp_path, compose(f"logging: {{driver: '{driver}', options: {options}}}"))
    assert (
        told
        == f"its log goes to the driver {driver} (udp://logs.vendor.example:12201): who gets it, and what stands in it, is open"
    )


@pytest.mark.parametrize("driver", ["json-file", "local", "journald", "none"])
def test_a_log_that_stays_on_the_machine_is_no_gap(tmp_path: Path, driver: str) -> None:
    assert given(tmp_path, compose(f"logging: {{driver: {driver}, options: {{max-size: 10m}}}}")) == []


POD = """
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  containers: [{{name: a, image: x, volumeMounts: [{{name: v, mountPath: {path}}}]}}]
  volumes: [{{name: v, {volume}}}]
"""
MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {config.yaml: 'a: 1'}\n"


@pytest.mark.parametrize(
    ("volume", "path", "told"),
    [
        ("configMap: {name: c}", "/app/config.yaml", "the ConfigMap c is mounted at /app/config.yaml"),
        ("configMap: {name: c}", "/app", "the ConfigMap c is mounted at /app"),
        ("projected: {sources: [{configMap: {name: c}}]}", "/app", "the ConfigMap c is mounted at /app"),
        ("secret: {secretName: c}", "/app/config.yaml", "the Secret c is mounted at /app/config.yaml"),
        ("secret: {secretName: c}", "/var/secrets", ""),
        ("configMap: {name: c}", "/etc/ssl/certs", ""),
        ("emptyDir: {}", "/app/config.yaml", ""),
    ],
)
def test_a_config_map_that_a_pod_mounts_and_nobody_shows_is_told(tmp_path: Path, volume: str, path: str, told: str) -> None:
    pod = POD.format(volume=volume, path=path)
    found = given(tmp_path / "x", {"pod.yaml": pod})
    assert [f.partition(" and not")[0] for f in found] == ([told] if told else [])
    if "configMap" in volume:
        assert given(tmp_path / "y", {"pod.yaml": pod + MAP}) == []


def test_another_file_beside_it_does_not_close_the_question(tmp_path: Path) -> None:
    """A harmless configuration that nothing mounts once stood for the one that the service really reads."""
    harmless = "model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: 'http://vllm:8000/v1'}}]\n"
    service = "services: {litellm: {image: 'ghcr.io/berriai/litellm:v1.92.0', command: [--config, /app/config.yaml], volumes: ['./real.yaml:/app/config.yaml']}}\n"
    (tmp_path / "other.yaml").write_text(harmless)
    (tmp_path / "compose.yaml").write_text(service)
    documents = read_tree(tmp_path, tmp_path).documents
    systems = (SystemEntry("litellm", "litellm", "1.92.0", "", (), FileLocation("auditor.yaml", "0" * 64, 1, 1)),)
    gaps = configure(documents, assumed_manifest("d", systems, ()), load_catalog()).gaps
    assert [g.unknown.settled_by for g in gaps if GIVEN in g.unknown.text] == [("Supply ./real.yaml under inputs:",)]
