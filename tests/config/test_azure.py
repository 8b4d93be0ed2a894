"""Azure: the SKU of a deployment and the location of its account decide where a model runs, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.countries import EU
from tests.catalog.bench import Bench

ACCOUNT = """
resource "azurerm_resource_group" "main" {
  name     = "models"
  location = "%(location)s"
}
resource "azurerm_cognitive_account" "main" {
  name                  = "corp-models"
  location              = %(where)s
  custom_subdomain_name = "corp"
  kind                  = "OpenAI"
}
"""
DEPLOYMENT = """
resource "azurerm_cognitive_deployment" "%(name)s" {
  name                 = "%(name)s"
  cognitive_account_id = azurerm_cognitive_account.main.id
  model {
    format = "%(publisher)s"
    name   = "gpt"
  }
  sku {
    name = %(sku)s
  }
}
"""


def account(location: str = "westeurope", where: str = "azurerm_resource_group.main.location") -> str:
    return ACCOUNT % {"location": location, "where": where}


def deployment(sku: str, name: str = "gpt", publisher: str = "OpenAI") -> str:
    return DEPLOYMENT % {"name": name, "publisher": publisher, "sku": f'"{sku}"' if not sku.startswith("var.") else sku}


def place(folder: Path, files: dict[str, Any], model: str = "azure/gpt", host: str = "corp.openai.azure.com") -> tuple[Any, str]:
    entry = {"model_name": "coder", "litellm_params": {"model": model, "api_base": f"https://{host}"}}
    bench = Bench(
        product="litellm",
        version="1.109.1",
        image="ghcr.io/berriai/litellm:v1.109.1",
        command=("--config", "/app/config.yaml"),
        env={"LITELLM_OFFLINE_MODE": "true"},
        files={"litellm.yaml": ("", {"model_list": [entry]}), **{name: ("", content) for name, content in files.items()}},
    )
    found = [f for f in bench.flows(folder).values() if f.destination.name == host]
    assert len(found) == 1
    return found[0].processing, found[0].processing_reason


@pytest.mark.parametrize(
    ("sku", "location", "countries"),
    [
        ("Standard", "westeurope", ("NL",)),
        ("ProvisionedManaged", "Sweden Central", ("SE",)),
        ("DataZoneStandard", "francecentral", tuple(sorted(EU))),
        ("DataZoneProvisionedManaged", "eastus2", ("US",)),
        ("DataZoneStandard", "uksouth", None),
        ("GlobalStandard", "swedencentral", None),
        ("GlobalProvisionedManaged", "swedencentral", None),
        ("GlobalBatch", "swedencentral", None),
        ("DeveloperTier", "swedencentral", None),
        ("Standard", "marsnorth", None),
    ],
)
def test_the_sku_and_the_location_decide(tmp_path: Path, sku: str, location: str, countries: Any) -> None:
    found, reason = place(tmp_path, {"main.tf": account(location) + deployment(sku)})
    assert found == countries
    assert sku in reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (account() + deployment("Standard", name="other"), "the Azure deployment gpt is not among them"),
        (account() + deployment("Standard", publisher="Anthropic"), "outside of Azure"),
        (account() + 'variable "sku" {}\n' + deployment("var.sku"), "the SKU of the Azure deployment gpt is not in the inputs"),
        (account(where="var.place") + 'variable "place" {}\n' + deployment("Standard"), "which is not in the inputs"),
        (account(), "deployments of this account in the inputs: none"),
    ],
)
def test_what_is_not_told_stays_unknown_with_the_reason(tmp_path: Path, text: str, words: str) -> None:
    found, reason = place(tmp_path, {"main.tf": text})
    assert found is None
    assert words in reason


def test_a_model_that_names_no_deployment_may_use_any_of_them(tmp_path: Path) -> None:
    found, reason = place(tmp_path, {"main.tf": account() + deployment("Standard")}, model="openai/gpt")
    assert (found, "which of them is used is not known" in reason) == (None, True)


def test_an_account_of_another_name_says_nothing(tmp_path: Path) -> None:
    assert place(tmp_path, {"main.tf": account() + deployment("Standard")}, host="elsewhere.openai.azure.com") == (None, "")
    assert place(tmp_path, {"main.tf": account() + deployment("Standard")}, host="corp.openai.azure.com.evil.example") == (
        None,
        "",
    )


def test_one_name_in_two_places_is_unknown(tmp_path: Path) -> None:
    files = {"a/main.tf": account() + deployment("Standard"), "b/main.tf": account("eastus") + deployment("Standard")}
    found, reason = place(tmp_path, files)
    assert (found, "they lie apart" in reason) == (None, True)


def _plan(identifier: dict[str, Any], unknown: dict[str, Any]) -> dict[str, Any]:
    resources = [
        {
            "address": "azurerm_cognitive_account.main",
            "mode": "managed",
            "type": "azurerm_cognitive_account",
            "name": "main",
            "values": {"name": "corp-models", "location": "germanywestcentral", "custom_subdomain_name": "corp"},
        },
        {
            "address": "azurerm_cognitive_deployment.gpt",
            "mode": "managed",
            "type": "azurerm_cognitive_deployment",
            "name": "gpt",
            "values": {"name": "gpt", "sku": [{"name": "Standard"}], "model": [{"format": "OpenAI"}], **identifier},
        },
    ]
    changes = [{"address": "azurerm_cognitive_deployment.gpt", "change": {"after_unknown": unknown}}]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": changes,
    }


def test_a_plan_does_not_know_the_id_of_the_account_that_it_creates(tmp_path: Path) -> None:
    assert place(tmp_path, {"plan.json": _plan({}, {"cognitive_account_id": True})})[0] == ("DE",)


def test_a_plan_that_knows_the_id_goes_by_it(tmp_path: Path) -> None:
    own = "/subscriptions/0/resourceGroups/m/providers/Microsoft.CognitiveServices/accounts/corp-models"
    assert place(tmp_path / "own", {"plan.json": _plan({"cognitive_account_id": own}, {})})[0] == ("DE",)
    assert place(tmp_path / "other", {"plan.json": _plan({"cognitive_account_id": own + "-2"}, {})})[0] is None


@pytest.mark.parametrize(
    ("reference", "countries"),
    [
        ("azurerm_cognitive_account.main[0].id", ("NL",)),
        ("azurerm_ai_services.other.id", None),
        ("data.azurerm_cognitive_account.main.id", None),
        ("var.account_id", None),
        ("module.models.account_id", None),
        ("var.own ? azurerm_cognitive_account.main.id : azurerm_ai_services.other.id", None),
    ],
)
def test_a_deployment_of_another_account_does_not_place_the_only_one(tmp_path: Path, reference: str, countries: Any) -> None:
    text = account() + deployment("Standard").replace("azurerm_cognitive_account.main.id", reference)
    assert place(tmp_path, {"main.tf": text})[0] == countries


def test_an_account_of_the_newer_resource(tmp_path: Path) -> None:
    text = (account() + deployment("Standard")).replace("azurerm_cognitive_account", "azurerm_ai_services")
    assert place(tmp_path, {"main.tf": text})[0] == ("NL",)


@pytest.mark.parametrize("kind", ["azurerm_ai_services", "azapi_resource"])
def test_an_id_that_a_plan_does_not_know_may_be_that_of_each_account_it_makes(tmp_path: Path, kind: str) -> None:
    plan = _plan({}, {"cognitive_account_id": True})
    other = {"address": f"{kind}.o", "mode": "managed", "type": kind, "name": "o", "values": {"name": "o"}}
    plan["planned_values"]["root_module"]["resources"].append(other)
    assert place(tmp_path, {"plan.json": plan})[0] is None


def test_the_answers_of_the_azure_command_line(tmp_path: Path) -> None:
    base = "/subscriptions/0/resourceGroups/m/providers/Microsoft.CognitiveServices/accounts/corp-models"
    kind = "Microsoft.CognitiveServices/accounts"
    one = {"name": "corp-models", "location": "Italy North", "type": kind, "properties": {"customSubDomainName": "corp"}}
    many = [
        {
            "id": f"{base}/deployments/gpt",
            "name": "gpt",
            "type": f"{kind}/deployments",
            "sku": {"name": "Standard", "capacity": 10},
            "properties": {"model": {"format": "OpenAI", "name": "gpt"}},
        }
    ]
    assert place(tmp_path, {"account.json": [one], "deployments.json": many})[0] == ("IT",)


def test_an_export_of_models_alone_is_explained(tmp_path: Path) -> None:
    kind = "Microsoft.CognitiveServices/accounts"
    own = [{"name": "corp", "location": "italynorth", "type": kind, "properties": {}}]
    app = {"name": "app", "location": "italynorth", "type": "Microsoft.App/containerApps", "properties": {}}
    bench = Bench(
        product="litellm",
        version="1.109.1",
        image="ghcr.io/berriai/litellm:v1.109.1",
        command=("--config", "/app/config.yaml"),
        files={"litellm.yaml": ("", {"model_list": []}), "own.json": ("", own), "more.json": ("", [*own, app])},
    )
    assert {n.path for n in bench.configuration(tmp_path).not_examined} == {"more.json"}


def test_a_template_export(tmp_path: Path) -> None:
    kind = "Microsoft.CognitiveServices/accounts"
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "resources": [
            {"type": kind, "name": "corp", "location": "spaincentral", "properties": {}},
            {"type": f"{kind}/deployments", "name": "corp/gpt", "sku": {"name": "Standard"}, "properties": {}},
        ],
    }
    assert place(tmp_path, {"template.json": json.dumps(template)})[0] == ("ES",)
