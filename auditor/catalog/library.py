"""The files of the catalog: shipped ones and the user's overlay, read as text, parsed when asked for."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.catalog.reading import Tree, parse_text
from auditor.errors import Diagnostic, InvalidInputError

SHIPPED = Path(__file__).parent
SCHEMAS = SHIPPED / "schemas"
FOLDERS = {"products": "product.json", "endpoints": "endpoints.json"}
_TAIL = re.compile(r"(?<![a-z0-9-])[a-z0-9-]+\.[a-z0-9-]+(?![\w.-])")
SINGLE = {"operators.yaml": "operators.json", "regions.yaml": "regions.json"}


@dataclass(frozen=True)
class Library:
    """Texts of catalog files by name: ``products/coder.yaml``; overlay files carry ``overlay/`` in front of it in locations."""

    shipped: Mapping[str, str]
    overlay: Mapping[str, str]
    checked: Mapping[str, Tree]
    """Trees of the overlay, which were checked when read."""

    def sha256(self) -> str:
        """Return the digest over names and contents of every file, in order of name."""
        digest = hashlib.sha256()
        for label, files in (("shipped", self.shipped), ("overlay", self.overlay)):
            for name in sorted(files):
                content = files[name].encode()
                digest.update(f"{label}/{name}\0{len(content)}\0".encode())
                digest.update(content)
        return digest.hexdigest()

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the ids (file names without suffix) of ``products`` or ``endpoints``, sorted."""
        prefix = folder + "/"
        found = {n.removeprefix(prefix).removesuffix(".yaml") for n in (*self.shipped, *self.overlay) if n.startswith(prefix)}
        return tuple(sorted(found))

    def operators_of(self, tail: str) -> tuple[str, ...]:
        """Return the endpoint files that write ``tail``, the last two labels of a host, at the end of a name.

        Every pattern ends in two literal labels (schema), so a file without those of a host has none that covers it.
        """
        return tuple(self._tails.get(tail, ()))

    @functools.cached_property
    def _tails(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for operator in self.names("endpoints"):
            for tail in dict.fromkeys(_TAIL.findall(self._text(f"endpoints/{operator}.yaml"))):
                found.setdefault(tail, []).append(operator)
        return found

    def trees(self, name: str) -> tuple[tuple[Tree, str], ...]:
        """Return (tree, file as evidence names it) of the shipped and of the overlay file called ``name``."""
        found: list[tuple[Tree, str]] = []
        if name in self.shipped:
            found.append((parse_text(self.shipped[name], f"catalog/{name}"), f"catalog/{name}"))
        if name in self.checked:
            found.append((self.checked[name], f"overlay/{name}"))
        return tuple(found)

    def _text(self, name: str) -> str:
        return self.shipped.get(name, "") + "\n" + self.overlay.get(name, "")


def read_library(overlay: Path | None) -> Library:
    """Return every catalog file as text, overlay files checked against their schemas.

    Raises:
        InvalidInputError: the overlay is no folder, holds a file that has no place, or one that breaks its schema.
    """
    shipped = _texts(SHIPPED)
    if overlay is None:
        return Library(shipped, {}, {})
    if not overlay.is_dir():
        raise InvalidInputError(
            Diagnostic(
                what="the catalog overlay is not a folder", path=overlay.name, next_step="name a folder, see docs/catalog.md"
            )
        )
    texts = _texts(overlay)
    if not texts:
        raise InvalidInputError(
            Diagnostic(
                what="the catalog overlay holds no catalog file",
                path=overlay.name,
                next_step="put files under products/ or endpoints/, or operators.yaml, regions.yaml; see docs/catalog.md",
            )
        )
    return Library(shipped, texts, {n: checked_tree(overlay / n, f"{overlay.name}/{n}", n) for n in sorted(texts)})


def schema_for(name: str) -> Path:
    """Return the schema of the catalog file ``name`` (``products/x.yaml``)."""
    return SCHEMAS / (SINGLE.get(name) or FOLDERS[name.split("/", 1)[0]])


def _texts(folder: Path) -> dict[str, str]:
    paths = [p for sub in FOLDERS for p in sorted((folder / sub).glob("*.yaml"))]
    paths += [folder / name for name in SINGLE if (folder / name).is_file()]
    try:
        return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            Diagnostic(what="a catalog file cannot be read", why=str(error), path=folder.name, next_step="make it UTF-8 text")
        ) from error


def checked_tree(path: Path, shown: str, name: str) -> Tree:
    """Return the tree of the user's file ``path``: ``name`` is its place in the catalog, ``shown`` what messages call it.

    Raises:
        InvalidInputError: it cannot be read, breaks its schema, or says another id than its name.
    """
    from auditor.documents.schema import plain
    from auditor.documents.strict import load_strict

    tree: Tree = plain(load_strict(path, shown, schema_for(name)).root)
    own = tree.get("product", tree.get("operator", path.stem))
    if own != path.stem and name not in SINGLE:
        raise InvalidInputError(
            Diagnostic(
                what=f'the file says "{own}" and is called "{path.stem}"',
                path=shown,
                next_step=f"rename the file to {own}.yaml",
            )
        )
    return tree
