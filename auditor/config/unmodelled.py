"""Names that the catalog does not know and whose value is a place outside: what goes there nobody can tell.

A setting that the catalog models has flows, or is known to have none. What it does not model is ignored, unless it
names a host that is not inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.catalog.product import Product
from auditor.config.assignment import Assignment
from auditor.config.bindings import Launch, Source
from auditor.config.effective import place
from auditor.config.formats.chart_rest import explained_paths, unexplained
from auditor.config.formats.helm import is_chart
from auditor.config.hosts_in_text import Surroundings, hosts_named
from auditor.config.paths import block_steps, steps
from auditor.config.sighting import EVERY, INDEX
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.evidence import Evidence

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


@dataclass(frozen=True, slots=True)
class Stranger:
    """One name with a value in one place, unknown to the catalog."""

    name: str
    text: str
    evidence: Evidence
    workload: str


def outside_names(contexts: Mapping[str, SystemContext], around: Surroundings) -> Iterator[tuple[SystemContext, Stranger, str]]:
    """Yield (system, what names a place, the host) for every unmodelled value that names a host not inside."""
    for context in contexts.values():
        for found in (*_in_processes(context, tuple(contexts.values())), *_in_files(context)):
            for host in _outside(found, around):
                yield context, found, host


def names_of_strangers(assignment: Assignment, around: Surroundings) -> Iterator[tuple[str, Stranger, str]]:
    """Yield (subject, what names a place, the host) for processes and documents that nothing explains."""
    for launch in assignment.strangers:
        subject = process_subject(launch)
        for found in _all_values(launch):
            for host in _outside(found, around):
                yield subject, found, host
    # Texts of commands and prompts name hosts that nobody contacts; what they start is read by itself.
    for source in (s for s in assignment.unread if s.document.kind not in (DocumentKind.SCRIPT, DocumentKind.PIPELINE)):
        for path, node in source.document.root.walk():
            own = source.document.kind is DocumentKind.HELM_VALUES and _is_own_address(path)
            known = own or (source.document.path, node.line, node.column) in assignment.partly
            if node.kind is NodeKind.SCALAR and not known:
                found = _stranger(source, path or ("value",), node, "")
                for host in _outside(found, around):
                    yield source.document.path, found, host


def process_subject(launch: Launch) -> str:
    """Return the id of a process in the inputs, for what is not known about it."""
    return f"process:{launch.source.document.path}#{launch.name}"


def _all_values(launch: Launch) -> Iterator[Stranger]:
    for name, bound in launch.env.items():
        if bound.value is not None and not bound.redacted:
            yield Stranger(name, bound.value, bound.evidence, "")
    yield from _in_words(launch, "", frozenset())


def _outside(found: Stranger, around: Surroundings) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.host for p in hosts_named(found.name, found.text) if p.host and not around.hold(p)))


def told(found: Stranger, host: str) -> str:
    """Return the sentence about one of them."""
    return f"{found.name} names {host} ({place(found.evidence)}), and the catalog does not say what for"


def _in_processes(context: SystemContext, everyone: Sequence[SystemContext]) -> Iterator[Stranger]:
    for assigned in context.parts.launches:
        launch = assigned.launch
        # An env file may serve several products: what one of them knows is no stranger.
        sharing = [c for c in everyone if any(a.launch.source is launch.source for a in c.parts.launches)]
        for name, bound in launch.env.items():
            known = any(_is_variable(name, c.product) or _is_referred(name, c) for c in sharing)
            if bound.value is not None and not known:
                yield Stranger(name, bound.value, bound.evidence, assigned.workload)
        flags = frozenset(n for s in context.product.settings for n in s.names.flag)
        yield from _in_words(launch, assigned.workload, flags)
        charts = [c for c in context.product.charts if launch.chart and is_chart(launch.source, c)]
        if charts:
            yield from _in_values(launch.source, assigned.workload, explained_paths(charts, context.product))


def _in_words(launch: Launch, workload: str, flags: frozenset[str]) -> Iterator[Stranger]:
    """Yield values of flags that no setting reads (``flags`` are those that one does), and words without a flag."""
    flag = ""
    for index, word in enumerate(launch.words):
        name, equals, value = word.text.partition("=")
        if word.text.startswith("-"):
            flag = name
            text = value if equals else ""
        else:
            behind = launch.words[index - 1].text if index else ""
            flag = flag if behind == flag else ""
            text = word.text
        if text and flag not in flags:
            yield Stranger(flag or "an argument", text, word.evidence, workload)


def _in_values(source: Source, workload: str, explained: Sequence[tuple[str, ...]]) -> Iterator[Stranger]:
    for path, node in unexplained(source.document.root, explained):
        if node.kind is NodeKind.SCALAR and not _is_image(path) and not _is_own_address(path):
            yield _stranger(source, path, node, workload)


def _is_own_address(path: Sequence[str | int]) -> bool:
    """Return whether a value is a name that the chart itself is reached by: ``ingress.hosts[].host``, no annotation."""
    names = [p for p in path if isinstance(p, str)]
    entered = any(name in ("ingress", "route", "httpRoute") for name in names)
    return entered and "annotations" not in names and names[-1] in ("host", "hosts", "hostname", "hostnames")


def _in_files(context: SystemContext) -> Iterator[Stranger]:
    patterns = [p for s in context.product.settings for p in _paths(s.names.path, s.is_list, [f.path for f in s.item])]
    for view in context.views:
        block = block_steps(view.scope.env_block)
        for source in view.files:
            for path, node in source.document.root.walk():
                names = tuple(str(p) for p in path)
                if node.kind is not NodeKind.SCALAR or not any(hosts_named(".".join(names), node.text)):
                    continue  # most values name no place, and comparing paths costs more than seeing that
                variable = names[:-1] == block and _is_variable(names[-1], context.product)
                modelled = variable or any(_covers(p, path) for p in patterns)
                if not modelled:
                    yield _stranger(source, path, node, view.scope.workload)


def _paths(paths: Sequence[str], listed: bool, fields: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the paths that a setting reads: of a list of objects only the fields of its items."""
    for path in paths:
        own = steps(path)
        below = [p for field in fields for p in field]
        if not listed or not below:
            yield own
        for field in below if listed else ():
            each = own if own[-1] in ("[]", "*") else (*own, "[]")
            yield (*each, *steps(field))


def _covers(pattern: tuple[str, ...], path: tuple[str | int, ...]) -> bool:
    """Return whether ``path`` lies at or below ``pattern``."""
    return len(path) >= len(pattern) and all(
        isinstance(p, int) if w.startswith("[") else w in ("*", p) for w, p in zip(pattern, path, strict=False)
    )


def _is_variable(name: str, product: Product) -> bool:
    for setting in product.settings:
        for known in setting.names.env:
            if INDEX not in known:
                if known == name or (known.endswith(EVERY) and name.startswith(known.removesuffix(EVERY))):
                    return True
                continue
            before, _, after = known.partition(INDEX)
            suffixes = "|".join(re.escape(s) for f in setting.item for s in f.env)
            if re.fullmatch(rf"{re.escape(before)}\d+{re.escape(after)}(?:{suffixes})", name):
                return True
    return False


def _is_referred(name: str, context: SystemContext) -> bool:
    """Return whether a file of the system takes the variable by reference: then its place is judged there."""
    wanted = [r.to(name) for r in context.product.references]
    texts = (n.text for v in context.views for s in v.files for _, n in s.document.root.walk() if wanted)
    return any(w in text for text in texts for w in wanted)


def _is_image(path: tuple[str | int, ...]) -> bool:
    return path[-1] in ("image", "repo", "repository", "registry")


def _stranger(source: Source, path: tuple[str | int, ...], node: Node, workload: str) -> Stranger:
    name = ".".join(str(p) for p in path)
    return Stranger(name, node.text, source.evidence(node, f"{name}: {node.text}"), workload)
