"""Where Snowflake runs the models of an account: a parameter of the account decides, and no host or request tells.

Source: Snowflake, behaviour change BCR-2376 (bundle 2026_06): where ``CORTEX_ENABLED_CROSS_REGION`` was never set, a group of
regions may become the default; an explicit ``DISABLED`` keeps requests in the region of the account. Read from Terraform
(``snowflake_account_parameter``, ``snowflake_current_account``), from plans and states, and from ``SHOW PARAMETERS IN ACCOUNT``
written as JSON, whose ``from:`` in the manifest names the account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.config.bindings import Library, Source
from auditor.config.destination import Destination
from auditor.config.formats.terraform_module import Module
from auditor.config.formats.terraform_plan import modules_of
from auditor.documents import as_text
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.evidence import Evidence
from auditor.facts.places import Countries

PARAMETER = "CORTEX_ENABLED_CROSS_REGION"
RESOURCES = ("snowflake_account_parameter", "snowflake_current_account")
_DISABLED = "DISABLED"
_DOMAIN = ".snowflakecomputing.com"


@dataclass(frozen=True, slots=True)
class CrossRegion:
    """What one place says of the parameter."""

    accounts: frozenset[str]
    """Names of the account, lower case; empty when the place does not tell whose parameter it is."""
    value: str
    """Empty when it says that the account never set it."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class SnowflakeAccounts:
    """What the inputs say of the parameter, and the countries of the clouds' regions."""

    stated: tuple[CrossRegion, ...]
    regions: Mapping[str, Mapping[str, str]]
    """Cloud → region → country, from the catalog."""

    def placed(self, destination: Destination) -> Destination:
        """Return the destination with the country in which Snowflake processes, where the inputs tell it."""
        host = destination.endpoint.name
        if not host.endswith(_DOMAIN) or not self.stated or destination.processing is not None:
            return destination
        labels = host.removesuffix(_DOMAIN).split(".")
        own = [s for s in self.stated if labels[0] in s.accounts]
        countries, reason = self._answer(own, labels)
        evidence = tuple(s.evidence for s in own or self.stated)
        return replace(destination, processing=countries, processing_reason=reason, evidence=(*destination.evidence, *evidence))

    def _answer(self, own: list[CrossRegion], labels: list[str]) -> tuple[Countries, str]:
        if not own:
            return None, f"{PARAMETER} is in the inputs, and nothing there says that it is the one of the account {labels[0]}"
        values = sorted({s.value for s in own})
        if len(values) > 1:
            return (
                None,
                f"the inputs disagree on {PARAMETER} of the account {labels[0]}: {', '.join(v or 'unset' for v in values)}",
            )
        if values[0] != _DISABLED:
            said = f"is {values[0]}" if values[0] else "was never set"
            return None, f"{PARAMETER} of the account {labels[0]} {said}: other regions may process requests"
        country = self._country(labels[1:])
        if country == "unknown":
            return None, f"{PARAMETER} of the account {labels[0]} is {_DISABLED}, and the country of its region is not known"
        return (country,), f"{PARAMETER} of the account {labels[0]} is {_DISABLED}, and its region lies in {country}"

    def _country(self, labels: list[str]) -> str:
        """Return the country of ``<region>`` or ``<region>.<cloud>`` in a host; without a cloud it is a region of AWS."""
        region, cloud = (*labels, "", "")[:2]
        if cloud == "azure":
            return self.regions["azure"].get(region.replace("-", ""), "unknown")
        return self.regions["google" if cloud == "gcp" else "aws"].get(region, "unknown")


def read_cross_region(library: Library) -> tuple[CrossRegion, ...]:
    """Return what every document says of the parameter, in order of the documents."""
    found: list[CrossRegion] = []
    for module in modules_of(library):
        found.extend(_of_module(module))
    for source in library.of_kind(DocumentKind.JSON):
        found.extend(_of_export(source))
    return tuple(found)


def explained_parameters(library: Library) -> frozenset[str]:
    """Return the paths of exports that hold the parameter."""
    return frozenset(s.document.path for s in library.of_kind(DocumentKind.JSON) if any(True for _ in _of_export(s)))


def _of_module(module: Module) -> Iterator[CrossRegion]:
    accounts = _provider_accounts(module)
    for source, kind, _, body in module.resources(*RESOURCES):
        node = body.get("value") if kind == RESOURCES[0] else body.get(PARAMETER.lower())
        named = kind != RESOURCES[0] or (as_text(module.scope.value(body.get("key"))) or "").upper() == PARAMETER
        if named and node is not None:
            value = as_text(module.scope.value(node))
            # A value that is known only after the run is no DISABLED.
            said = value.upper() if value is not None else "not known"
            own = accounts.get(_alias(body.get("provider")), frozenset())
            yield CrossRegion(own, said, source.evidence(node, f"{PARAMETER}: {said}"))


def _provider_accounts(module: Module) -> dict[str, frozenset[str]]:
    """Return the names of the account by the alias of its provider, empty for the one that has none."""
    found: dict[str, frozenset[str]] = {}
    for _, label, body in module.blocks("provider"):
        if label == "snowflake":
            name = _plain(module, body, "account_name") or _plain(module, body, "account")
            organisation = _plain(module, body, "organization_name")
            names = (name, f"{organisation}-{name}" if organisation and name else "")
            found[as_text(module.scope.value(body.get("alias"))) or ""] = frozenset(n for n in names if n)
    return found


def _alias(node: Node | None) -> str:
    """Return the alias that a resource names: of ``snowflake.other`` what follows the dot."""
    return node.text.removeprefix("${").removesuffix("}").partition(".")[2] if node is not None else ""


def _plain(module: Module, body: Node, key: str) -> str:
    return (as_text(module.scope.value(body.get(key))) or "").lower().replace("_", "-")


def _of_export(source: Source) -> Iterator[CrossRegion]:
    root = source.document.root
    for row in root.items if root.kind is NodeKind.SEQUENCE else ():
        if row.kind is not NodeKind.MAPPING or _text(row, "key").upper() != PARAMETER:
            continue
        value = _text(row, "value").upper() if _text(row, "level").upper() == "ACCOUNT" else ""
        accounts = frozenset(re.findall(r"[a-z0-9-]+", source.origin.lower().replace("_", "-")))
        yield CrossRegion(accounts, value, source.evidence(row, f"{PARAMETER}: {value or 'not set in the account'}"))


def _text(node: Node, key: str) -> str:
    found = node.get(key)
    return found.text if found is not None and found.kind is NodeKind.SCALAR else ""
