"""Files inside another: compose configs and mounts, ConfigMaps, JSON in variables and the registry, an editor's settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from auditor.documents.installed_values import installed, place_of
from auditor.documents.release_values import part_name, parts, releases
from auditor.documents.tree import DocumentKind, Node, NodeKind

_SEPARATOR = "\\"


@dataclass(frozen=True, slots=True)
class Embedded:
    """One file inside another."""

    name: str
    """As it is called where it is mounted: ``/app/config.yaml``."""
    node: Node
    """The scalar that holds its text, or the mapping that stands for its whole tree."""
    kind: DocumentKind = DocumentKind.JSON
    """What the tree of a mapping is."""


def embedded_files(kind: DocumentKind, root: Node) -> Iterator[Embedded]:
    """Yield the files that stand in a tree of ``kind``, in order."""
    reader = _BY_KIND.get(kind)
    if reader is not None:
        yield from reader(root)


def variable_file(name: str) -> str:
    """Return what a file is called that stands in the environment variable ``name`` as JSON."""
    return f"{name}.json"


def _in_variables(environment: Node | None) -> Iterator[Embedded]:
    """Yield the variables that hold a JSON object: a mapping, ``NAME=value`` texts, or ``{name, value}`` entries."""
    for key, value in environment.entries if environment is not None else ():
        yield from _in_variable(key.text, value)
    for item in environment.items if environment is not None else ():
        given = item.get("value")
        if given is not None:
            yield from _in_variable(_text(item.get("name")), given)
        elif item.kind is NodeKind.SCALAR:
            name, _, text = item.text.partition("=")
            yield from _in_variable(name, replace(item, text=text))


def _in_variable(name: str, value: Node) -> Iterator[Embedded]:
    if name and value.kind is NodeKind.SCALAR and value.text.lstrip().startswith("{"):
        yield Embedded(variable_file(name), value)


def _in_compose(root: Node) -> Iterator[Embedded]:
    yield from _in_configs(root)
    services = root.get("services")
    for _, service in services.entries if services is not None else ():
        yield from _in_mounts(service)
        yield from _in_variables(service.get("environment"))


def _in_terraform(root: Node) -> Iterator[Embedded]:
    for release, body in releases(root):
        yield from (Embedded(part_name(release, n), node, DocumentKind.HELM_VALUES) for n, node in parts(body))


def _in_script(root: Node) -> Iterator[Embedded]:
    """Yield the files that a script writes out of its here-documents: ``cat > a.yaml <<'EOF'``, ``tee a.yaml <<'EOF'``."""
    for _, node in root.walk():
        text, into, run = node.get("given"), node.get("into"), node.get("run")
        if text is None or text.kind is not NodeKind.SCALAR:
            continue
        names = list(into.items[-1:]) if into is not None else []
        words = [word.text for word in run.items] if run is not None else []
        if run is not None and "tee" in words:
            names = [word for word in run.items[words.index("tee") + 1 :] if not word.text.startswith("-")][:1]
        yield from (Embedded(name.text, text) for name in names if name.kind is NodeKind.SCALAR and name.text)


def _in_devcontainer(root: Node) -> Iterator[Embedded]:
    settings = root.at("customizations", "vscode", "settings") or root.get("settings")
    if settings is not None and settings.kind is NodeKind.MAPPING:
        yield Embedded(".vscode/settings.json", settings)


def _in_kubernetes(root: Node) -> Iterator[Embedded]:
    yield from _in_custom_objects(root)
    yield from _in_containers(root)
    yield from _in_installers(root)
    data = root.get("data") if _text(root.get("kind")) == "ConfigMap" else None
    for key, value in data.entries if data is not None else ():
        if value.kind is NodeKind.SCALAR and "." in key.text:
            yield Embedded(key.text, value)


def _in_containers(root: Node) -> Iterator[Embedded]:
    spec = root.get("spec")
    pods = (spec, root.at("spec", "template", "spec"), root.at("spec", "jobTemplate", "spec", "template", "spec"))
    for pod in pods:
        for key in ("initContainers", "containers"):
            containers = pod.get(key) if pod is not None and pod.kind is NodeKind.MAPPING else None
            for container in containers.items if containers is not None else ():
                yield from _in_variables(container.get("env"))


def _in_installers(root: Node) -> Iterator[Embedded]:
    yield from (Embedded(place_of(each.chart), each.node, DocumentKind.HELM_VALUES) for each in installed(root))


def _in_custom_objects(root: Node) -> Iterator[Embedded]:
    """Yield the texts of YAML in which Ray's objects keep what their clusters run (KubeRay API reference)."""
    for key in ("serveConfigV2", "runtimeEnvYAML"):
        value = root.at("spec", key)
        if value is not None and value.kind is NodeKind.SCALAR:
            yield Embedded(f"{key}.yaml", value)


def _in_registry(root: Node) -> Iterator[Embedded]:
    """Yield values that hold JSON, as managed settings do: ``HKEY_LOCAL_MACHINE/ClaudeCode/Settings.json``."""
    for key, values in root.entries:
        for name, value in values.entries:
            if value.kind is NodeKind.SCALAR and value.text.lstrip().startswith("{"):
                hive = key.text.partition(_SEPARATOR)[0]
                yield Embedded(f"{hive}/{key.text.rpartition(_SEPARATOR)[2]}/{name.text}.json", value)


def shifted(node: Node, inside: Node, lines: tuple[str, ...]) -> Node:
    """Return ``node``, read from the text of the scalar ``inside``, with its place in the outer file.

    Only a literal block of YAML (``|``) and a heredoc of HCL (``<<``) keep the lines of their text; in any other scalar
    everything stands where the scalar begins.
    """
    if not _keeps_lines(inside, lines):
        return _moved(node, lambda _: (inside.line, inside.column))
    indent = _indent(inside, lines)
    return _moved(node, lambda n: (n.line + inside.line, n.column + indent))


def cleaned(outer: tuple[str, ...], inside: Node, lines: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a file, those of the scalar ``inside`` without the secrets that only its own tree showed.

    Args:
        outer: lines of the file as they are shown.
        inside: the scalar; what keeps no lines is left to the search for known secrets.
        lines: lines of the file as they are written.
        inner: lines of the scalar's text without secrets.
    """
    if not _keeps_lines(inside, lines):
        return outer
    indent = " " * _indent(inside, lines)
    before = inside.text.split("\n")
    changed = {inside.line + n: indent + text for n, text in enumerate(inner) if n < len(before) and text != before[n]}
    return tuple(changed.get(n, line) for n, line in enumerate(outer))


def _keeps_lines(inside: Node, lines: tuple[str, ...]) -> bool:
    line = lines[inside.line - 1] if 0 < inside.line <= len(lines) else ""
    return line[inside.column - 1 :].startswith(("|", "<<"))


def _indent(inside: Node, lines: tuple[str, ...]) -> int:
    following = next((text for text in lines[inside.line :] if text.strip()), "")
    return len(following) - len(following.lstrip(" "))


def _moved(node: Node, place: Callable[[Node], tuple[int, int]]) -> Node:
    line, column = place(node)
    return replace(
        node,
        line=line,
        column=column,
        entries=tuple((_moved(k, place), _moved(v, place)) for k, v in node.entries),
        items=tuple(_moved(item, place) for item in node.items),
    )


def _in_configs(root: Node) -> Iterator[Embedded]:
    configs = root.get("configs")
    for key, config in configs.entries if configs is not None else ():
        content = config.get("content")
        if content is not None and content.kind is NodeKind.SCALAR:
            yield Embedded(_target(root, key.text), content)


def _target(root: Node, name: str) -> str:
    """Return where a service mounts the config: its name alone where none says."""
    services = root.get("services")
    for _, service in services.entries if services is not None else ():
        mounts = service.get("configs")
        for mount in mounts.items if mounts is not None else ():
            if _text(mount.get("source")) == name and mount.get("target") is not None:
                return _text(mount.get("target"))
    return name


def _in_mounts(service: Node) -> Iterator[Embedded]:
    """Yield mounts with their content, as Coolify writes them into compose files."""
    volumes = service.get("volumes")
    for volume in volumes.items if volumes is not None else ():
        content = volume.get("content")
        if content is not None and content.kind is NodeKind.SCALAR:
            yield Embedded(_text(volume.get("target")) or _text(volume.get("source")), content)


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.kind is NodeKind.SCALAR else ""


_BY_KIND: dict[DocumentKind, Callable[[Node], Iterator[Embedded]]] = {
    DocumentKind.COMPOSE: _in_compose,
    DocumentKind.DEVCONTAINER: _in_devcontainer,
    DocumentKind.ENV: _in_variables,
    DocumentKind.KUBERNETES: _in_kubernetes,
    DocumentKind.REGISTRY: _in_registry,
    DocumentKind.SCRIPT: _in_script,
    DocumentKind.TERRAFORM: _in_terraform,
    DocumentKind.YAML: _in_installers,
}
