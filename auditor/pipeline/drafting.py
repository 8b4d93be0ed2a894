"""``auditor init``: from files to a drafted manifest; facts with their place, judgements left to people."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from auditor.catalog import Catalog, load_catalog
from auditor.config import configure, recognise_systems
from auditor.config.effective import place
from auditor.documents import BUNDLE_RECORD, CAPTURE_SUFFIXES, Document, DocumentKind, Redactor, read_bundle, read_tree
from auditor.errors import Diagnostic, NothingToAuditError, UnreadableError, UsageError
from auditor.facts.draft import Draft, DraftCapture, DraftComponent, DraftExport, DraftNetwork, DraftProcess, DraftSystem
from auditor.facts.manifest import Manifest, NotExamined, SystemEntry
from auditor.facts.observation import CaptureSource, Observation
from auditor.manifest import MANIFEST_NAME, assumed_manifest
from auditor.pipeline.logs_found import captures_below, logs_below

_RANGE_KEYS = frozenset(
    {
        "cidr_block", "address_space", "address_prefix", "address_prefixes", "ip_cidr_range", "ipv6_cidr_block",
        "pod_cidr", "service_cidr", "pod_address_range", "cluster_ipv4_cidr_block", "services_ipv4_cidr_block",
        "podCIDR", "podCIDRs", "podSubnet", "serviceSubnet", "clusterCIDR", "serviceCIDR", "cluster-cidr", "service-cidr",
    }
)  # fmt: skip
"""Keys under which Terraform providers, kubeadm, k3s and Kubernetes nodes keep a network's own ranges."""
_UNFIT = re.compile(r"[^a-z0-9._-]+")
_OF_OTHERS = ("rule", "security_group", "firewall", "acl", "route", "peering", "gateway", "policy")
"""Resources whose ranges are those of whom they talk to."""


def draft(paths: tuple[Path, ...], overlay: Path | None = None) -> Draft:
    """Return the drafted manifest for a folder, or for files in one folder.

    Raises:
        UsageError: a path that does not exist, that lies elsewhere than the first, or a manifest that is there already.
        UnreadableError: a named file cannot be read.
        NothingToAuditError: neither configuration nor capture was recognised.
    """
    base = _base(paths)
    catalog = load_catalog(overlay)
    redactor = Redactor()
    results = [read_tree(path, base, redactor) for path in paths if path.suffix not in CAPTURE_SUFFIXES]
    documents = tuple({(d.path, d.root.line): d for r in results for d in r.documents}.values())
    logs = logs_below(paths)
    captures = (*_captures(paths, base), *_logs(logs, base))
    if not documents and not captures:
        raise NothingToAuditError(
            Diagnostic(
                "nothing to draft from: neither configuration nor capture nor log", path=str(paths[0]), next_step="name the files"
            )
        )
    systems = recognise_systems(documents, catalog)
    manifest = assumed_manifest(base.resolve().name, systems, ())
    inputs = tuple(_inputs(paths, base, frozenset(logs)))
    reason = "its name holds a backslash or a control character, which a manifest cannot name"
    unnamed = (NotExamined(name, reason, named=False) for name in inputs if not _can_be_named(name))
    return Draft(
        deployment=_UNFIT.sub("-", base.resolve().name.lower()).strip("-._") or "deployment",
        networks=_networks(documents),
        systems=tuple(_system(system, catalog) for system in systems),
        processes=_unexplained(documents, manifest, catalog),
        inputs=tuple(name for name in inputs if _can_be_named(name)),
        exports=tuple(e for e in _exports(paths, base) if any(d.path == e.file for d in documents)),
        captures=captures,
        unread=_unread((*(m for r in results for m in r.not_examined), *unnamed)),
    )


def _can_be_named(path: str) -> bool:
    return "\\" not in path and path.isprintable()


def _base(paths: tuple[Path, ...]) -> Path:
    for path in paths:
        if not path.exists():
            raise UsageError(Diagnostic("no such file or folder", path=str(path), next_step="check the path"))
    base = paths[0] if paths[0].is_dir() else paths[0].parent
    manifest = base / MANIFEST_NAME
    # An empty one is what a shell leaves there when the draft is redirected to it.
    if manifest.exists() and manifest.stat().st_size:
        raise UsageError(
            Diagnostic(
                f"{MANIFEST_NAME} is there already",
                path=str(manifest),
                next_step="run auditor model on the folder, or move the manifest away to draft a new one",
            )
        )
    for path in paths:
        if not path.resolve().is_relative_to(base.resolve()):
            raise UsageError(
                Diagnostic(
                    "the paths do not lie in one folder",
                    why="a manifest names only what is below its own folder",
                    path=str(path),
                    next_step="copy the files into one folder",
                )
            )
    return base


def _system(system: SystemEntry, catalog: Catalog) -> DraftSystem:
    at = f"{system.location.path}:{system.location.line}"
    components = tuple(DraftComponent(c.id, c.hosts) for c in system.components)
    return DraftSystem(system.id, system.product, catalog.product(system.product).title, system.version, at, components)


def _unexplained(documents: tuple[Document, ...], manifest: Manifest, catalog: Catalog) -> tuple[DraftProcess, ...]:
    found = configure(documents, manifest, catalog).processes
    return tuple(DraftProcess(p.name, p.image, place(p.evidence)) for p in found if not p.systems)


def _unread(missing: Iterable[NotExamined]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({(m.path, m.reason) for m in missing}))


def _networks(documents: tuple[Document, ...]) -> tuple[DraftNetwork, ...]:
    """Return the private ranges of the deployment's own networks, each at its first place, widest first within a family."""
    first: dict[str, str] = {}
    for document in documents:
        for path, node in document.root.walk():
            keys = [step for step in path if isinstance(step, str)]
            if not keys or keys[-1] not in _RANGE_KEYS or not node.text or _is_of_others(document, keys):
                continue
            network = _private(node.text)
            if network:
                first.setdefault(network, f"{document.path}:{node.line}")
    ordered = sorted(first, key=lambda n: (":" in n, ipaddress.ip_network(n).prefixlen, int(ipaddress.ip_network(n)[0])))
    return tuple(DraftNetwork(network, first[network]) for network in ordered)


def _is_of_others(document: Document, keys: list[str]) -> bool:
    terraform = document.kind is DocumentKind.TERRAFORM
    return terraform and any(word in key for key in keys[:-1] for word in _OF_OTHERS)


def _private(text: str) -> str:
    """Return a range that only its owner uses (RFC 1918, RFC 4193), empty for any other text."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return ""
    return str(network) if network.is_private and network.prefixlen >= 7 and not network.is_loopback else ""  # noqa: PLR2004


def _inputs(paths: tuple[Path, ...], base: Path, logs: frozenset[Path]) -> Iterator[str]:
    """Yield the paths of ``inputs:``; the folder itself is named by its entries, so that the manifest is no input of its own."""
    for path in paths:
        if path.suffix in CAPTURE_SUFFIXES or path in logs:
            continue
        if path.resolve() != base.resolve():
            yield path.resolve().relative_to(base.resolve()).as_posix() + ("/" if path.is_dir() else "")
            continue
        for entry in sorted(path.iterdir(), key=lambda p: p.name):
            if entry.name not in (".git", MANIFEST_NAME) and entry.suffix not in CAPTURE_SUFFIXES and entry not in logs:
                yield entry.name + ("/" if entry.is_dir() else "")


def _exports(paths: tuple[Path, ...], base: Path) -> Iterator[DraftExport]:
    """Yield the files of bundles whose recorded digest is that of the file."""
    for path in paths:
        for bundle in sorted(path.rglob(BUNDLE_RECORD)) if path.is_dir() else ():
            folder = bundle.parent.resolve().relative_to(base.resolve()).as_posix()
            for item in read_bundle(bundle, bundle.name):
                name = item.file if folder == "." else f"{folder}/{item.file}"
                yield DraftExport(name, item.collected, item.origin)


def _captures(paths: tuple[Path, ...], base: Path) -> Iterator[DraftCapture]:
    found = captures_below(paths)
    if not found:
        return
    from auditor.traffic import observe, readable

    for path in dict.fromkeys(found):
        name = path.resolve().relative_to(base.resolve()).as_posix()
        source = CaptureSource(name, str(path), "", ())
        try:
            readable(source)
        except UnreadableError as error:
            yield DraftCapture(name, "", error.diagnostics()[0].what)
            continue
        yield DraftCapture(name, *_vantage(observe([source], None)))


def _logs(logs: Iterable[Path], base: Path) -> Iterator[DraftCapture]:
    """Yield the logs, each with the mix of addresses that it shows."""
    from auditor.traffic import log_source, observe

    for path in logs:
        name = path.resolve().relative_to(base.resolve()).as_posix() + ("/" if path.is_dir() else "")
        vantage, why = _vantage(observe([log_source(name, str(path))], None))
        yield DraftCapture(name, vantage, why, "log")


def _vantage(observation: Observation) -> tuple[str, str]:
    """Return a name for where the capture was taken, and the mix of addresses that speaks for it."""
    inside = {e.source.address for e in observation.edges if _private(e.source.address)}
    leaving = {e.source.address for e in observation.edges if _leaves(e.source.address, e.destination.address)}
    peers = {e.destination.address for e in observation.edges if _leaves(e.source.address, e.destination.address)}
    mix = f"{len(inside)} private sources, {len(leaving)} of them to {len(peers)} public addresses"
    if not observation.edges:
        return "", "it holds no flow"
    if len(inside) == 1:
        return "host", mix
    return ("perimeter-egress" if leaving else "internal"), mix


def _leaves(source: str, destination: str) -> bool:
    return bool(_private(source)) and bool(destination) and not _private(destination)
