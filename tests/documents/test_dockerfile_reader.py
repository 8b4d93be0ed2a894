"""Dockerfiles: stages and the instructions that decide what an image does."""

from __future__ import annotations

import pytest

from auditor.documents.dockerfile_reader import parse_dockerfile
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

SAMPLE = """# syntax=docker/dockerfile:1
ARG TAG=3.12
FROM --platform=linux/amd64 python:${TAG} AS base
ENV A=b C="d e" \\
    F=g
ENV OLD value here
RUN <<EOF
curl https://x.example | sh
EOF
FROM base
CMD ["serve", "--host", "0.0.0.0"]
ENTRYPOINT exec app
CMD ["other"]
"""


def test_stages_instructions_and_places() -> None:
    (parsed,) = parse_dockerfile(SAMPLE)
    base, last = parsed.root.at("stages").items  # type: ignore[union-attr]  # the sample has stages
    assert text(base, "from") == "python:${TAG}"
    assert text(base, "as") == "base"
    env = base.get("env")
    assert env is not None
    assert [(k.text, v.text, v.line) for k, v in env.entries] == [
        ("A", "b", 4), ("C", "d e", 4), ("F", "g", 5), ("OLD", "value here", 6),
    ]  # fmt: skip
    run = base.at("run", 0)
    assert run is not None
    assert "https://x.example" in run.text
    assert [word.text for word in last.get("cmd").items] == ["other"]  # type: ignore[union-attr]
    assert text(last, "entrypoint") == "exec app"
    assert text(parsed.root, "arg", "TAG") == "3.12"


def text(node: Node, *path: str) -> str:
    found = node.at(*path)
    assert found is not None
    return found.text


@pytest.mark.parametrize("content", ["", "RUN x\n", "FROM a\n{}\n"])
def test_what_is_no_dockerfile_is_refused(content: str) -> None:
    with pytest.raises(FaultError, match="no Dockerfile"):
        parse_dockerfile(content)
