"""Gather: the only stage of the way that opens files of the deployment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from auditor.catalog import Catalog, load_catalog
from auditor.config import recognise_systems
from auditor.config.bindings import sources_of
from auditor.documents import CAPTURE_SUFFIXES, Document, ReadResult, Redactor, confine, digest_file, read_tree
from auditor.errors import Diagnostic, InvalidInputError, NothingToAuditError, UnreadableError, UsageError
from auditor.evaluate import load_ladder, load_profile
from auditor.facts.manifest import Attestation, DigestedInput, Manifest, NotExamined, Waiver
from auditor.facts.profile import Profile
from auditor.facts.vocabulary import ConfigState, Stage
from auditor.identify import changes_of, tenures_of
from auditor.manifest import (
    MANIFEST_NAME,
    assumed_manifest,
    document_digests,
    load_attestations,
    load_manifest,
    load_waivers,
)
from auditor.pipeline.logs_found import captures_below, logs_below
from auditor.pipeline.naming import naming_folders
from auditor.pipeline.observing import TRAFFIC, as_not_examined, observe_inputs
from auditor.pipeline.request import Inputs, Progress, Request


def gather(
    request: Request, progress: Progress | None = None, judge: Inputs | None = None, guarded: Manifest | None = None
) -> Inputs:
    """Read everything that the request names; the only function that opens files of the deployment.

    Args:
        request: what the user asks for.
        progress: told about long work.
        judge: inputs of a base revision, whose catalog, profiles, waivers and attestations stand in for the request's.
        guarded: the manifest to go by instead of the one that lies there.

    Raises:
        UsageError: options that cannot go together, or no choice among several deployments.
        InvalidInputError: a malformed manifest, profile, waiver, attestation or catalog.
        UnreadableError: the deployment itself cannot be read.
        NothingToAuditError: nothing recognisable was given.
    """
    catalog = judge.catalog if judge else load_catalog(request.catalog)
    base, manifest_path = locate(request.paths)
    redactor = Redactor(request.fingerprint_key)
    if manifest_path is None:
        manifest, documents, digests, missing = _without_manifest(request, base, catalog, redactor)
    else:
        manifest = guarded or load_manifest(manifest_path, request.deployment)
        documents, digests, missing = _read_inputs(manifest, base, redactor)
    if request.parameters:
        manifest = replace(manifest, parameters=request.parameters)
    stage = request.stage or (Stage.OPERATE if any(i.kind in TRAFFIC for i in manifest.inputs) else Stage.CHANGE)
    tenures = tenures_of(documents, manifest.inputs) if stage is Stage.OPERATE else ()
    observation, capture_digests, unread = observe_inputs(manifest, base, stage, progress, changes_of(tenures))
    waivers, attestations, exception_digests = _judging(judge) if judge else exceptions(request, manifest, base)
    return Inputs(
        manifest=manifest,
        stage=stage,
        documents=documents,
        catalog=catalog,
        observation=observation,
        profiles=judge.profiles if judge else profiles(request, manifest, base),
        ladder=load_ladder(),
        waivers=waivers if request.use_waivers else (),
        attestations=attestations,
        digests=tuple(sorted((*digests, *capture_digests, *exception_digests), key=lambda d: (d.path, d.kind))),
        not_examined=(*missing, *unread),
        tenures=tenures,
    )


def _judging(judge: Inputs) -> tuple[tuple[Waiver, ...], tuple[Attestation, ...], list[DigestedInput]]:
    return judge.waivers, judge.attestations, [d for d in judge.digests if d.kind in ("waivers", "attestations")]


def locate(paths: tuple[Path, ...]) -> tuple[Path, Path | None]:
    """Return the base folder and the manifest, ``None`` where there is none."""
    for path in paths:
        if not path.exists():
            raise UsageError(Diagnostic(what="no such file or folder", path=str(path), next_step="check the path"))
    first = paths[0]
    if first.is_dir() and (first / MANIFEST_NAME).is_file():
        found: Path | None = first / MANIFEST_NAME
    elif first.is_file() and first.name == MANIFEST_NAME:
        found = first
    else:
        found = None
    if found is not None and len(paths) > 1:
        raise UsageError(
            Diagnostic(
                what="a deployment with a manifest takes no further paths",
                path=str(paths[1]),
                next_step=f"name the file under inputs: in {MANIFEST_NAME}, or check the deployments one by one",
            )
        )
    return (found.parent if found else first if first.is_dir() else first.parent), found


def read_configuration(
    paths: tuple[Path, ...], catalog: Catalog
) -> tuple[Path, Manifest | None, tuple[Document, ...], tuple[NotExamined, ...]]:
    """Return the base folder, the manifest (``None`` where there is none), the located trees, and what could not be read.

    Raises:
        UsageError: a path that does not exist, or more paths beside a manifest.
        UnreadableError: a named file cannot be read.
    """
    base, manifest_path = locate(paths)
    redactor = Redactor()
    if manifest_path is not None:
        manifest = load_manifest(manifest_path)
        documents, _, missing = _read_inputs(manifest, base, redactor)
        return base, manifest, documents, missing
    results = [_read_named(path, catalog, redactor) for path in paths]
    return base, None, tuple(d for r in results for d in r.documents), tuple(m for r in results for m in r.not_examined)


def _read_named(path: Path, catalog: Catalog, redactor: Redactor) -> ReadResult:
    """Read what the user named without a manifest; it is its own base."""
    return read_tree(path, path if path.is_dir() else path.parent, redactor, naming_folders(path, catalog))


def _read_inputs(
    manifest: Manifest, base: Path, redactor: Redactor
) -> tuple[tuple[Document, ...], tuple[DigestedInput, ...], tuple[NotExamined, ...]]:
    documents: list[Document] = []
    digests, missing = document_digests(manifest, base)
    all_digests, all_missing = list(digests), list(missing)
    seen: set[str] = set()
    for entry in manifest.inputs:
        if entry.kind != "path":
            continue
        try:
            result = read_tree(base / entry.path, base, redactor)
        except UnreadableError as error:
            all_missing.extend(as_not_examined(error, entry))
            continue
        fresh = {d.path for d in result.digests} - seen
        seen |= fresh
        documents.extend(d for d in result.documents if d.path in fresh)
        all_digests.extend(d for d in result.digests if d.path in fresh)
        all_missing.extend(result.not_examined)
    exports = {s.document.path for s in sources_of(documents, manifest.inputs) if s.origin or s.state is ConfigState.LIVE}
    kinds = (replace(d, kind="export") if d.path in exports and d.kind == "configuration" else d for d in all_digests)
    return tuple(documents), tuple(kinds), tuple(all_missing)


def _without_manifest(
    request: Request, base: Path, catalog: Catalog, redactor: Redactor
) -> tuple[Manifest, tuple[Document, ...], tuple[DigestedInput, ...], tuple[NotExamined, ...]]:
    """Discover what the paths hold; everything assumed may raise unknown and never grants a pass."""
    if request.deployment:
        raise UsageError(
            Diagnostic(
                what=f"no {MANIFEST_NAME} here, so there is no deployment to choose",
                path=str(request.paths[0]),
                next_step="leave out --deployment, or write a manifest with deployments:",
            )
        )
    if not request.profiles:
        raise UsageError(
            Diagnostic(
                what=f"no {MANIFEST_NAME} here, and no profile named",
                path=str(request.paths[0]),
                next_step="name one with --profile (auditor profiles list), or write a manifest",
            )
        )
    documents: list[Document] = []
    digests: list[DigestedInput] = []
    missing: list[NotExamined] = []
    captures = captures_below(request.paths)
    logs = logs_below(request.paths)
    for path in request.paths:
        if path.suffix not in CAPTURE_SUFFIXES and not (path.is_file() and path in logs):
            result = _read_named(path, catalog, redactor)
            documents.extend(result.documents)
            digests.extend(result.digests)
            missing.extend(result.not_examined)
    if not documents and not captures and not logs:
        raise NothingToAuditError(
            Diagnostic(
                what="nothing to audit: no configuration file, no capture and no log was recognised",
                path=str(request.paths[0]),
                next_step="name the files, or see what is read: auditor check --help",
            )
        )
    shown = {path: str(path.relative_to(base)) if path.is_relative_to(base) else path.name for path in (*captures, *logs)}
    captured, logged = tuple(shown[path] for path in captures), tuple(shown[path] for path in logs)
    manifest = assumed_manifest(base.resolve().name, recognise_systems(documents, catalog), captured, logged)
    missing = [entry for entry in missing if entry.path not in logged]
    return manifest, tuple(documents), tuple(digests), tuple(missing)


def profiles(request: Request, manifest: Manifest, base: Path) -> tuple[Profile, ...]:
    """Return the profiles that the request names, else the manifest's, and the claim's.

    Raises:
        NothingToAuditError: there is none.
        InvalidInputError: one of the manifest's lies outside its folder, or one is malformed.
    """
    names = list(request.profiles or manifest.profiles)
    if manifest.claim and manifest.claim.profile not in names:
        names.append(manifest.claim.profile)
    if not names:
        raise NothingToAuditError(
            Diagnostic(
                what="no profile to judge against",
                path=manifest.path,
                next_step="add profiles: [fully-self-hosted] or a claim: to the manifest, or use --profile",
            )
        )
    for name in () if request.profiles else names:
        why = confine(base / name, base) if "/" in name else ""
        if why:
            raise InvalidInputError(
                Diagnostic(
                    what=f"the profile {name!r} leaves the folder of the manifest",
                    why=why,
                    path=manifest.path,
                    next_step="copy the profile into the folder, or name it with --profile",
                )
            )
    origin = request.profile_base if request.profiles else base
    return tuple(load_profile(name, origin) for name in dict.fromkeys(names))


def exceptions(
    request: Request, manifest: Manifest, base: Path
) -> tuple[tuple[Waiver, ...], tuple[Attestation, ...], list[DigestedInput]]:
    """Return the waivers and attestations that the request or the manifest names, and the digests of their files.

    Raises:
        InvalidInputError: one of the files is malformed.
    """
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    digests: list[DigestedInput] = []
    waiver_path = request.waivers or (base / manifest.waivers if manifest.waivers else None)
    if waiver_path is not None:
        shown = str(request.waivers) if request.waivers else manifest.waivers
        waivers = load_waivers(waiver_path, shown)
        digests.append(digest_file(waiver_path, Path(shown).name if request.waivers else shown, "waivers"))
    if manifest.attestations:
        attestations = load_attestations(base / manifest.attestations, manifest.attestations)
        digests.append(digest_file(base / manifest.attestations, manifest.attestations, "attestations"))
    return waivers, attestations, digests
