"""Where Azure runs the models of a deployment: its SKU and the location of its account decide, and no host or request tells.

Sources: Microsoft, "Deployment types for Microsoft Foundry Models" (2026): a Standard or ProvisionedManaged deployment is
processed in the region of its account, a DataZone one in the zone of that region (the United States or the member states of
the European Union), a Global or Developer one in any region of Azure; Claude may be hosted by Anthropic outside of Azure.
Read from Terraform (``azurerm_cognitive_account``, ``azurerm_ai_services``, ``azurerm_cognitive_deployment``), from plans and
states of it, and from what the Azure command line and template exports write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.config.azure_resources import AzureAccount, AzureDeployment
from auditor.config.destination import Destination
from auditor.config.effective import Item
from auditor.facts.countries import EU
from auditor.facts.evidence import Evidence
from auditor.facts.places import Countries

_HOST = re.compile(r"([a-z0-9-]+)\.(?:openai|services\.ai|cognitiveservices)\.azure\.com")
_REGIONAL = frozenset({"standard", "provisionedmanaged"})
_UNITED_STATES = "US"


@dataclass(frozen=True, slots=True)
class AzureModels:
    """The Azure accounts of the inputs with their deployments, and the countries of Azure's regions."""

    accounts: tuple[AzureAccount, ...]
    regions: Mapping[str, str]
    """Region → country, from the catalog."""

    def placed(self, destination: Destination) -> Destination:
        """Return the destination with the countries in which Azure processes, where the inputs tell them."""
        match = _HOST.fullmatch(destination.endpoint.name)
        if match is None or destination.processing is not None:
            return destination
        named = [a for a in self.accounts if match.group(1) in a.names]
        if not named:
            return destination
        answers = [self._answer(a, _deployment_name(destination.item)) for a in named]
        countries, reason, evidence = answers[0]
        if any(a[0] != countries for a in answers):
            countries, reason = None, f"several Azure accounts are called {match.group(1)}, and they lie apart"
        return replace(destination, processing=countries, processing_reason=reason, evidence=(*destination.evidence, *evidence))

    def _answer(self, account: AzureAccount, wanted: str) -> tuple[Countries, str, tuple[Evidence, ...]]:
        # Azure takes names of deployments in any case.
        chosen = [d for d in account.deployments if d.name.lower() == wanted.lower()] if wanted else []
        if not chosen:
            return None, _nothing_chosen(account, wanted), (account.evidence,)
        places = [self._place(account, d) for d in chosen]
        evidence = (account.evidence, *(d.evidence for d in chosen))
        if any(p[0] != places[0][0] for p in places):
            return None, f"the inputs tell the deployment {wanted} in several ways: {'; '.join(p[1] for p in places)}", evidence
        return *places[0], evidence

    def _place(self, account: AzureAccount, deployment: AzureDeployment) -> tuple[Countries, str]:
        title = f"the Azure deployment {deployment.name}"
        if not deployment.sku:
            return None, f"the SKU of {title} is not in the inputs"
        if deployment.publisher.lower() == "anthropic":
            return None, f"{title} is a model of Anthropic, which may process it outside of Azure"
        sku = deployment.sku.lower()
        if sku not in _REGIONAL and not sku.startswith("datazone"):
            return None, f"{title} has the SKU {deployment.sku}: any region of Azure may process it"
        country = self.regions.get(account.location, "unknown")
        if country == "unknown":
            where = f"region {account.location}" if account.location else "region, which is not in the inputs"
            return None, f"{title} has the SKU {deployment.sku}, and the country of its {where} is not known"
        if sku in _REGIONAL:
            return (country,), f"{title} has the SKU {deployment.sku} in {account.location} ({country})"
        return _zone(country, title, deployment.sku)


def _zone(country: str, title: str, sku: str) -> tuple[Countries, str]:
    if country == _UNITED_STATES:
        return (country,), f"{title} has the SKU {sku} in the zone United States"
    if country in EU:
        return tuple(sorted(EU)), f"{title} has the SKU {sku} in the zone of the European Union"
    return None, f"{title} has the SKU {sku}, and no zone of Azure is known around {country}"


def _nothing_chosen(account: AzureAccount, wanted: str) -> str:
    found = ", ".join(sorted(f"{d.name} ({d.sku or 'SKU open'})" for d in account.deployments)) or "none"
    asked = f"the Azure deployment {wanted} is not among them" if wanted else "which of them is used is not known"
    return f"the SKU of the deployment decides; deployments of this account in the inputs: {found}; {asked}"


def _deployment_name(item: Item | None) -> str:
    """Return the deployment that an entry of LiteLLM names: ``azure/<deployment>`` (its documentation, "Azure OpenAI")."""
    model = item.text("model") if item is not None else ""
    provider, slash, name = model.partition("/")
    return name if slash and provider in ("azure", "azure_ai") else ""


def azure_models(accounts: Iterable[AzureAccount], regions: Mapping[str, str]) -> AzureModels:
    """Return what is known of Azure, accounts of one name and place joined."""
    return AzureModels(tuple(_joined(accounts)), regions)


def _joined(accounts: Iterable[AzureAccount]) -> Iterator[AzureAccount]:
    found: dict[tuple[frozenset[str], str], AzureAccount] = {}
    for account in accounts:
        key = (account.names, account.location)
        known = found.get(key)
        found[key] = account if known is None else replace(known, deployments=(*known.deployments, *account.deployments))
    yield from found.values()
