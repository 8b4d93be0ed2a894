"""The manifest ``auditor.yaml``, waivers and attestations: files of people to facts."""

from __future__ import annotations

from auditor.manifest.answers import load_answers
from auditor.manifest.exceptions import load_attestations, load_waivers
from auditor.manifest.guarding import load_guarded
from auditor.manifest.inputs import document_digests
from auditor.manifest.loading import MANIFEST_NAME, assumed_manifest, load_manifest

__all__ = [
    "MANIFEST_NAME",
    "assumed_manifest",
    "document_digests",
    "load_answers",
    "load_attestations",
    "load_guarded",
    "load_manifest",
    "load_waivers",
]
