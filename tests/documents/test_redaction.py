"""No secret leaves the reader: not in a value, not in an excerpt, not in a message."""

from __future__ import annotations

import json
import string
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.documents import Redactor, read_file, read_tree

PRIVATE = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"  # cut short on purpose: no key
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("CODER_PG_CONNECTION_URL", "postgres://coder:hunter2@db.corp:5432/coder", "postgres://secret-1@db.corp:5432/coder"),
        ("DATABASE_PASSWORD", "hunter2", "secret-1"),
        ("DATABASE_PASSWORD", "12345678", "secret-1"),
        ("apiKey", "abc", "secret-1"),
        ("master-key", "abc", "secret-1"),
        ("OPENAI_API_KEY_2", "abc", "secret-1"),
        ("AWS_ACCESS_KEY_ID", "anything", "secret-1"),
        ("PGPASSWORD", "x", "secret-1"),
        ("Authorization", "Bearer abcdef", "Bearer secret-1"),
        ("GITHUB_TOKEN", "${GITHUB_TOKEN:-abcdef}", "${GITHUB_TOKEN:-secret-1}"),
        ("TOKEN", "https://user:pw@proxy.corp/x?token=abc&b=1", "https://secret-1@proxy.corp/x?token=secret-2&b=1"),
        ("", "Authorization: Bearer abc.def-123", "Authorization: Bearer secret-1"),
        ("", "curl -H 'Authorization: Basic dXNlcjpwYXNz'", "curl -H 'Authorization: Basic secret-1'"),
        ("", "sk-abcdefghijklmnop1234", "secret-1"),
        ("", "key ghp_abcdefghijklmnopqrst12 here", "key secret-1 here"),
        ("", "AKIAABCDEFGHIJKLMNOP", "secret-1"),
        ("", JWT, "secret-1"),
        ("", f"a\n{PRIVATE}\nb", "a\nsecret-1\nb"),
        ("", "agent --api-key abc --name x", "agent --api-key secret-1 --name x"),
        ("", "agent --api-key=abc", "agent --api-key=secret-1"),
        ("", "https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/services/secret-1"),
        ("", "redis://:pw12@cache.corp", "redis://secret-1@cache.corp"),
        ("", "amqp://u:p/w?x#y@z@mq.corp:5671/v", "amqp://secret-1@mq.corp:5671/v"),
        ("", "redis://:one1@a.corp,redis://:two2@b.corp", "redis://secret-1@a.corp,redis://secret-2@b.corp"),
        ("", "https://tokentoken@git.corp/x.git", "https://secret-1@git.corp/x.git"),
        ("", r"http://drop.example\@llm.corp.example/v1", r"http://secret-1\@llm.corp.example/v1"),
        ("", r"http://drop.example:80\@llm.corp.example/v1", r"http://secret-1\@llm.corp.example/v1"),
        ("", "https://drop.example:/v1@llm.corp.example/", r"https://secret-1\@llm.corp.example/"),
        ("", "https://drop.example:?a@llm.corp.example/", r"https://secret-1\@llm.corp.example/"),
        ("", "https://drop.example:#a@llm.corp.example/", r"https://secret-1\@llm.corp.example/"),
    ],
)
def test_secrets_are_replaced_and_hosts_stay(name: str, text: str, expected: str) -> None:
    assert Redactor().value(name, text) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CODER_AI_GATEWAY_KEY_FILE", "/etc/coder/key"),
        ("existingSecret", "coder-db"),
        ("secretName", "coder-db"),
        ("key", "url"),
        ("topologyKey", "kubernetes.io/hostname"),
        ("publicKey", "abc"),
        ("token_url", "https://idp.corp.example/token"),
        ("API_KEY", ""),
        ("API_KEY", "${API_KEY}"),
        ("API_KEY", "$API_KEY"),
        ("api_key", "os.environ/OPENAI_API_KEY"),
        ("api_key", "{{ .Values.key }}"),
        ("api_key", "<your key>"),
        ("api_key", "changeme"),
        ("CODER_DISABLE_PASSWORD_AUTH", "true"),
        ("password", "off"),
        ("max_tokens", "4096"),
        ("TOKEN_TTL", "24h"),
        ("CODER_PG_CONNECTION_URL", "postgres://db.corp:5432/coder"),
        ("CODER_PG_CONNECTION_URL", "postgres://coder@db.corp:5432/coder?sslkey=/etc/tls.key"),
        ("CODER_PG_CONNECTION_URL", "postgres://coder:${PGPASSWORD}@db.corp/coder"),
        ("", "registry.corp.example/vllm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        ("", "anthropic.claude-sonnet-4-20250514-v1:0"),
        ("description", "basic authentication is off"),
        ("issuer", "https://idp.corp.example"),
        ("registry", "https://npm.corp.example:4873/@corp/tool"),
        ("hosts", "https://a.corp:8080,https://b.corp/@x"),
        ("env_key", "corpgateway"),
    ],
)
def test_what_is_no_secret_stays(name: str, text: str) -> None:
    assert Redactor().value(name, text) == text


def test_labels_follow_first_appearance_and_the_same_secret_keeps_its_label() -> None:
    redactor = Redactor()
    assert [redactor.value("TOKEN", t) for t in ("bbbb", "aaaa", "bbbb")] == ["secret-1", "secret-2", "secret-1"]


def test_a_key_makes_labels_comparable_across_runs() -> None:
    labels = {Redactor(b"k").value("TOKEN", "abc") for _ in range(2)}
    assert labels == {"secret-342e519ce0ad"}
    assert Redactor(b"other").value("TOKEN", "abc") not in labels


KUBERNETES = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: coder}}
data:
  url: cG9zdGdyZXM6Ly9h
stringData:
  anything: hunter2   # was hunter1
  base: https://litellm.corp.example/v1
---
apiVersion: v1
kind: Pod
spec:
  containers:
    - name: coder
      args: ["--postgres-password", "p4ss", "--flag", "plain", "--token=abc"]
      env:
        - {{name: CODER_TOKEN, value: tokentoken}}
        - {{name: CODER_OTHER, value: tokentoken}}
        - name: FROM
          valueFrom: {{secretKeyRef: {{name: coder, key: url}}}}
        # - {{name: OLD, value: x}} password: oldold
  tls: |
    {PRIVATE.replace(chr(10), chr(10) + "    ")}
  after: end
"""


def test_values_and_lines_of_kubernetes_objects(tmp_path: Path) -> None:
    path = tmp_path / "pod.yaml"
    path.write_text(KUBERNETES)
    documents = read_file(path, "pod.yaml")
    assert (
        "\n".join(documents[0].lines)
        == """\
apiVersion: v1
kind: Secret
metadata: {name: coder}
data:
  url: secret-1
stringData:
  anything: secret-2   # was hunter1
  base: https://litellm.corp.example/v1
---
apiVersion: v1
kind: Pod
spec:
  containers:
    - name: coder
      args: ["--postgres-password", "secret-3", "--flag", "plain", "--token=secret-4"]
      env:
        - {name: CODER_TOKEN, value: secret-5}
        - {name: CODER_OTHER, value: secret-5}
        - name: FROM
          valueFrom: {secretKeyRef: {name: coder, key: url}}
        # - {name: OLD, value: x} password: secret-7
  tls: secret-6




  after: end
"""
    )
    other = documents[1].root.at("spec", "containers", 0, "env", 1, "value")
    assert other is not None
    assert (other.text, other.redacted) == ("secret-5", True)
    after = documents[1].root.at("spec", "after")
    assert after is not None
    assert documents[1].locate(after).excerpt == "after: end"


def test_one_redactor_labels_a_whole_folder(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text("A_TOKEN=first-one\nB_TOKEN=second-one\n")
    (tmp_path / "b.json").write_text('{"token": "second-one"}')
    result = read_tree(tmp_path, tmp_path)
    assert [d.lines[0] for d in result.documents] == ["A_TOKEN=secret-1", '{"token": "secret-2"}']


SECRETS = st.text(string.ascii_letters + string.digits + "/+=_", min_size=8, max_size=40).filter(
    lambda s: Redactor().value("token", s) == "secret-1" and Redactor().text(f"a://u:{s}@h") == "a://secret-1@h"
)
"""Not what reads as a number, a reference or (behind a colon, before a slash) as a port."""


@given(secret=SECRETS, form=st.sampled_from(["yaml", "json", "env", "service", "compose.yaml"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_secret_is_in_no_output(tmp_path: Path, secret: str, form: str) -> None:
    text = {
        "yaml": f"db:\n  password: {json.dumps(secret)}\n  note: |\n    old {secret}\n",
        "json": json.dumps({"list": [secret], "url": f"https://u:{secret}@h.corp/"}, indent=1),
        "env": f"# TOKEN={secret}\nexport A_SECRET='{secret}'\nCOPY={secret}\n",
        "service": f'[Service]\nEnvironment="A_TOKEN={secret}" B=1\nExecStart=/bin/a --password {secret} --token="{secret}"\n',
        "compose.yaml": f"services:\n  a:\n    environment:\n      - A_PASSWORD={secret}\n    command: run --token {secret}\n",
    }[form]
    path = tmp_path / f"x.{form}"
    path.write_text(text)
    for document in read_file(path, path.name):
        assert secret not in "\n".join(document.lines)
        assert not [node.text for _, node in document.root.walk() if secret in node.text]
        assert "h.corp" in "\n".join(document.lines) or form != "json"


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000 + "://", "a." * 100_000, "eyJ-" * 50_000, "-----BEGIN " + "PRIVATE KEY " * 15_000, "a://b:" * 40_000],
    ids=["scheme", "name", "token", "block", "address"],
)
def test_hostile_text_costs_no_quadratic_time(text: str) -> None:
    start = time.process_time()
    assert Redactor().text(text) == text
    assert time.process_time() - start < 5
