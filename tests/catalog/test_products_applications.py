"""Applications and gateways around the agents: every switch both ways, and exactly what appears, moves or vanishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, changed

Strings = dict[str, str | None]
BENCHES = {
    "langfuse": Bench(
        product="langfuse",
        version="3",
        image="langfuse/langfuse:3",
        env={"TELEMETRY_ENABLED": "false"},
        facts={"store": "inside"},
    ),
    "dify": Bench(
        product="dify",
        version="1.9",
        image="langgenius/dify-api:1.9.0",
        env={"CHECK_UPDATE_URL": "https://updates.corp.example"},
        facts={"providers": "inside"},
    ),
    "flowise": Bench(
        product="flowise",
        version="3.0",
        image="flowiseai/flowise:3.0.0",
        env={"DISABLE_FLOWISE_TELEMETRY": "true"},
        facts={"flows": "inside"},
    ),
    "n8n": Bench(
        product="n8n",
        version="1.100",
        image="n8nio/n8n:1.100.0",
        env={
            "N8N_DIAGNOSTICS_ENABLED": "false",
            "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
            "N8N_TEMPLATES_ENABLED": "false",
        },
        facts={"workflows": "inside"},
    ),
    "open-webui": Bench(
        product="open-webui",
        version="0.6",
        image="ghcr.io/open-webui/open-webui:0.6.0",
        env={
            "ENABLE_OPENAI_API": "false",
            "OLLAMA_BASE_URL": "http://ollama.corp.example:11434",
            "OFFLINE_MODE": "true",
            "ENABLE_WEB_SEARCH": "false",
        },
    ),
    "librechat": Bench(product="librechat", version="0.8", image="ghcr.io/danny-avila/librechat:v0.8.0"),
    "code-server": Bench(
        product="code-server",
        version="4.100",
        image="codercom/code-server:4.100.0",
        env={"CS_DISABLE_UPDATE_CHECK": "true"},
        facts={"extensions": "off"},
    ),
    "portkey": Bench(
        product="portkey",
        version="1.15",
        image="portkeyai/gateway:1.15.0",
        facts={"targets": "inside", "control_plane": "off"},
    ),
}
OPEN_ANYWAY = {
    "langfuse": {"events", "events.default", "mail", "media"},
    "dify": {"errors", "inference.openai", "inference.providers", "mail"},
    "flowise": {"flows", "telemetry"},
    "n8n": {"workflows"},
    "librechat": {"embeddings", "inference.anthropic", "inference.google", "inference.openai"},
    "code-server": {"extensions", "extensions.own", "telemetry", "update-check"},
}
"""What stays open with everything off: a fact below the grade of the vendor grants no pass."""
CASES: list[tuple[str, Strings, Strings, Outward]] = [
    ("langfuse", {"TELEMETRY_ENABLED": None}, {}, {"telemetry": ("us.i.posthog.com", OPEN)}),
    ("langfuse", {"TELEMETRY_ENABLED": "true"}, {}, {"telemetry": ("us.i.posthog.com", ON)}),
    ("langfuse", {"LANGFUSE_S3_MEDIA_UPLOAD_ENDPOINT": "https://s3.example.net"}, {}, {"media": ("s3.example.net", OPEN)}),
    ("code-server", {"CS_TELEMETRY_URL": "https://t.example.net"}, {}, {"telemetry": ("t.example.net", OPEN)}),
    ("dify", {"CHECK_UPDATE_URL": None}, {}, {"update-check": ("updates.dify.ai", OPEN)}),
    ("dify", {"OPENAI_API_BASE": "https://api.openai.com/v1"}, {}, {"inference.openai": ("api.openai.com", OPEN)}),
    ("dify", {"SENTRY_DSN": "https://k@o1.ingest.de.sentry.io/2"}, {}, {"errors": ("o1.ingest.de.sentry.io", OPEN)}),
    ("n8n", {"N8N_DIAGNOSTICS_ENABLED": None}, {}, {"diagnostics": ("telemetry.n8n.io", ON)}),
    ("n8n", {"N8N_VERSION_NOTIFICATIONS_ENABLED": "true"}, {}, {"versions": ("api.n8n.io", ON)}),
    ("n8n", {"N8N_TEMPLATES_ENABLED": None}, {}, {"templates": ("api.n8n.io", ON)}),
    ("open-webui", {"ENABLE_OPENAI_API": None}, {}, {"inference.openai:api.openai.com": ("api.openai.com", ON)}),
    ("open-webui", {"ENABLE_OPENAI_API": "true", "OPENAI_API_BASE_URL": "https://gateway.corp.example"}, {}, {}),
    ("open-webui", {"OLLAMA_BASE_URL": "https://ollama.com"}, {}, {"inference.ollama:ollama.com": ("ollama.com", ON)}),
    (
        "open-webui",
        {"OFFLINE_MODE": None},
        {},
        {"update-check": ("api.github.com", ON), "embedding-model": ("huggingface.co", ON)},
    ),
    (
        "open-webui",
        {"OFFLINE_MODE": None, "ENABLE_VERSION_UPDATE_CHECK": "false", "HF_HUB_OFFLINE": "1"},
        {},
        {},
    ),
    ("open-webui", {"ENABLE_WEB_SEARCH": "true"}, {}, {"web-search": ("", ON)}),
    (
        "open-webui",
        {"ENABLE_WEB_SEARCH": "true", "WEB_SEARCH_ENGINE": "tavily"},
        {},
        {"web-search": ("", ON), "search.tavily": ("api.tavily.com", ON)},
    ),
    (
        "open-webui",
        {
            "ENABLE_RAG_WEB_SEARCH": "true",
            "ENABLE_WEB_SEARCH": None,
            "RAG_WEB_SEARCH_ENGINE": "searxng",
            "SEARXNG_QUERY_URL": "https://s.example.net/?q=<query>",
        },
        {},
        {"web-search": ("", ON), "search.searxng": ("s.example.net", ON)},
    ),
    ("open-webui", {"WEB_SEARCH_ENGINE": "tavily"}, {}, {}),
    ("open-webui", {"AUDIO_TTS_ENGINE": "openai"}, {}, {"tts": ("api.openai.com", ON)}),
    ("open-webui", {"AUDIO_TTS_ENGINE": "openai", "AUDIO_TTS_OPENAI_API_BASE_URL": "https://tts.corp.example/v1"}, {}, {}),
    ("open-webui", {"AUDIO_TTS_ENGINE": "elevenlabs"}, {}, {"tts.other": ("", ON)}),
    ("open-webui", {"AUDIO_STT_ENGINE": "deepgram"}, {}, {"stt.other": ("", ON)}),
    ("open-webui", {"AUDIO_STT_ENGINE": "openai"}, {}, {"stt": ("api.openai.com", ON)}),
    ("open-webui", {"ENABLE_IMAGE_GENERATION": "true"}, {}, {"images": ("api.openai.com", ON)}),
    ("open-webui", {"ENABLE_IMAGE_GENERATION": "true", "IMAGE_GENERATION_ENGINE": "gemini"}, {}, {"images.other": ("", ON)}),
    ("open-webui", {"OPENID_PROVIDER_URL": "https://id.example.net/x"}, {}, {"sign-in": ("id.example.net", ON)}),
    (
        "open-webui",
        {"ENABLE_OTEL": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"},
        {},
        {"otel": ("o.example.net", ON)},
    ),
    ("open-webui", {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"}, {}, {}),
    (
        "open-webui",
        {"STORAGE_PROVIDER": "s3", "S3_ENDPOINT_URL": "https://s3.example.net"},
        {},
        {"storage": ("s3.example.net", ON)},
    ),
    ("open-webui", {"STORAGE_PROVIDER": "gcs"}, {}, {"storage.other": ("", ON)}),
    ("open-webui", {"DATABASE_URL": "postgresql://u@db.example.net/w"}, {}, {"database": ("db.example.net", ON)}),
    ("open-webui", {"DATABASE_URL": "sqlite:////app/w.db"}, {}, {}),
    ("portkey", {}, {"targets": None}, {"targets": ("", OPEN)}),
    ("portkey", {}, {"targets": "outside"}, {"targets": ("", ON)}),
    ("portkey", {}, {"control_plane": "on"}, {"control-plane": ("api.portkey.ai", ON)}),
]


@pytest.mark.parametrize("product", BENCHES)
def test_with_everything_off_only_weak_facts_stay_open(tmp_path: Path, product: str) -> None:
    outward = BENCHES[product].outward(tmp_path)
    assert {key for key, (_, state) in outward.items() if state == OPEN} == OPEN_ANYWAY.get(product, set())
    assert [key for key, (_, state) in outward.items() if state != OPEN] == []


@pytest.mark.parametrize(("product", "env", "facts", "appears"), CASES)
def test_a_switch_changes_exactly_its_flows(tmp_path: Path, product: str, env: Strings, facts: Strings, appears: Outward) -> None:
    before, after = BENCHES[product], BENCHES[product].but(env=env, facts=facts)
    added, gone = changed(before.outward(tmp_path / "before"), after.outward(tmp_path / "after"))
    assert (added, gone) == (appears, {})
