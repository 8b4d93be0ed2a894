"""Containers of Kubernetes objects: every mapping with ``containers``, so that custom resources with a pod template count too."""

from __future__ import annotations

import re

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind, plain_values, words_of
from auditor.config.formats.mounts import missing_in_pod
from auditor.config.formats.shell import hidden_by_hook, hidden_by_shell
from auditor.documents.tree import Node, NodeKind

OPEN_VALUE = "expression"
"""Stands in ``valueFrom`` of a release's values for what only a run of Terraform decides; Kubernetes has no such field."""

_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


def read_kubernetes(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return one launch a container and init container; the later of two ``env`` entries of one name wins."""
    root = source.document.root
    namespace = _text(root.at("metadata", "namespace"))
    return tuple(
        read_container(source, library, container, namespace, pod=node)
        for _, node in root.walk()
        if node.kind is NodeKind.MAPPING
        for key in ("initContainers", "containers", "ephemeralContainers")
        for container in _items(node.get(key))
        if container.get("image") is not None or container.get("env") is not None
    )


def read_container(source: Source, library: Library, container: Node, namespace: str, pod: Node | None = None) -> Launch:
    """Return the launch of one container: ``env`` wins over ``envFrom``. ``pod`` holds the volumes that it mounts."""
    env: dict[str, Binding] = {}
    opaque: list[Opaque] = []
    linked: list[str] = []
    read_env_from(source, library, container.get("envFrom"), namespace, (env, opaque, linked))
    env |= read_env_list(source, library, container.get("env"), namespace, env)
    name = container.get("name") or container
    program = words_of(source, container.get("command"))
    words = (*program, *words_of(source, container.get("args")))
    what = f"container {name.text}"
    return Launch(
        source=source,
        name=name.text,
        packaging=Packaging.KUBERNETES,
        image=_text(container.get("image")),
        words=words,
        env=env,
        opaque=tuple(opaque),
        complete=True,
        evidence=source.evidence(container.get("image") or name, what),
        linked=tuple(linked),
        program=program,
        hidden=(
            *hidden_by_shell(words, f"the {what}"),
            *hidden_by_hook(source, container.get("lifecycle"), f"lifecycle of the {what}"),
        ),
        given=missing_in_pod(source, library, pod, container, namespace) if pod is not None else (),
    )


def read_env_list(
    source: Source, library: Library, node: Node | None, namespace: str, before: dict[str, Binding]
) -> dict[str, Binding]:
    """Return the bindings of an ``env`` list of ``{name, value | valueFrom}``."""
    found: dict[str, Binding] = {}
    for item in _items(node):
        name = _text(item.get("name"))
        value = item.get("value")
        if value is not None:
            found[name] = _with_references(source, name, value, {**before, **found})
        elif item.get("valueFrom") is not None:
            found[name] = _value_from(source, library, item, namespace)
        elif name:
            found[name] = bind(source, name, item.get("name") or item, "")
    return found


def read_env_from(
    source: Source,
    library: Library,
    node: Node | None,
    namespace: str,
    into: tuple[dict[str, Binding], list[Opaque], list[str]],
) -> None:
    """Add what ``envFrom`` brings: values of a ConfigMap in the inputs, names of a Secret, else something opaque."""
    env, opaque, linked = into
    for item in _items(node):
        prefix = _text(item.get("prefix"))
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = item.get(key)
            if reference is None:
                continue
            name = _text(reference.get("name"))
            found = library.kubernetes(kind, name, namespace)
            if found is None:
                text = f"envFrom takes the {kind} {name}, which is not in the inputs"
                step = f"Supply the {kind} {name}, or the names that it sets"
                opaque.append(Opaque(text, step, source.evidence(reference, f"envFrom {kind} {name}")))
                continue
            linked.append(found.document.path)
            env.update(_object_values(found, kind, prefix))


def _object_values(found: Source, kind: str, prefix: str) -> dict[str, Binding]:
    bindings: dict[str, Binding] = {}
    for section in ("data", "stringData"):
        node = found.document.root.get(section)
        for key, value in node.entries if node is not None else ():
            name = prefix + key.text
            hidden = kind == "Secret"
            bindings[name] = bind(
                found, name, value, None if hidden else value.text, "a Secret holds it" if hidden else "", surely=True
            )
    return bindings


def _value_from(source: Source, library: Library, item: Node, namespace: str) -> Binding:
    name = _text(item.get("name"))
    at = item.get("name") or item
    reference = item.at("valueFrom", "configMapKeyRef")
    if reference is not None:
        found = library.kubernetes("ConfigMap", _text(reference.get("name")), namespace)
        value = found.document.root.at("data", _text(reference.get("key"))) if found is not None else None
        if found is not None and value is not None:
            return bind(found, name, value, value.text)
        return bind(
            source, name, at, None, f"it comes from the ConfigMap {_text(reference.get('name'))}, which is not in the inputs"
        )
    secret = item.at("valueFrom", "secretKeyRef")
    if secret is not None:
        return bind(source, name, at, None, f"it comes from the Secret {_text(secret.get('name'))}", surely=True)
    if item.at("valueFrom", OPEN_VALUE) is not None:
        return bind(source, name, at, None, "Terraform decides it when it runs")
    return bind(source, name, at, None, "Kubernetes fills it at run time", surely=True)


def _with_references(source: Source, name: str, node: Node, known: dict[str, Binding]) -> Binding:
    values = plain_values(known.values())
    missing = [m for m in _REFERENCE.findall(node.text) if m not in values]
    if missing:
        return bind(source, name, node, None, f"$({missing[0]}) has no value in the inputs")
    return bind(source, name, node, _REFERENCE.sub(lambda m: values[m.group(1)], node.text))


def _items(node: Node | None) -> tuple[Node, ...]:
    return tuple(i for i in node.items if i.kind is NodeKind.MAPPING) if node is not None else ()


def _text(node: Node | None) -> str:
    return node.text if node is not None else ""
