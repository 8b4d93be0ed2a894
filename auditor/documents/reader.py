"""One file to documents: read, parse, redact, recognise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from auditor.documents.build import Parsed
from auditor.documents.commands import parse_script
from auditor.documents.dockerfile_reader import parse_dockerfile
from auditor.documents.embedded import Embedded, cleaned, embedded_files, shifted
from auditor.documents.env_reader import parse_env
from auditor.documents.hcl_reader import parse_hcl
from auditor.documents.json_reader import parse_json
from auditor.documents.make_reader import parse_make
from auditor.documents.nftables_reader import parse_nftables
from auditor.documents.plist_reader import parse_plist
from auditor.documents.recognise import (
    CAPTURE_SUFFIXES,
    UNREAD_FORMATS,
    Syntax,
    flatten_list,
    is_script,
    is_template,
    kind_of,
    syntax_by_text,
    syntax_of,
)
from auditor.documents.redact_tree import mark_labels, redact, sweep
from auditor.documents.redaction import Redactor
from auditor.documents.registry_reader import parse_registry
from auditor.documents.shell_reader import parse_shell
from auditor.documents.source import FaultError, Source, digest_bytes, read_source, split_lines
from auditor.documents.systemd_reader import parse_systemd
from auditor.documents.toml_reader import parse_toml
from auditor.documents.tree import Document, NodeKind
from auditor.documents.words_reader import parse_words
from auditor.documents.yaml_reader import parse_yaml
from auditor.errors import UnreadableError
from auditor.facts.manifest import DigestedInput

_ACTION = "{{"
"""What begins an action of Go's template language."""
_TEMPLATES = "templates"
"""The folder of a chart whose files Helm renders, folders in it included."""


def read_file(path: Path, shown: str, redactor: Redactor | None = None) -> tuple[Document, ...]:
    """Return the documents of one configuration file, secrets replaced.

    Args:
        path: where the file is.
        shown: its path as the user knows it; the only one that ever appears in results.
        redactor: gives the same secret the same label over a whole run; a new one if left out.

    Raises:
        UnreadableError: no such file, not a regular file, too large, binary, not UTF-8, a format without a
            reader, or malformed; one diagnostic with line and column where they are known.
    """
    try:
        return documents_of(path, shown, redactor or Redactor())
    except FaultError as fault:
        raise UnreadableError(fault.diagnostic(shown)) from None


def digest_file(path: Path, shown: str, kind: str) -> DigestedInput:
    """Return size and SHA-256 of a file of any size that is not parsed here (a contract, an export).

    Raises:
        UnreadableError: no such file, or not a regular file.
    """
    try:
        sha256, size = digest_bytes(path)
    except FaultError as fault:
        raise UnreadableError(fault.diagnostic(shown)) from None
    return DigestedInput(shown, sha256, kind, size)


def documents_of(path: Path, shown: str, redactor: Redactor) -> tuple[Document, ...]:
    """Do the work of ``read_file``.

    Raises:
        FaultError: what ``read_file`` turns into an error that fits how the file was found.
    """
    syntax = syntax_of(shown)
    if syntax is None and path.is_file():
        raise FaultError(*_unread(shown))
    source = read_source(path)
    try:
        trees, syntax = _parse(source, shown, syntax or Syntax.MAYBE_ENV)
    except FaultError as fault:
        if is_template(shown):
            raise FaultError(*_unread(shown)) from None
        raise _of_template(source, path) or fault from None
    roots, lines = redact(source.text, trees, redactor)
    found = [
        Document(shown, source.sha256, source.size, kind_of(shown, syntax, part), part, lines)
        for root in roots
        for part in flatten_list(root)
    ]
    return _with_inner(found, split_lines(source.text), redactor)


def _of_template(source: Source, path: Path) -> FaultError | None:
    """Return what is said instead of a fault of YAML where the file is a template of a Helm chart."""
    if _TEMPLATES not in (path.parent.name, path.parent.parent.name) or _ACTION not in source.text:
        return None
    return FaultError(
        "the file is a template of a Helm chart and is not rendered here",
        "what it makes depends on values",
        "supply the output of helm template with all values files, in their order",
    )


def _with_inner(found: list[Document], written: tuple[str, ...], redactor: Redactor) -> tuple[Document, ...]:
    """Return the documents of a file and those that stand inside them; secrets that one of them shows go from all."""
    inner: list[Document] = []
    for document in found:
        for file in embedded_files(document.kind, document.root):
            documents, inner_lines = _inside(document, file, written, redactor)
            if documents:
                lines = cleaned(found[0].lines, file.node, written, inner_lines)
                found = [replace(d, lines=lines) for d in found]
                inner += documents
    if not inner:
        return tuple(found)
    lines = tuple(redactor.known(line) for line in found[0].lines)
    return tuple(replace(d, root=sweep(d.root, redactor), lines=lines) for d in (*found, *inner))


def _inside(
    outer: Document, file: Embedded, written: tuple[str, ...], redactor: Redactor
) -> tuple[tuple[Document, ...], tuple[str, ...]]:
    """Return the documents of a file inside ``outer`` and its lines; text that is no configuration stays text of its scalar."""
    if file.node.kind is NodeKind.MAPPING:
        return (replace(outer, kind=file.kind, root=file.node, inside=file.name),), ()
    syntax = syntax_of(file.name)
    if syntax is Syntax.MAYBE_ENV:
        # Rules of proxies and packet filters, and scripts that set them, have no name of their own.
        syntax = syntax_by_text(file.node.text)
    if syntax is None:
        return (), ()
    try:
        trees, syntax = _parse(Source(outer.sha256, outer.size, file.node.text), file.name, syntax)
    except FaultError:
        return (), ()
    roots, lines = redact(file.node.text, trees, redactor)
    moved = (shifted(mark_labels(root) if file.node.redacted else root, file.node, written) for root in roots)
    return tuple(
        replace(outer, kind=kind_of(file.name, syntax, root), root=root, inside=file.name.lstrip("/")) for root in moved
    ), lines


def _unread(shown: str) -> tuple[str, str, str]:
    suffix = Path(shown).suffix.lower()
    if suffix in CAPTURE_SUFFIXES:
        return "the file is a capture, not configuration", "", "name it under capture: in the manifest"
    if suffix in UNREAD_FORMATS:
        return (
            "the file is in a format that is not read yet",
            UNREAD_FORMATS[suffix],
            "supply the setting as YAML, JSON or an env file",
        )
    return "the file is not a configuration file", f"no reader takes {suffix} files", "name it under document: if it is evidence"


def _parse(source: Source, shown: str, syntax: Syntax) -> tuple[tuple[Parsed, ...], Syntax]:
    if syntax is Syntax.YAML and source.text.lstrip()[:1] in ("{", "["):
        # JSON is a subset of YAML 1.2, yet a YAML 1.1 parser refuses some of it (surrogate pairs).
        try:
            return parse_json(source.text), Syntax.YAML
        except FaultError:
            return parse_yaml(source.text), Syntax.YAML
    if syntax is Syntax.MAYBE_ENV and (shows := syntax_by_text(source.text)) is not None:
        return _PARSERS[shows](source.text), shows
    if syntax is Syntax.MAYBE_ENV:
        try:
            return parse_env(source.text), Syntax.MAYBE_ENV
        except FaultError:
            if is_script(shown, source.text):
                return parse_script(source.text), Syntax.SCRIPT
            if source.text.startswith("#!"):
                raise FaultError(
                    "the file is in a format that is not read yet",
                    "commands of a script",
                    "supply what it starts as a compose file, a unit or an env file",
                ) from None
            raise FaultError(
                "the file is in no format that is read",
                f'the name "{Path(shown).name}" tells no format, and the text is no env file',
                "rename it to .yaml, .json or .env if it is one",
            ) from None
    return _PARSERS[syntax](source.text), syntax


def _parse_commented(text: str) -> tuple[Parsed, ...]:
    return parse_json(text, relaxed=True)


_PARSERS: dict[Syntax, Callable[[str], tuple[Parsed, ...]]] = {
    Syntax.YAML: parse_yaml,
    Syntax.JSON: parse_json,
    Syntax.JSONC: _parse_commented,
    Syntax.ENV: parse_env,
    Syntax.SYSTEMD: parse_systemd,
    Syntax.TOML: parse_toml,
    Syntax.HCL: parse_hcl,
    Syntax.DOCKERFILE: parse_dockerfile,
    Syntax.PLIST: parse_plist,
    Syntax.REGISTRY: parse_registry,
    Syntax.IPTABLES: parse_words,
    Syntax.IPSET: parse_words,
    Syntax.NFTABLES: parse_nftables,
    Syntax.SQUID: parse_words,
    Syntax.SHELL: parse_shell,
    Syntax.SCRIPT: parse_script,
    Syntax.MAKE: parse_make,
}
