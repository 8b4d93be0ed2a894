"""The one place that turns files into located trees."""

from __future__ import annotations

from auditor.documents.bundle import BUNDLE_COLUMNS, BUNDLE_RECORD, read_bundle
from auditor.documents.embedded import variable_file
from auditor.documents.folder import ReadResult, confine, read_tree
from auditor.documents.hcl_values import UNDECIDED, Value, as_text, evaluate
from auditor.documents.interpolation import interpolate
from auditor.documents.reader import digest_file, read_file
from auditor.documents.recognise import CAPTURE_SUFFIXES
from auditor.documents.redaction import Redactor
from auditor.documents.strict import load_strict
from auditor.documents.tree import Document, DocumentKind, Node, NodeKind

__all__ = [
    "BUNDLE_COLUMNS",
    "BUNDLE_RECORD",
    "CAPTURE_SUFFIXES",
    "UNDECIDED",
    "Document",
    "DocumentKind",
    "Node",
    "NodeKind",
    "ReadResult",
    "Redactor",
    "Value",
    "as_text",
    "confine",
    "digest_file",
    "evaluate",
    "interpolate",
    "load_strict",
    "read_bundle",
    "read_file",
    "read_tree",
    "variable_file",
]
