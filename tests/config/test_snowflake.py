"""Snowflake: only an explicit DISABLED of the very account keeps a model in the region of the account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.catalog.bench import Bench

HOST = "corp-main.eu-central-1.snowflakecomputing.com"
PROVIDER = 'provider "snowflake" {\n  organization_name = "CORP"\n  account_name = "MAIN"\n}\n'


def parameter(value: str) -> str:
    return f'resource "snowflake_account_parameter" "x" {{\n  key = "CORTEX_ENABLED_CROSS_REGION"\n  value = {value}\n}}\n'


def row(value: str, level: str = "ACCOUNT") -> list[dict[str, str]]:
    return [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": value, "default": "DISABLED", "level": level}]


def place(folder: Path, files: dict[str, tuple[str, Any]], host: str = HOST) -> tuple[Any, str]:
    entry = {"model_name": "coder", "litellm_params": {"model": "snowflake/x", "api_base": f"https://{host}/api/v2"}}
    bench = Bench(
        product="litellm",
        version="1.109.1",
        image="ghcr.io/berriai/litellm:v1.109.1",
        command=("--config", "/app/config.yaml"),
        env={"LITELLM_OFFLINE_MODE": "true"},
        files={"litellm.yaml": ("", {"model_list": [entry]}), **files},
    )
    (found,) = [f for f in bench.flows(folder).values() if f.destination.name == host]
    return found.processing, found.processing_reason


@pytest.mark.parametrize(
    ("host", "countries"),
    [
        (HOST, ("DE",)),
        ("corp-main.eu-west-2.snowflakecomputing.com", ("GB",)),
        ("corp-main.europe-west4.gcp.snowflakecomputing.com", ("NL",)),
        ("corp-main.west-europe.azure.snowflakecomputing.com", ("NL",)),
        ("corp-main.snowflakecomputing.com", None),
        ("other.eu-central-1.snowflakecomputing.com", None),
    ],
)
def test_disabled_keeps_the_region_that_the_host_tells(tmp_path: Path, host: str, countries: Any) -> None:
    found, reason = place(tmp_path, {"main.tf": ("", PROVIDER + parameter('"DISABLED"'))}, host)
    assert found == countries
    assert "CORTEX_ENABLED_CROSS_REGION" in reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PROVIDER + parameter('"AWS_EU"'), "is AWS_EU: other regions may process requests"),
        (PROVIDER + parameter('"ANY_REGION"'), "is ANY_REGION"),
        (PROVIDER + parameter("var.region"), "is not known"),
        (parameter('"DISABLED"'), "nothing there says that it is the one of the account corp-main"),
        (PROVIDER + parameter('"DISABLED"') + parameter('"AWS_EU"').replace('"x"', '"y"'), "the inputs disagree"),
    ],
)
def test_everything_else_stays_unknown_with_the_reason(tmp_path: Path, text: str, words: str) -> None:
    found, reason = place(tmp_path, {"main.tf": ("", text)})
    assert found is None
    assert words in reason


@pytest.mark.parametrize(
    ("origin", "rows", "countries", "words"),
    [
        ("SHOW PARAMETERS IN ACCOUNT, account corp-main", row("DISABLED"), ("DE",), "is DISABLED"),
        ("SHOW PARAMETERS IN ACCOUNT, account corp_main", row("DISABLED"), ("DE",), "is DISABLED"),
        ("SHOW PARAMETERS IN ACCOUNT", row("DISABLED"), None, "nothing there says"),
        ("SHOW PARAMETERS IN ACCOUNT, account corp-main", row("DISABLED", level=""), None, "was never set"),
        ("SHOW PARAMETERS IN ACCOUNT, account corp-main", row("AWS_US"), None, "is AWS_US"),
    ],
)
def test_the_answer_of_the_account(tmp_path: Path, origin: str, rows: Any, countries: Any, words: str) -> None:
    found, reason = place(tmp_path, {"parameters.json": (origin, rows)})
    assert found == countries
    assert words in reason


def test_without_the_parameter_the_catalog_speaks(tmp_path: Path) -> None:
    assert place(tmp_path, {}) == (None, "")


def test_the_newer_resource_of_the_account(tmp_path: Path) -> None:
    text = PROVIDER + 'resource "snowflake_current_account" "x" {\n  cortex_enabled_cross_region = "DISABLED"\n}\n'
    assert place(tmp_path, {"main.tf": ("", text)})[0] == ("DE",)


OTHER = 'provider "snowflake" {\n  alias = "other"\n  organization_name = "CORP"\n  account_name = "OTHER"\n}\n'


@pytest.mark.parametrize(
    ("providers", "names", "countries"),
    [
        (PROVIDER + OTHER, "", ("DE",)),
        (PROVIDER + OTHER, "snowflake.other", None),
        (PROVIDER.replace("{\n", '{\n  alias = "main"\n', 1) + OTHER, "snowflake.main", ("DE",)),
        (PROVIDER.replace("{\n", '{\n  alias = "main"\n', 1) + OTHER, "snowflake.other", None),
        # The provider without an alias is set up by variables that nobody shows.
        (PROVIDER.replace("{\n", '{\n  alias = "main"\n', 1), "", None),
    ],
)
def test_of_several_accounts_the_one_of_the_resource_counts(tmp_path: Path, providers: str, names: str, countries: Any) -> None:
    named = f"  provider = {names}\n" if names else ""
    text = providers + parameter('"DISABLED"').replace("{\n", "{\n" + named, 1)
    assert place(tmp_path, {"main.tf": ("", text)})[0] == countries
