"""Azure accounts and deployments of models, as Terraform, the Azure command line and template exports state them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from auditor.config.arm_expressions import Template, given_by
from auditor.config.bindings import Library, Source
from auditor.config.formats.terraform_module import Module
from auditor.config.formats.terraform_plan import AFTER_APPLY, modules_of
from auditor.documents import as_text
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.evidence import Evidence

ACCOUNTS, DEPLOYMENT = ("azurerm_cognitive_account", "azurerm_ai_services"), "azurerm_cognitive_deployment"
"""Both resources make an account that deployments belong to (documentation of hashicorp/azurerm, read 2026-11-27)."""
_MADE_OTHERWISE = "azapi_resource"
"""Makes resources of any type, accounts too."""
_REFERENCE = re.compile(r"\$\{(?P<account>[a-z_]+\.[\w-]+)(?:\[0\])?\.id\}")
_ARM_ACCOUNT, _ARM_DEPLOYMENT = "microsoft.cognitiveservices/accounts", "microsoft.cognitiveservices/accounts/deployments"

_DEEPEST = 4
"""Parts of the type of a resource inside others: deeper ones are none of models."""


@dataclass(frozen=True, slots=True)
class AzureDeployment:
    """One deployment of a model."""

    name: str
    sku: str
    """Empty when it is not in the inputs."""
    publisher: str
    """``model.format``: ``OpenAI``, ``Anthropic`` …; empty when it is not in the inputs."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class AzureAccount:
    """One account (resource) of Azure OpenAI or Foundry."""

    names: frozenset[str]
    """Its name and its subdomain, lower case."""
    location: str
    """Programmatic name of its region (``westeurope``); empty when it is not in the inputs."""
    deployments: tuple[AzureDeployment, ...]
    evidence: Evidence


def read_azure_accounts(library: Library) -> tuple[AzureAccount, ...]:
    """Return the accounts of all documents, with the deployments that belong to each, in order of the documents."""
    found: list[AzureAccount] = []
    for module in modules_of(library):
        found.extend(_of_module(module))
    return (*found, *_of_exports(library))


def explained_exports(library: Library) -> frozenset[str]:
    """Return the paths of JSON exports that hold accounts and deployments of models, and nothing else."""
    exports = ((s.document.path, library.once(_resources, s)) for s in library.of_kind(DocumentKind.JSON))
    return frozenset(path for path, found in exports if found and {r.kind for r in found} <= {_ARM_ACCOUNT, _ARM_DEPLOYMENT})


def _of_module(module: Module) -> Iterator[AzureAccount]:
    accounts = list(module.resources(*ACCOUNTS))
    deployments = list(module.resources(DEPLOYMENT))
    alone = len(accounts) == 1 and not any(True for _ in module.resources(_MADE_OTHERWISE))
    for source, kind, name, body in accounts:
        text = _reader(module)
        names = _names(text(body.get("name")), text(body.get("custom_subdomain_name")))
        own = [d for d in deployments if _belongs(d[3], f"{kind}.{name}", names, text, alone=alone)]
        found = tuple(_deployment(s, b, text) for s, _, _, b in own)
        evidence = source.evidence(body, f"Azure account {', '.join(sorted(names))}")
        yield AzureAccount(names, _region(_location(module, body)), found, evidence)


def _reader(module: Module) -> Callable[[Node | None], str]:
    def text(node: Node | None) -> str:
        return as_text(module.scope.value(node)) or ""

    return text


def _belongs(body: Node, address: str, names: frozenset[str], text: Callable[[Node | None], str], *, alone: bool) -> bool:
    """Return whether a deployment names this account: by reference, by the path of its id, or as the only one of a plan."""
    node = body.get("cognitive_account_id")
    identifier = text(node)
    if identifier:
        return identifier.rpartition("/")[2].lower() in names
    if node is not None and node.text != AFTER_APPLY:
        # Whatever else is referred to (a data source, a variable, a module) may be any account.
        reference = _REFERENCE.fullmatch(node.text)
        return reference is not None and reference["account"] == address
    # A plan does not know the id of what it creates, and knows every other.
    return alone


def _deployment(source: Source, body: Node, text: Callable[[Node | None], str]) -> AzureDeployment:
    name = text(body.get("name"))
    sku = text(_first(body, "sku", "name")) or text(_first(body, "scale", "type"))
    evidence = source.evidence(body, f"Azure deployment {name}" + (f", SKU {sku}" if sku else ""))
    return AzureDeployment(name, sku, text(_first(body, "model", "format")), evidence)


def _first(body: Node, block: str, key: str) -> Node | None:
    """Return an attribute of a block: a list of bodies in HCL and in plans, one mapping in exports."""
    node = body.get(block)
    if node is not None and node.kind is NodeKind.SEQUENCE:
        node = node.items[0] if node.items else None
    return node.get(key) if node is not None and node.kind is NodeKind.MAPPING else None


def _location(module: Module, body: Node) -> str:
    node = body.get("location")
    text = as_text(module.scope.value(node))
    if text is not None or node is None:
        return text or ""
    for _, kind, name, group in module.resources("azurerm_resource_group"):
        if node.text == f"${{{kind}.{name}.location}}":
            return as_text(module.scope.value(group.get("location"))) or ""
    return ""


@dataclass(frozen=True, slots=True)
class _Resource:
    """One resource of an export, its names and texts resolved as far as the template decides them."""

    source: Source
    node: Node
    template: Template
    kind: str
    name: str

    def text(self, *path: str) -> str:
        return self.template.text(self.node.at(*path))


def _of_exports(library: Library) -> Iterator[AzureAccount]:
    """Yield the accounts of JSON exports; a deployment of another export belongs to its account by name."""
    resources = [r for s in library.of_kind(DocumentKind.JSON) for r in library.once(_resources, s)]
    deployments = [r for r in resources if r.kind == _ARM_DEPLOYMENT]
    for found in resources:
        if found.kind == _ARM_ACCOUNT:
            names = _names(found.name, found.text("properties", "customSubDomainName"))
            own = tuple(_exported(d) for d in deployments if _owner(d) in names)
            evidence = found.source.evidence(found.node, f"Azure account {', '.join(sorted(names))}")
            yield AzureAccount(names, _region(found.text("location")), own, evidence)


def _resources(source: Source, library: Library) -> tuple[_Resource, ...]:
    """Return the resources of an answer of the command line (a list, or one) or of a template, those inside others too."""
    root = source.document.root
    listed = root if root.kind is NodeKind.SEQUENCE else root.get("resources") or root.get("value")
    # Templates with symbolic names hold a mapping, answers for one resource the resource itself.
    nodes = (root,) if listed is None or listed.kind is NodeKind.SCALAR else (*listed.items, *(v for _, v in listed.entries))
    template = Template(root, given_by([s.document.root for s in _parameter_files(source, library)]))
    return tuple(r for n in nodes for r in _with_children(source, template, n, "", ""))


def _parameter_files(source: Source, library: Library) -> Iterator[Source]:
    """Yield the parameter files beside a template, but those that are called after another file of the folder."""
    beside = library.beside(source)
    others = {_stem(s) for s in beside if s is not source and not _gives_parameters(s)} - {_stem(source)}
    yield from (s for s in beside if _gives_parameters(s) and _stem(s) not in others)


def _gives_parameters(source: Source) -> bool:
    return "deploymentparameters.json" in _text(source.document.root, "$schema").lower()


def _stem(source: Source) -> str:
    return PurePosixPath(source.document.name).name.partition(".")[0]


def _with_children(source: Source, template: Template, node: Node, kind: str, name: str) -> Iterator[_Resource]:
    """Yield a resource and the ones inside it, whose type and name go on from its own."""
    if node.kind is not NodeKind.MAPPING or len(kind.split("/")) > _DEEPEST:
        return
    own_kind, own_name = _text(node, "type").lower(), template.text(node.get("name")).lower()
    if kind:
        own_kind, own_name = f"{kind}/{own_kind}", f"{name}/{own_name}" if name and own_name else ""
    yield _Resource(source, node, template, own_kind, own_name)
    inner = node.get("resources")
    for child in inner.items if inner is not None and own_kind == _ARM_ACCOUNT else ():
        yield from _with_children(source, template, child, own_kind, own_name)


def _owner(deployment: _Resource) -> str:
    """Return the account of a deployment: of its id, or of its name ``account/deployment`` in a template."""
    path = deployment.text("id").lower()
    if "/accounts/" in path:
        return path.partition("/accounts/")[2].partition("/")[0]
    return deployment.name.partition("/")[0]


def _exported(deployment: _Resource) -> AzureDeployment:
    name = deployment.name.rpartition("/")[2]
    sku = deployment.text("sku", "name")
    evidence = deployment.source.evidence(deployment.node, f"Azure deployment {name}" + (f", SKU {sku}" if sku else ""))
    return AzureDeployment(name, sku, deployment.text("properties", "model", "format"), evidence)


def _text(node: Node, *path: str) -> str:
    found = node.at(*path)
    return found.text if found is not None and found.kind is NodeKind.SCALAR else ""


def _names(*texts: str) -> frozenset[str]:
    return frozenset(t.lower() for t in texts if t)


def _region(text: str) -> str:
    """Return the programmatic name of a region that may be written as people say it (``West Europe``)."""
    return text.replace(" ", "").lower()
