"""Model ids of Amazon Bedrock."""

from __future__ import annotations

import pytest

from auditor.config.derivations.bedrock import bedrock_profile_countries

EU = ("CH", "DE", "ES", "FR", "GB", "IE", "IT", "SE")


@pytest.mark.parametrize(
    ("model", "countries", "told"),
    [
        ("anthropic.claude-x-v1:0", None, False),
        ("eu.anthropic.claude-x-v1:0", EU, True),
        ("bedrock/converse/eu.anthropic.claude-x", EU, True),
        ("us-gov.anthropic.claude-x", ("US",), True),
        ("jp.anthropic.claude-x", ("JP",), True),
        ("global.anthropic.claude-x", None, True),
        ("arn:aws:bedrock:eu-central-1:1:inference-profile/eu.anthropic.claude-x", EU, True),
        ("arn:aws:bedrock:eu-central-1:1:application-inference-profile/abc123", None, True),
        ("meta.llama3-1-8b-instruct-v1:0", None, False),
    ],
)
def test_profiles(model: str, countries: tuple[str, ...] | None, told: bool) -> None:
    found, reason = bedrock_profile_countries(model, "eu-central-1")
    assert (found, bool(reason)) == (countries, told)
