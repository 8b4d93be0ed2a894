"""What a file is, by its name; what a tree is, by its form."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from auditor.documents.tree import DocumentKind, Node, NodeKind


class Syntax(StrEnum):
    """How the text of a file is parsed."""

    YAML = "yaml"
    JSON = "json"
    JSONC = "jsonc"
    ENV = "env"
    SYSTEMD = "systemd"
    TOML = "toml"
    HCL = "hcl"
    DOCKERFILE = "dockerfile"
    PLIST = "plist"
    REGISTRY = "registry"
    IPTABLES = "iptables"
    IPSET = "ipset"
    NFTABLES = "nftables"
    SQUID = "squid"
    SHELL = "shell"
    """A script that sets packet filters."""
    SCRIPT = "script"
    """Any other shell script."""
    MAKE = "make"
    MAYBE_ENV = "maybe_env"
    """No suffix that decides: what the text shows itself to be, else an env file if every line is an assignment."""


CAPTURE_SUFFIXES = (".pcap", ".pcapng", ".cap")
"""Recorded traffic, which another stage reads."""

# fmt: off
PROSE_SUFFIXES = frozenset(
    {
        ".md", ".markdown", ".rst", ".txt", ".pdf", ".doc", ".docx", ".odt", ".html", ".htm", ".png", ".jpg", ".jpeg",
        ".gif", ".svg", ".csv", ".xlsx", ".parquet", ".log", ".pem", ".crt", ".key", ".lock",
    }
)
# fmt: on
"""Papers, pictures, tables, certificates: never configuration, so passing over them leaves nothing open."""
_PROSE_NAMES = frozenset({"license", "licence", "copying", "notice", "authors", "codeowners", "owners", "security_contacts"})
"""Papers that repositories keep without a suffix."""

UNREAD_FORMATS = {
    ".tfstate": "Terraform state",
    ".bicep": "Bicep",
    ".xml": "XML",
    ".ini": "INI",
    ".properties": "Java properties",
    ".ps1": "PowerShell",
    ".py": "Python",
    ".js": "JavaScript",
    ".tpl": "template",
    ".tftpl": "template",
    ".tmpl": "template",
    ".j2": "template",
    ".gz": "archive",
    ".tgz": "archive",
    ".zip": "archive",
    ".tar": "archive",
}
"""Formats that may well hold configuration and have no reader: named in the reason why a file was not examined."""

_UNITS = (".service", ".socket", ".timer", ".target", ".mount", ".path", ".slice")
_BY_SUFFIX = {
    ".yaml": Syntax.YAML,
    ".yml": Syntax.YAML,
    ".json": Syntax.JSON,
    ".jsonc": Syntax.JSONC,
    ".code-workspace": Syntax.JSONC,
    ".toml": Syntax.TOML,
    ".tf": Syntax.HCL,
    ".tfvars": Syntax.HCL,
    ".hcl": Syntax.HCL,
    ".plist": Syntax.PLIST,
    ".mobileconfig": Syntax.PLIST,
    ".reg": Syntax.REGISTRY,
    ".nft": Syntax.NFTABLES,
    ".mk": Syntax.MAKE,
    **dict.fromkeys(_UNITS, Syntax.SYSTEMD),
}
_BY_SYNTAX = {
    Syntax.SYSTEMD: DocumentKind.SYSTEMD,
    Syntax.TOML: DocumentKind.TOML,
    Syntax.HCL: DocumentKind.TERRAFORM,
    Syntax.DOCKERFILE: DocumentKind.DOCKERFILE,
    Syntax.PLIST: DocumentKind.PLIST,
    Syntax.REGISTRY: DocumentKind.REGISTRY,
    Syntax.IPTABLES: DocumentKind.IPTABLES,
    Syntax.IPSET: DocumentKind.IPSET,
    Syntax.NFTABLES: DocumentKind.NFTABLES,
    Syntax.SQUID: DocumentKind.SQUID,
    Syntax.SHELL: DocumentKind.SHELL,
    Syntax.SCRIPT: DocumentKind.SCRIPT,
    Syntax.MAKE: DocumentKind.SCRIPT,
}
_TABLE = r"(?:ip|ip6|inet|arp|bridge|netdev)[ \t]"
_SETS_FILTER = r"(?:\S*/)?(?:ip6?tables(?:-legacy|-nft)?(?:-restore)?|ipset|nft)[ \t]"
_BY_TEXT = (
    (Syntax.SHELL, re.compile(rf"\A#![^\n]*\b(?:ba|da|k|z|a)?sh\b[\s\S]*?(?:^|[;&|({{\"' \t]){_SETS_FILTER}", re.MULTILINE)),
    (
        Syntax.SHELL,
        re.compile(r"^[ \t]*(?:sudo[ \t]+)?(?:\S*/)?(?:ip6?tables(?:-legacy|-nft)?[ \t]+-|ipset[ \t]+create[ \t])", re.MULTILINE),
    ),
    (Syntax.IPTABLES, re.compile(r"^\*(?:filter|nat|mangle|raw|security)[ \t]*$", re.MULTILINE)),
    (Syntax.IPSET, re.compile(r"\A\s*create \S+ (?:hash|bitmap|list):", re.MULTILINE)),
    (Syntax.NFTABLES, re.compile(rf"^[ \t]*(?:(?:add|create)[ \t]+)?table[ \t]+{_TABLE}|\A#!\S*/nft\b", re.MULTILINE)),
    (Syntax.SQUID, re.compile(r"^[ \t]*http_access[ \t]+(?:allow|deny)[ \t]", re.MULTILINE)),
)
"""Formats that have no file name of their own, by a line that they have and others do not."""
_SHEBANG = re.compile(r"\A#![^\n]*\b(?:ba|da|k|z|a)?sh\b")
_SCRIPT_SUFFIXES = (".sh", ".bash", ".zsh", ".ksh")
_COMMENTED_JSON = (
    "settings.json",
    ".devcontainer.json",
    "devcontainer.json",
    "launch.json",
    "tasks.json",
    "mcp.json",
    "opencode.json",
)
"""Files of Visual Studio Code, development containers and opencode, whose programs take comments and trailing commas."""
_PIPELINES = (".gitlab-ci.yml", ".gitlab-ci.yaml")
_DEVCONTAINER_NAMES = ("devcontainer.json", ".devcontainer.json")
_ENV_NAMES = (".env", ".env.*", "*.env", "env", "environment", ".envrc", "*.env.*", "*.envrc")
_MAKEFILES = ("makefile", "gnumakefile")
_DOCKERFILE_NAMES = ("dockerfile", "containerfile", "dockerfile.*", "containerfile.*", "*.dockerfile", "*.containerfile")
_BY_NAME = (
    (_COMMENTED_JSON, Syntax.JSONC),
    (_DOCKERFILE_NAMES, Syntax.DOCKERFILE),
    (_MAKEFILES, Syntax.MAKE),
)
_COMPOSE_NAMES = ("compose*.y*ml", "docker-compose*.y*ml")
_TEMPLATES = (".tpl", ".tftpl", ".tmpl")
"""What follows the suffix of a file that a program fills before it is used: without directives it has its format all the same."""
_VALUES_NAMES = ("values*.y*ml", "*-values.y*ml", "*.values.y*ml")


def is_prose(name: str) -> bool:
    """Return whether a file of this name is for people, never configuration."""
    path = PurePosixPath(name)
    return path.suffix.lower() in PROSE_SUFFIXES or path.name.lower() in _PROSE_NAMES


def syntax_of(name: str) -> Syntax | None:
    """Return how a file of this name is parsed, ``None`` when no reader takes it."""
    path = PurePosixPath(name)
    base, suffix = path.name, ".yaml" if is_template(name) else path.suffix.lower()
    named = next((syntax for names, syntax in _BY_NAME if _any(base, names)), None)
    if named is not None:
        return named
    if suffix == ".conf" and _unit_folder(path.parent.name):
        return Syntax.SYSTEMD
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if _any(base, _ENV_NAMES):
        return Syntax.ENV
    unread = suffix in UNREAD_FORMATS or suffix in PROSE_SUFFIXES or suffix in CAPTURE_SUFFIXES
    return None if unread else Syntax.MAYBE_ENV


def is_template(name: str) -> bool:
    """Return whether a file is a template of YAML by its name: ``values.yaml.tpl``."""
    path = PurePosixPath(name)
    return path.suffix.lower() in _TEMPLATES and PurePosixPath(path.stem).suffix.lower() in (".yaml", ".yml")


def syntax_by_text(text: str) -> Syntax | None:
    """Return the format that ``text`` shows itself to be, for files whose name does not tell."""
    return next((syntax for syntax, pattern in _BY_TEXT if pattern.search(text)), None)


def is_script(name: str, text: str) -> bool:
    """Return whether a file is a shell script, by its suffix or its first line."""
    return PurePosixPath(name).suffix.lower() in _SCRIPT_SUFFIXES or _SHEBANG.match(text) is not None


def kind_of(name: str, syntax: Syntax, root: Node) -> DocumentKind:
    """Return what a tree is: by its form first, then by the name of its file."""
    if syntax in (Syntax.ENV, Syntax.MAYBE_ENV):
        return DocumentKind.ENV
    if syntax in _BY_SYNTAX:
        return _BY_SYNTAX[syntax]
    base = PurePosixPath(name).stem if is_template(name) else PurePosixPath(name).name
    if (form := _self_named(base, root)) is not None:
        return form
    services = root.get("services")
    if _any(base, _COMPOSE_NAMES) or (services is not None and _all_mappings(services)):
        return DocumentKind.COMPOSE
    if syntax is Syntax.YAML and _any(base, _VALUES_NAMES):
        return DocumentKind.HELM_VALUES
    return DocumentKind.YAML if syntax is Syntax.YAML else DocumentKind.JSON


def _self_named(base: str, root: Node) -> DocumentKind | None:
    """Return the kind of a tree that says itself what it is, or whose file may have no other name."""
    if base in _DEVCONTAINER_NAMES:
        return DocumentKind.DEVCONTAINER
    if _is_pipeline(base, root):
        return DocumentKind.PIPELINE
    if _is_of_cloud(root):
        return DocumentKind.CLOUD
    rules = root.get("nftables")
    if rules is not None and rules.kind is NodeKind.SEQUENCE:
        return DocumentKind.NFTABLES
    if _text(root.get("format_version")) and _text(root.get("terraform_version")):
        return DocumentKind.TERRAFORM_PLAN
    return DocumentKind.KUBERNETES if _text(root.get("apiVersion")) and _text(root.get("kind")) else None


def _is_pipeline(base: str, root: Node) -> bool:
    """Return whether a tree is a workflow or a composite action of GitHub, or the pipeline of GitLab, which its name tells."""
    jobs = root.get("jobs")
    if jobs is not None and _all_mappings(jobs):
        return any(job.get("steps") is not None or job.get("runs-on") is not None for _, job in jobs.entries)
    return root.at("runs", "steps") is not None or (base.endswith(_PIPELINES) and root.kind is NodeKind.MAPPING)


def _is_of_cloud(root: Node) -> bool:
    """Return whether a tree is a template of CloudFormation, or a task definition of ECS."""
    resources = root.get("Resources")
    types = [_text(body.get("Type")) for _, body in resources.entries] if resources is not None else []
    if root.get("AWSTemplateFormatVersion") is not None or any(kind.startswith("AWS::") for kind in types):
        return True
    containers = (root.get("taskDefinition") or root).get("containerDefinitions")
    return containers is not None and containers.kind is NodeKind.SEQUENCE


def flatten_list(root: Node) -> tuple[Node, ...]:
    """Return the objects of a Kubernetes ``List`` (``kubectl get -o yaml``), else the tree itself."""
    kind, items = _text(root.get("kind")), root.get("items")
    if not (kind and kind.endswith("List") and _text(root.get("apiVersion")) and items is not None):
        return (root,)
    if items.kind is not NodeKind.SEQUENCE or any(i.kind is not NodeKind.MAPPING for i in items.items):
        return (root,)
    return tuple(_typed(item, root, kind) for item in items.items)


def _typed(item: Node, parent: Node, kind: str) -> Node:
    """Return an item of a typed list (``NamespaceList``) with the type that the list implies; a plain ``List`` implies none."""
    api = parent.get("apiVersion")
    if kind == "List" or api is None or item.get("kind") is not None:
        return item
    head = [
        (
            Node(NodeKind.SCALAR, item.line, item.column, text="kind"),
            Node(NodeKind.SCALAR, item.line, item.column, text=kind[:-4]),
        )
    ]
    if item.get("apiVersion") is None:
        head.append((Node(NodeKind.SCALAR, item.line, item.column, text="apiVersion"), api))
    return replace(item, entries=(*head, *item.entries))


def _unit_folder(name: str) -> bool:
    """Return whether a folder holds drop-ins of a unit (``coder.service.d``) or of all of a type (``service.d``)."""
    unit = name.removesuffix(".d")
    return name.endswith(".d") and (PurePosixPath(unit).suffix in _UNITS or f".{unit}" in _UNITS)


def _any(base: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(base.lower(), pattern) for pattern in patterns)


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.kind is NodeKind.SCALAR else ""


def _all_mappings(node: Node) -> bool:
    return node.kind is NodeKind.MAPPING and bool(node.entries) and all(v.kind is NodeKind.MAPPING for _, v in node.entries)
