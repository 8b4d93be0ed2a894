"""``auditor.yaml`` to facts."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from auditor.documents import load_strict
from auditor.documents.tree import Node
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.manifest import Claim, InputEntry, Manifest, SystemEntry
from auditor.facts.vocabulary import ConfigState
from auditor.manifest.contracts import read_contracts
from auditor.manifest.deployments import choose_deployment, lay_over
from auditor.manifest.inputs import check_path, read_inputs
from auditor.manifest.placing import check_component_networks
from auditor.manifest.reading import Reading, listed, text, texts
from auditor.manifest.statements import read_statements
from auditor.manifest.systems import check_hosts_of_components, read_components, read_systems
from auditor.manifest.zones import read_zones

MANIFEST_NAME = "auditor.yaml"


def load_manifest(path: Path, deployment: str = "") -> Manifest:
    """Return the manifest at ``path``, the file itself or its folder, with the overlays of one deployment.

    Args:
        path: the manifest or its folder.
        deployment: which of several ``deployments:``; may be left out where there is only one.

    Raises:
        UsageError: the manifest does not describe ``deployment``, or describes several and none is chosen.
        InvalidInputError: the file or an overlay cannot be read, is malformed, breaks the schema, or
            contradicts itself; one located diagnostic for each fault.
    """
    reading, name = read_manifest(path, deployment)
    folder = path if path.is_dir() else path.parent
    manifest = manifest_of(reading, folder, name)
    reading.finish()
    return manifest


def read_manifest(path: Path, deployment: str = "") -> tuple[Reading, str]:
    """Return the manifest's tree with the overlays of one deployment laid over it, and that deployment's name.

    Raises:
        UsageError, InvalidInputError: as ``load_manifest``, but for what only a typed reading finds.
    """
    file = path / MANIFEST_NAME if path.is_dir() else path
    schema = resources.files("auditor.documents") / "schemas" / "manifest-v1.json"
    reading = Reading(load_strict(file, file.name, schema))
    name, overlays = choose_deployment(reading, file.parent, deployment)
    if overlays:
        reading = lay_over(reading, file.parent, overlays, schema)
    return reading, name


def assumed_manifest(
    deployment: str, systems: tuple[SystemEntry, ...], captures: tuple[str, ...], logs: tuple[str, ...] = ()
) -> Manifest:
    """Return what is assumed where no manifest is: the systems that files were recognised as, no zone at all.

    Args:
        deployment: name to print, for example the folder's.
        systems: what the configuration was recognised as.
        captures: paths of the capture files found, relative to the folder.
        logs: paths of the logs found, files and folders.
    """
    return Manifest(
        deployment=deployment,
        path="",
        assumed=True,
        claim=None,
        zones=(),
        systems=systems,
        components=(),
        inputs=(*(_assumed("capture", path) for path in captures), *(_assumed("log", path) for path in logs)),
        absent=(),
        profiles=(),
        attestations="",
        waivers="",
    )


def _assumed(kind: str, path: str) -> InputEntry:
    location = FileLocation(path, "", 0, 0)
    return InputEntry(kind, path, (), ConfigState.COMMITTED, "", "", "", (), "", location)


def manifest_of(reading: Reading, base: Path, deployment: str) -> Manifest:
    """Return the manifest of a tree; paths are checked below ``base``, faults are noted in ``reading``."""
    root = reading.document.root
    zones = read_zones(reading)
    zone_ids = {zone.id for zone in zones}
    systems = read_systems(reading, zone_ids)
    system_ids = {system.id for system in systems}
    components = read_components(reading, zone_ids, system_ids)
    outer = {component.id for component in components}
    check_hosts_of_components(reading, systems, components)
    check_component_networks(reading)
    inputs = read_inputs(reading, base, system_ids, zone_ids | outer)
    statements, facts = read_statements(reading, base, system_ids, outer)
    for key in ("attestations", "waivers"):
        check_path(reading, base, root.get(key))
    return Manifest(
        deployment=deployment,
        path=reading.document.path,
        assumed=False,
        claim=_claim(reading, root),
        zones=zones,
        systems=systems,
        components=components,
        inputs=inputs,
        absent=texts(root, "absent"),
        profiles=texts(root, "profiles"),
        attestations=text(root, "attestations"),
        waivers=text(root, "waivers"),
        platform=_pairs(root.get("platform")),
        statements=statements,
        facts=facts,
        policy_by=_policy_by(reading, root, system_ids),
        parameters=_parameters(reading, root),
        absent_evidence=_absent(reading, root, system_ids),
        ignore=_ignored(reading, root),
        contracts=read_contracts(reading),
        overlays=reading.overlays,
    )


def _claim(reading: Reading, root: Node) -> Claim | None:
    claim = root.get("claim")
    if claim is None:
        return None
    return Claim(text(claim, "label"), text(claim, "profile"), reading.locate(claim))


def _pairs(node: Node | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key.text, value.text) for key, value in (node.entries if node is not None else ())))


def _policy_by(reading: Reading, root: Node, systems: set[str]) -> tuple[tuple[str, str], ...]:
    node = root.get("policy_by")
    for key, _ in node.entries if node is not None else ():
        if key.text not in systems:
            reading.fault(
                key, f'policy_by names "{key.text}", which is no system here', f"systems: {listed(systems)}", "correct the id"
            )
    return _pairs(node)


def _parameters(reading: Reading, root: Node) -> tuple[tuple[str, str, str], ...]:
    node = root.get("parameters")
    found = node.entries if node is not None else ()
    for key, parameter in found:
        value, reason = parameter.get("value"), parameter.get("reason")
        if value is not None and reason is not None and reading.height(value) > reading.height(reason):
            reading.fault(
                value,
                f"the value of {key.text} is new, and the reason is not",
                f"{reading.origin(reason).path}:{reason.line} gives the reason of another value",
                "give the reason of this value beside it",
            )
    return tuple(sorted((key.text, text(value, "value"), text(value, "reason")) for key, value in found))


def _ignored(reading: Reading, root: Node) -> tuple[str, ...]:
    node = root.get("ignore")
    for item in node.items if node is not None else ():
        if item.text.startswith("/") or ".." in item.text.split("/"):
            why, step = "paths of ignore: lie below the manifest's folder", "write it like config/README or config/**/*.tf"
            reading.fault(item, f'"{item.text}" leaves the folder of the manifest', why, step)
    return texts(root, "ignore")


def _absent(reading: Reading, root: Node, systems: set[str]) -> tuple[tuple[str, Evidence], ...]:
    found: list[tuple[str, Evidence]] = []
    node = root.get("absent")
    for item in node.items if node is not None else ():
        system, slash, _ = item.text.partition("/")
        if slash and system not in systems:
            reading.fault(
                item, f'absent: names system "{system}", which is not defined', f"systems: {listed(systems)}", "correct the id"
            )
        found.append((item.text, reading.evidence(item, f"the author states that the scope {item.text} does not exist")))
    return tuple(found)
