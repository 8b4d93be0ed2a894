"""One catalog file of the user, checked by itself before it is laid over the shipped catalog."""

from __future__ import annotations

import re
from pathlib import Path

from auditor.catalog.endpoints import parse_endpoints
from auditor.catalog.library import checked_tree
from auditor.catalog.parsing import parse_product
from auditor.errors import Diagnostic, InvalidInputError

_KINDS = (
    ("product", "products/{stem}.yaml"),
    ("operators", "operators.yaml"),
    ("operator", "endpoints/{stem}.yaml"),
    ("tables", "regions.yaml"),
)
"""Top-level key that only one kind of file has → the place of such a file in the catalog."""


def check_file(path: Path) -> str:
    """Return the place that ``path`` would take in a catalog folder, after reading it as a run would.

    That covers form, schema, the id against the file's name and, of products and endpoints, every condition and target.
    Whether ids that point into other files exist shows in a run only.

    Raises:
        InvalidInputError: the file cannot be read, is no catalog file, or is malformed; with its line where that is known.
    """
    name = _place(path)
    tree = checked_tree(path, path.name, name)
    if name.startswith("products/"):
        parse_product(tree, path.name)
    elif name.startswith("endpoints/"):
        parse_endpoints(tree, path.name)
    return name


def _place(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidInputError(
            Diagnostic(
                what="the catalog file cannot be read", why=why or "", path=path.name, next_step="name a YAML file in UTF-8"
            )
        ) from error
    for key, place in _KINDS:
        if re.search(rf"^{key}:", text, re.MULTILINE):
            return place.format(stem=path.stem)
    raise InvalidInputError(
        Diagnostic(
            what="this is no catalog file",
            why="none of product:, operator:, operators: and tables: stands in column 0",
            path=path.name,
            next_step="see docs/how_to_add_a_product.md",
        )
    )
