"""LibreChat: what its file and its variables open, each alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, Turn

BENCH = Bench(
    product="librechat",
    version="0.8.0",
    image="danny-avila/librechat:v0.8.0",
    files={"librechat.yaml": ("", {"version": "1.3.0"})},
)

START: Outward = {
    "embeddings": ("api.openai.com", OPEN),
    "inference.anthropic": ("api.anthropic.com", OPEN),
    "inference.google": ("generativelanguage.googleapis.com", OPEN),
    "inference.openai": ("api.openai.com", OPEN),
}
"""Keys that no vendor's word says to switch a provider on: open, with and without them."""


def turn(appears: Outward, **sections: Any) -> Turn:
    return Turn(files={"librechat.yaml": ("", {"version": "1.3.0", **sections})}, appears=appears)


AZURE = {"groups": [{"group": "swc", "instanceName": "contoso-swc"}]}
AZURE_URL = {"groups": [{"group": "swc", "baseURL": "https://m.example.net/openai"}]}
TURNS = (
    turn({"mcp:x": ("mcp.example.net", ON)}, mcpServers={"x": {"type": "sse", "url": "https://mcp.example.net/sse"}}),
    turn({}, mcpServers={"x": {"type": "sse", "url": "https://mcp.corp.example/sse"}}),
    turn({"inference.azure:swc": ("contoso-swc.openai.azure.com", ON)}, endpoints={"azureOpenAI": AZURE}),
    turn({"inference.azure_url:swc": ("m.example.net", ON)}, endpoints={"azureOpenAI": AZURE_URL}),
    turn({"search.serper": ("google.serper.dev", ON)}, webSearch={"serperApiKey": "${SERPER_API_KEY}"}),
    turn({"search.searxng": ("s.example.net", ON)}, webSearch={"searxngInstanceUrl": "https://s.example.net"}),
    turn({"scrape": ("api.firecrawl.dev", ON)}, webSearch={"firecrawlApiKey": "${FIRECRAWL_API_KEY}"}),
    turn({}, webSearch={"firecrawlApiKey": "${K}", "firecrawlApiUrl": "https://crawl.corp.example"}),
    turn({"rerank.cohere": ("api.cohere.com", ON)}, webSearch={"cohereApiKey": "${COHERE_API_KEY}"}),
    turn({"ocr": ("api.mistral.ai", ON)}, ocr={"apiKey": "${OCR_API_KEY}"}),
    turn({}, ocr={"apiKey": "${OCR_API_KEY}", "baseURL": "https://ocr.corp.example/v1"}),
    turn({"speech.tts": ("v.example.net", ON)}, speech={"tts": {"openai": {"url": "https://v.example.net"}}}),
    turn({"files.elsewhere": ("", ON)}, fileStrategy="firebase"),
    turn({}, fileStrategy="local"),
    Turn(env={"JINA_API_KEY": "key-0"}, appears={"rerank.jina": ("api.jina.ai", ON)}),
    Turn(env={"TAVILY_API_KEY": "key-0"}, appears={"search.tavily": ("api.tavily.com", ON)}),
    Turn(
        env={"CDN_PROVIDER": "s3", "AWS_REGION": "eu-west-1"},
        appears={"files.s3": ("s3.eu-west-1.amazonaws.com", ON)},
    ),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turned", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turned: Turn) -> None:
    assert turned.moved(BENCH, START, tmp_path) == (turned.appears, turned.vanishes)
