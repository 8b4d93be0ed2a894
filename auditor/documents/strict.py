"""Files of our own formats (manifest, profile, waivers, catalog): every fault refused, with its place."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path

from auditor.documents.json_reader import parse_json
from auditor.documents.redact_tree import redact
from auditor.documents.redaction import Redactor
from auditor.documents.source import FaultError, read_source
from auditor.documents.tree import Document, DocumentKind, NodeKind
from auditor.documents.yaml_reader import parse_yaml
from auditor.errors import Diagnostic, InvalidInputError


def load_strict(path: Path, shown: str, schema: Traversable | Path | None) -> Document:
    """Return the one document of a file that must keep to ``schema``.

    Every scalar stays text: an unquoted ``NO``, ``1.10`` or date means just that. Read as YAML, or as JSON
    when the name ends in ``.json``. ``schema=None`` is for files that we ship: tests check them, so a run need not.

    Raises:
        InvalidInputError: unreadable, malformed, a duplicate key, or against the schema: one diagnostic for
            each fault, located.
    """
    try:
        source = read_source(path)
        trees = parse_json(source.text) if path.suffix.lower() == ".json" else parse_yaml(source.text)
    except FaultError as fault:
        raise InvalidInputError(fault.diagnostic(shown)) from None
    if len(trees) != 1:
        what = "the file is empty" if not trees else "the file holds several YAML documents"
        raise InvalidInputError(Diagnostic(what, "exactly one is needed", "keep one document", shown))
    (root,), lines = redact(source.text, trees, Redactor())
    if root.kind is not NodeKind.MAPPING:
        raise InvalidInputError(
            Diagnostic("the file must be a mapping at the top", "", "begin with key: value lines", shown, root.line, root.column)
        )
    if schema is not None:
        from auditor.documents.schema import check

        faults = check(root, shown, schema)
        if faults:
            raise InvalidInputError(*faults)
    return Document(shown, source.sha256, source.size, DocumentKind.YAML, root, lines)
