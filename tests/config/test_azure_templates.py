"""Templates of Azure, as the portal exports them and Bicep writes them: parameters, defaults, nesting, symbolic names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.countries import EU
from tests.config.test_azure import place

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deployment%s.json#"
FLAT = "[concat(parameters('account'), '/gpt')]"
NAMES = {"account": {"type": "string", "defaultValue": "corp"}, "place": {"type": "string", "defaultValue": "swedencentral"}}


def exported(
    sku: str, parameters: dict[str, dict[str, str]] | None = None, *, shape: str = "flat", where: str = "[parameters('place')]"
) -> str:
    """Return a template as the portal and Bicep write them: names and SKUs are parameters, deployments name their account."""
    account: dict[str, Any] = {
        "type": "Microsoft.CognitiveServices/accounts",
        "apiVersion": "2025-06-01",
        "name": "[parameters('account')]",
        "location": where,
        "sku": {"name": "S0"},
        "kind": "OpenAI",
        "properties": {"customSubDomainName": "[toLower(variables('domain'))]"},
    }
    deployment = {
        "type": "Microsoft.CognitiveServices/accounts/deployments",
        "apiVersion": "2025-06-01",
        "name": "[concat(parameters('account'), '/gpt')]"
        if shape == "flat"
        else "[format('{0}/{1}', parameters('account'), 'gpt')]",
        "dependsOn": ["[resourceId('Microsoft.CognitiveServices/accounts', parameters('account'))]"],
        "sku": {"name": sku, "capacity": 10},
        "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}},
    }
    resources: Any = [account, deployment]
    if shape == "symbolic":
        resources = {"account": account, "model": deployment}
    if shape == "nested":
        account["resources"] = [{**deployment, "type": "deployments", "name": "gpt"}]
        resources = [account]
    declared = {**NAMES, **{name: {"type": "string", **given} for name, given in (parameters or {}).items()}}
    variables = {"domain": "[parameters('account')]"}
    return json.dumps({"$schema": SCHEMA % "Template", "parameters": declared, "variables": variables, "resources": resources})


def given(**values: str) -> str:
    return json.dumps({"$schema": SCHEMA % "Parameters", "parameters": {name: {"value": v} for name, v in values.items()}})


WORLD = {"sku": {"defaultValue": "GlobalStandard"}}
BY_PARAMETER = "[parameters('sku')]"
ANY: dict[str, dict[str, str]] = {"sku": {}}
DEFAULT = {"sku": {"defaultValue": "Standard"}}
EXPORTED: list[tuple[str, dict[str, str], tuple[str, ...] | None, str]] = [
    ("one region", {"t.json": exported("Standard")}, ("SE",), "Standard"),
    ("one region, symbolic names", {"t.json": exported("Standard", shape="symbolic")}, ("SE",), "Standard"),
    ("one region, inside its account", {"t.json": exported("Standard", shape="nested")}, ("SE",), "Standard"),
    ("a zone", {"t.json": exported("DataZoneStandard")}, tuple(sorted(EU)), "zone of the European Union"),
    ("the world", {"t.json": exported("GlobalStandard")}, None, "any region of Azure"),
    ("the world, inside its account", {"t.json": exported("GlobalStandard", shape="nested")}, None, "any region of Azure"),
    ("a default", {"t.json": exported(BY_PARAMETER, DEFAULT)}, ("SE",), "Standard"),
    (
        "a default of the world",
        {"t.json": exported(BY_PARAMETER, {"sku": {"defaultValue": "GlobalStandard"}})},
        None,
        "any region",
    ),
    ("no value", {"t.json": exported(BY_PARAMETER, ANY)}, None, "the SKU of the Azure deployment gpt is not in the inputs"),
    ("a value", {"t.json": exported(BY_PARAMETER, ANY), "t.parameters.json": given(sku="Standard")}, ("SE",), "Standard"),
    (
        "no default",
        {"t.json": exported(BY_PARAMETER, DEFAULT), "t.parameters.json": given(SKU="GlobalStandard")},
        None,
        "any region",
    ),
    (
        "two values",
        {
            "t.json": exported(BY_PARAMETER, DEFAULT),
            "t.parameters.dev.json": given(sku="Standard"),
            "t.parameters.prod.json": given(sku="GlobalStandard"),
        },
        None,
        "is not in the inputs",
    ),
    (
        "values of another template",
        {"t.json": exported(BY_PARAMETER, ANY), "net.json": "{}", "net.parameters.json": given(sku="Standard")},
        None,
        "is not in the inputs",
    ),
    (
        "the place of the group",
        {"t.json": exported("Standard", where="[resourceGroup().location]")},
        None,
        "region, which is not in",
    ),
    (
        "a function",
        {"t.json": exported("[if(equals(parameters('place'), 'x'), 'Standard', 'GlobalStandard')]")},
        None,
        "not in the",
    ),
    (
        "two deployments of one name",
        {"t.json": exported("Standard"), "u.json": exported("GlobalStandard")},
        None,
        "in several ways",
    ),
]


@pytest.mark.parametrize(("files", "countries", "reason"), [pytest.param(*c[1:], id=c[0]) for c in EXPORTED])
def test_a_template_of_azure_tells_as_much_as_its_parameters(
    files: dict[str, str], countries: tuple[str, ...] | None, reason: str, tmp_path: Path
) -> None:
    found, said = place(tmp_path, files)
    assert found == countries
    assert reason in said


def test_parameters_that_go_in_circles_decide_nothing(tmp_path: Path) -> None:
    circle = {"sku": {"defaultValue": "[parameters('other')]"}, "other": {"defaultValue": "[parameters('sku')]"}}
    assert place(tmp_path, {"t.json": exported(BY_PARAMETER, circle)})[0] is None
