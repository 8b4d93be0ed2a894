"""Azure accounts and deployments of models, as Terraform, the Azure command line and template exports state them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.config.bindings import Library, Source
from auditor.config.formats.terraform_module import Module
from auditor.config.formats.terraform_plan import modules_of
from auditor.documents import as_text
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.evidence import Evidence

ACCOUNT, DEPLOYMENT = "azurerm_cognitive_account", "azurerm_cognitive_deployment"
_ARM_ACCOUNT, _ARM_DEPLOYMENT = "microsoft.cognitiveservices/accounts", "microsoft.cognitiveservices/accounts/deployments"


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
    return frozenset(path for path, found in exports if found and {_kind(n) for n in found} <= {_ARM_ACCOUNT, _ARM_DEPLOYMENT})


def _of_module(module: Module) -> Iterator[AzureAccount]:
    accounts = list(module.resources(ACCOUNT))
    deployments = list(module.resources(DEPLOYMENT))
    for source, _, name, body in accounts:
        text = _reader(module)
        names = _names(text(body.get("name")), text(body.get("custom_subdomain_name")))
        own = [d for d in deployments if _belongs(d[3], name, names, text, alone=len(accounts) == 1)]
        found = tuple(_deployment(s, b, text) for s, _, _, b in own)
        evidence = source.evidence(body, f"Azure account {', '.join(sorted(names))}")
        yield AzureAccount(names, _region(_location(module, body)), found, evidence)


def _reader(module: Module) -> Callable[[Node | None], str]:
    def text(node: Node | None) -> str:
        return as_text(module.scope.value(node)) or ""

    return text


def _belongs(body: Node, name: str, names: frozenset[str], text: Callable[[Node | None], str], *, alone: bool) -> bool:
    """Return whether a deployment names this account: by reference, by the path of its id, or as the only one there is."""
    node = body.get("cognitive_account_id")
    identifier = text(node)
    if identifier:
        return identifier.rpartition("/")[2].lower() in names
    if node is not None and f"{ACCOUNT}.{name}." in node.text:
        return True
    # A plan does not know the id of what it creates.
    return alone and (node is None or f"{ACCOUNT}." not in node.text)


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


def _of_exports(library: Library) -> Iterator[AzureAccount]:
    """Yield the accounts of JSON exports; a deployment of another export belongs to its account by name."""
    resources = [(s, n) for s in library.of_kind(DocumentKind.JSON) for n in library.once(_resources, s)]
    deployments = [(s, n) for s, n in resources if _kind(n) == _ARM_DEPLOYMENT]
    for source, node in resources:
        if _kind(node) == _ARM_ACCOUNT:
            names = _names(_text(node, "name"), _text(node, "properties", "customSubDomainName"))
            own = tuple(_exported(s, d) for s, d in deployments if _owner(d) in names)
            evidence = source.evidence(node, f"Azure account {', '.join(sorted(names))}")
            yield AzureAccount(names, _region(_text(node, "location")), own, evidence)


def _resources(source: Source, library: Library) -> tuple[Node, ...]:  # noqa: ARG001 -- the signature that a library makes things by
    """Return the resources of an answer of the command line (a list, or one) or of a template (``resources``)."""
    root = source.document.root
    listed = root if root.kind is NodeKind.SEQUENCE else root.get("resources") or root.get("value")
    nodes = listed.items if listed is not None and listed.kind is NodeKind.SEQUENCE else (root,)
    return tuple(n for n in nodes if n.kind is NodeKind.MAPPING)


def _kind(node: Node) -> str:
    return _text(node, "type").lower()


def _owner(node: Node) -> str:
    """Return the account of a deployment: of its id, or of its name ``account/deployment`` in a template."""
    path = _text(node, "id").lower()
    if "/accounts/" in path:
        return path.partition("/accounts/")[2].partition("/")[0]
    return _text(node, "name").lower().partition("/")[0]


def _exported(source: Source, node: Node) -> AzureDeployment:
    name = _text(node, "name").rpartition("/")[2]
    sku = _text(node, "sku", "name")
    evidence = source.evidence(node, f"Azure deployment {name}" + (f", SKU {sku}" if sku else ""))
    return AzureDeployment(name, sku, _text(node, "properties", "model", "format"), evidence)


def _text(node: Node, *path: str) -> str:
    found = node.at(*path)
    return found.text if found is not None and found.kind is NodeKind.SCALAR else ""


def _names(*texts: str) -> frozenset[str]:
    return frozenset(t.lower() for t in texts if t)


def _region(text: str) -> str:
    """Return the programmatic name of a region that may be written as people say it (``West Europe``)."""
    return text.replace(" ", "").lower()
