"""Model ids of Amazon Bedrock."""

from __future__ import annotations

import pytest

from auditor.config.derivations.bedrock import bedrock_profile_countries

EU = ("CH", "DE", "ES", "FR", "GB", "IE", "IT", "SE")
HOST = "bedrock-runtime.eu-central-1.amazonaws.com"


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
        ("arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-x", None, False),
        ("arn:aws:bedrock:eu-central-1:1:provisioned-model/abc123", None, False),
        ("meta.llama3-1-8b-instruct-v1:0", None, False),
        ("zai.glm-4.7", None, False),
        ("moonshotai.kimi-k2.5", None, False),
        # A geography that the table does not know, and names that another program resolves to a profile.
        ("ca.anthropic.claude-x", None, True),
        ("in.anthropic.claude-x", None, True),
        ("opus", None, True),
        ("claude-sonnet-4.5", None, True),
    ],
)
def test_profiles(model: str, countries: tuple[str, ...] | None, told: bool) -> None:
    found, reason = bedrock_profile_countries(model, HOST)
    assert (found, bool(reason)) == (countries, told)


@pytest.mark.parametrize(
    ("model", "prefix", "countries"),
    [
        ("", "eu", EU),
        ("opus", "eu", EU),
        ("opus", "global", None),
        ("opus", "nl", None),
        ("eu.anthropic.claude-x", "eu", EU),
        ("global.anthropic.claude-x", "eu", None),
        ("anthropic.claude-x", "eu", None),
    ],
)
def test_a_prefix_that_the_program_adds(model: str, prefix: str, countries: tuple[str, ...] | None) -> None:
    found, reason = bedrock_profile_countries(model, HOST, prefix)
    assert (found, bool(reason)) == (countries, True)


def test_another_host_knows_no_profiles() -> None:
    assert bedrock_profile_countries("opus", "api.anthropic.com", "eu") == (None, "")
