"""Who has proxy variables besides the services of compose files: pods, systemd units, users of an env file (facts H5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.evidence import FileLocation
from auditor.network.kubernetes import template_of
from auditor.network.layers import Governed, Subject
from auditor.network.nodes import items, namespace_of, text
from auditor.network.objects import Pods
from auditor.network.proxy_variables import ProxyVariables, proxies_among

Environments = list[tuple[Document, Node | None]]


def read_proxied(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the systemd units and env files that have proxy variables; nothing of it restricts anybody."""
    files = {d.path: d for d in documents if d.kind is DocumentKind.ENV and not d.inside}
    for document in documents:
        if document.kind is DocumentKind.SYSTEMD:
            environments = list(_of_unit(document, files))
        elif document.kind is DocumentKind.ENV and not document.inside:
            environments = [(document, document.root)]
        else:
            continue
        layer = proxies_among(environments)
        if layer is not None:
            name = document.path.rpartition("/")[2]
            subject = Subject(document.path, (name, name.removesuffix(".service")), layer.location)
            yield Governed(subject, (layer,), restricts=False)


def _of_unit(document: Document, files: Mapping[str, Document]) -> Iterator[tuple[Document, Node | None]]:
    """Yield the environments of a unit: its own, then its files, which count over it (systemd.exec(5), "EnvironmentFile=")."""
    yield document, document.root.at("Service", "Environment")
    listed = document.root.at("Service", "EnvironmentFile")
    for item in listed.items if listed is not None else ():
        wanted = item.text.removeprefix("-").rpartition("/")[2]
        meant = [d for path, d in files.items() if path.rpartition("/")[2] == wanted]
        if len(meant) == 1:
            yield meant[0], meant[0].root


@dataclass(frozen=True, slots=True)
class PodProxies:
    """The proxy variables of pods, by the place of the object that makes them."""

    by_place: Mapping[FileLocation, ProxyVariables]

    def layer(self, pods: Pods) -> ProxyVariables | None:
        """Return what the variables of pods advise, ``None`` where they have none."""
        return self.by_place.get(pods.location) if pods.location is not None else None


def read_pod_proxies(documents: Iterable[Document]) -> PodProxies:
    """Return the proxy variables of the containers of all pods, with the ConfigMaps that they take in whole."""
    objects = [d for d in documents if d.kind is DocumentKind.KUBERNETES]
    maps = {(namespace_of(d.root), text(d.root, "metadata", "name")): d for d in objects if text(d.root, "kind") == "ConfigMap"}
    found: dict[FileLocation, ProxyVariables] = {}
    for document in objects:
        template = template_of(document.root)
        environments = list(_of_pods(document, template, maps)) if template is not None else []
        layer = proxies_among(environments) if environments else None
        if layer is not None:
            found[document.locate(document.root.at("metadata", "name") or document.root)] = layer
    return PodProxies(found)


def _of_pods(
    document: Document, template: Node, maps: Mapping[tuple[str, str], Document]
) -> Iterator[tuple[Document, Node | None]]:
    space = namespace_of(document.root)
    for container in (*items(template, "spec", "initContainers"), *items(template, "spec", "containers")):
        for source in items(container, "envFrom"):
            known = maps.get((space, text(source, "configMapRef", "name")))
            if known is not None and not text(source, "prefix"):
                yield known, known.root.get("data")
        if container.get("env") is not None:
            yield document, container.get("env")
