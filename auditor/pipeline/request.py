"""What the user asks for, and everything that was read for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from auditor.catalog import Catalog
from auditor.documents import Document
from auditor.facts.manifest import Attestation, DigestedInput, Manifest, NotExamined, Waiver
from auditor.facts.observation import Observation
from auditor.facts.profile import Profile
from auditor.facts.tenures import Tenure
from auditor.facts.vocabulary import Stage

Progress = Callable[[str, int, int], None]
"""Called with (what, bytes done, bytes in all) during long work, and with (stage, 0, 0) where a stage begins."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for; nothing here was read yet."""

    paths: tuple[Path, ...]
    """A deployment folder, a manifest, or (without a manifest) files and folders to discover."""
    profiles: tuple[str, ...] = ()
    """Names or paths; they replace the manifest's."""
    waivers: Path | None = None
    """Replaces the manifest's."""
    use_waivers: bool = True
    catalog: Path | None = None
    """Folder of the user's own product and endpoint files."""
    stage: Stage | None = None
    """``None``: operate when captures are given, else change."""
    parameters: tuple[tuple[str, str, str], ...] = ()
    """(profile parameter, value, reason), replacing the manifest's."""
    fingerprint_key: bytes | None = None
    deployment: str = ""
    """Which of the manifest's ``deployments:``; empty: the only one."""
    profile_base: Path | None = None
    """Where relative paths of ``profiles`` begin; ``None``: the working folder."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was read, before anything is concluded from it."""

    manifest: Manifest
    stage: Stage
    documents: tuple[Document, ...]
    catalog: Catalog
    observation: Observation | None
    profiles: tuple[Profile, ...]
    ladder: tuple[Profile, ...]
    """The rungs of the spectrum, loosest first."""
    waivers: tuple[Waiver, ...]
    attestations: tuple[Attestation, ...]
    digests: tuple[DigestedInput, ...]
    not_examined: tuple[NotExamined, ...]
    tenures: tuple[Tenure, ...] = ()
    """Who held which address when, by the inventories among the documents; looked for where traffic is."""
