"""What one scope says of one setting."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

from auditor.catalog.scopes import ScopeKind
from auditor.catalog.settings import Merge, SettingDefinition
from auditor.config.bindings import Binding, Launch, Source
from auditor.config.effective import FieldValue, Item, Sighting
from auditor.config.flags import uses
from auditor.config.formats.common import bind_mapping, plain_values
from auditor.config.paths import block_steps, find, first_at
from auditor.config.scope_views import ScopeView
from auditor.config.values import strictness
from auditor.documents.tree import DocumentKind, Node, NodeKind

_ITS_KEY = "@key"
"""Path of a field that is the key itself under which an entry stands."""
INDEX, EVERY = "{n}", "*"
_EXPORTS = (ScopeKind.EXPORT, ScopeKind.DATABASE, ScopeKind.DASHBOARD)
_COUNTS = ("count", "total", "total_count", "totalCount")


def sight(view: ScopeView, definition: SettingDefinition) -> Sighting | None:
    """Return the first of what its processes or files say, ``None`` when none says anything (``config.worlds``: one each)."""
    return next(sightings(view, definition), None)


def sightings(view: ScopeView, definition: SettingDefinition) -> Iterator[Sighting]:
    """Yield what each process or file of the scope says."""
    if view.scope.kind in (ScopeKind.ENVIRONMENT, ScopeKind.FLAGS):
        read = _in_launch if view.scope.kind is ScopeKind.ENVIRONMENT else _in_words
        found = [read(view, launch, definition) for launch in view.launches]
    else:
        found = [_in_file(view, source, definition) for source in view.files]
    yield from (seen for seen in found if seen is not None)


def _in_launch(view: ScopeView, launch: Launch, definition: SettingDefinition) -> Sighting | None:
    # Charts put the variables that their values list behind those that they make, and of two of one name the later wins.
    seen = _in_environment(view, launch.env, definition)
    if seen is not None:
        return seen
    for source in reversed(launch.layers or (launch.source,)) if launch.chart else ():
        for path in definition.names.helm:
            node = first_at(source.document.root, path)
            if node is not None and node.kind is not NodeKind.NULL and not _is_unset(node):
                return _at_node(view, source, definition, path, node)
    return None


def _is_unset(node: Node) -> bool:
    """Return whether a chart takes the value for none: values files write out what they leave empty."""
    return node.text == "" and not node.items and not node.entries


def _in_environment(view: ScopeView, env: Mapping[str, Binding], definition: SettingDefinition) -> Sighting | None:
    for name in definition.names.env:
        if INDEX in name:
            items = _numbered(env, name, definition)
            if items and items[0].evidence is not None:
                return Sighting(view.scope.id, name, "", items[0].evidence, items=items)
            continue
        if name.endswith(EVERY):
            items = _beginning(env, name.removesuffix(EVERY))
            if items and items[0].evidence is not None:
                return Sighting(view.scope.id, name, "", items[0].evidence, items=items)
            continue
        bound = env.get(name)
        if bound is None:
            continue
        value = FieldValue(bound.value, bound.evidence, bound.redacted)
        listed = split(definition, bound.value, value) if definition.is_list else None
        return Sighting(view.scope.id, name, bound.value, bound.evidence, bound.redacted, bound.reason, listed, bound.surely)
    return None


def _in_words(view: ScopeView, launch: Launch, definition: SettingDefinition) -> Sighting | None:
    for name in definition.names.flag:
        found = uses(launch.words, name, switch=definition.is_bool)
        if not found:
            continue
        last = found[-1]
        listed: tuple[Item, ...] | None = None
        if definition.is_list:
            each = [i for u in found for i in split(definition, u.text, FieldValue(u.text, u.word.evidence, u.redacted)) or ()]
            listed = tuple(Item(n, i.fields, i.evidence) for n, i in enumerate(each))
        return Sighting(view.scope.id, name, last.text, last.word.evidence, last.redacted, items=listed)
    return None if definition.is_list else _assigned(view, launch, definition)


def _assigned(view: ScopeView, launch: Launch, definition: SettingDefinition) -> Sighting | None:
    """Return what ``-c path=value`` says, the last one that names the setting; the value is TOML, else text as it stands."""
    said = [u for name in view.scope.assigns for u in uses(launch.words, name, switch=False)]
    for path in definition.names.path:
        for use in reversed(said):
            key, equals, value = use.text.partition("=")
            if equals and key.strip() == path:
                return Sighting(view.scope.id, path, _toml_text(value), use.word.evidence, use.redacted)
    return None


def _toml_text(value: str) -> str | None:
    """Return the text of a TOML value, ``None`` for a table or an array."""
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value.strip()
    if isinstance(parsed, dict | list):
        return None
    return str(parsed).lower() if isinstance(parsed, bool) else str(parsed)


def _in_file(view: ScopeView, source: Source, definition: SettingDefinition) -> Sighting | None:
    block = block_steps(view.scope.env_block) if definition.names.env else None
    if block is not None:
        seen = _in_environment(view, _variables(source, source.document.root.at(*block)), definition)
        if seen is not None:
            return seen
    if view.env_only:
        return None
    if definition.merge is Merge.STRICTEST_WINS:
        return _strictest(view, source, definition)
    for number, path in enumerate(definition.names.path):
        if definition.is_list and "*" in path:
            entries = list(find(source.document.root, path))
            if entries and definition.merge is Merge.UNION:
                later = (each for each in definition.names.path[number + 1 :] if "*" in each)
                entries += [entry for each in later for entry in find(source.document.root, each)]
            items = tuple(_item(source, definition, n, key, node) for n, (key, node) in enumerate(entries))
            if items and items[0].evidence is not None:
                return Sighting(view.scope.id, path, "", items[0].evidence, items=items)
            continue
        node = _root_or(source, path)
        if node is not None and node.kind is not NodeKind.NULL:
            return _cut_short(view, source, definition, node) or _at_node(view, source, definition, path, node)
    return _misshapen(view, source, definition)


def _variables(source: Source, block: Node | None) -> Mapping[str, Binding]:
    """Return the variables of a block; those of an env file may be made of others of it."""
    plain = bind_mapping(source, block)
    if source.document.kind is not DocumentKind.ENV:
        return plain
    return bind_mapping(source, block, plain_values(plain.values()))


def _strictest(view: ScopeView, source: Source, definition: SettingDefinition) -> Sighting | None:
    """Return the rule that decides among all of a file, under whichever of the names it stands."""
    rules = [(path, node) for path in definition.names.path for _, node in find(source.document.root, path)]
    path, node = min(rules, key=lambda rule: strictness(definition, rule[1].text), default=("", None))
    return None if node is None else _at_node(view, source, definition, path, node)


def _misshapen(view: ScopeView, source: Source, definition: SettingDefinition) -> Sighting | None:
    """Return an open value when an export was read and holds no such list: only a list without entries is empty."""
    if not (definition.is_list and view.scope.id in definition.only_from and view.scope.kind in _EXPORTS):
        return None
    return _open(view, source, definition, source.document.root, "the export has another shape than expected")


def _cut_short(view: ScopeView, source: Source, definition: SettingDefinition, node: Node) -> Sighting | None:
    """Return an open value when the document counts more entries than it holds: one page of several."""
    counted = next((c for name in _COUNTS if (c := source.document.root.get(name)) is not None), None)
    if counted is None or not definition.is_list or view.scope.kind not in _EXPORTS:
        return None
    if not counted.text.isdecimal() or int(counted.text) <= len(node.items):
        return None
    return _open(view, source, definition, counted, f"the export counts {counted.text} entries and holds {len(node.items)}")


def _open(view: ScopeView, source: Source, definition: SettingDefinition, node: Node, reason: str) -> Sighting:
    name = definition.title or definition.id
    return Sighting(view.scope.id, name, None, source.evidence(node, f"{name}: {reason}"), reason=reason, surely=False)


def _root_or(source: Source, path: str) -> Node | None:
    """Return the node at ``path``; ``[]`` alone is the document itself when it is a list."""
    root = source.document.root
    if path == "[]":
        return root if root.kind is NodeKind.SEQUENCE else None
    return first_at(root, path)


def _at_node(view: ScopeView, source: Source, definition: SettingDefinition, path: str, node: Node) -> Sighting:
    shown = node.text if node.kind is NodeKind.SCALAR else f"{len(node.items) or len(node.entries)} entries"
    evidence = source.evidence(node, f"{path}: {shown}")
    if not definition.is_list:
        return Sighting(view.scope.id, path, node.text, evidence, node.redacted)
    if node.kind is NodeKind.MAPPING:
        return _open(view, source, definition, node, "it is written as something else than a list")
    if node.kind is NodeKind.SEQUENCE:
        items = tuple(_item(source, definition, n, str(n), element) for n, element in enumerate(node.items))
        return Sighting(view.scope.id, path, "", evidence, items=items)
    return Sighting(
        view.scope.id,
        path,
        node.text,
        evidence,
        node.redacted,
        items=split(definition, node.text, FieldValue(node.text, evidence, node.redacted)),
    )


def split(definition: SettingDefinition, text: str | None, value: FieldValue) -> tuple[Item, ...] | None:
    """Return the items of a list written as one text; ``None`` when the text is not known."""
    if text is None:
        return None
    if text.strip() in ("", *definition.empty_values):
        return ()
    parts = text.split(definition.separator) if definition.separator else [text]
    stripped = [p.strip() for p in parts if p.strip()]
    return tuple(
        Item(n, {"value": FieldValue(p, value.evidence, value.redacted)}, value.evidence) for n, p in enumerate(stripped)
    )


def _item(source: Source, definition: SettingDefinition, index: int, key: str, node: Node) -> Item:
    evidence = source.evidence(node, f"{definition.id}, entry {key}")
    fields = dict(_fields(source, definition, node))
    fields["key"] = FieldValue(key, evidence)
    fields |= {f.name: fields["key"] for f in definition.item if _ITS_KEY in f.path}
    return Item(index, fields, evidence)


def _fields(source: Source, definition: SettingDefinition, node: Node) -> Iterator[tuple[str, FieldValue]]:
    if node.kind is NodeKind.SCALAR:
        yield "value", FieldValue(node.text, source.evidence(node, node.text), node.redacted)
    elif node.kind is NodeKind.SEQUENCE:
        text = ",".join(i.text for i in node.items)
        yield "value", FieldValue(text, source.evidence(node, text), any(i.redacted for i in node.items))
    for field in definition.item:
        for path in field.path:
            below = first_at(node, path)
            if below is None or below.kind is NodeKind.NULL:
                continue
            text = below.text if below.kind is NodeKind.SCALAR else ",".join(i.text for i in below.items)
            hidden = below.redacted or field.secret
            yield field.name, FieldValue(text, source.evidence(below, f"{path}: {'(secret)' if hidden else text}"), hidden)
            break


def _beginning(env: Mapping[str, Binding], start: str) -> tuple[Item, ...]:
    """Return one item for each variable whose name begins so, by name: ``key`` is the rest of it, ``value`` its value."""
    found = [(name.removeprefix(start), env[name]) for name in sorted(env) if name.startswith(start) and name != start]
    return tuple(
        Item(
            number,
            {"key": FieldValue(rest, None), "value": FieldValue(bound.value, bound.evidence, bound.redacted, bound.reason)},
            bound.evidence,
        )
        for number, (rest, bound) in enumerate(found)
    )


def _numbered(env: Mapping[str, Binding], name: str, definition: SettingDefinition) -> tuple[Item, ...]:
    """Return the items of ``PREFIX_{n}_SUFFIX`` names, by number."""
    before, _, after = name.partition(INDEX)
    pattern = re.compile(rf"{re.escape(before)}(\d+){re.escape(after)}(.*)\Z")
    suffixes = {suffix: field.name for field in definition.item for suffix in field.env}
    by_number: dict[int, dict[str, FieldValue]] = {}
    for variable, bound in env.items():
        match = pattern.match(variable)
        if match and match.group(2) in suffixes:
            value = FieldValue(bound.value, bound.evidence, bound.redacted, bound.reason)
            by_number.setdefault(int(match.group(1)), {})[suffixes[match.group(2)]] = value
    return tuple(
        Item(number, {**fields, "key": FieldValue(str(number), None)}, next(iter(fields.values())).evidence)
        for number, fields in sorted(by_number.items())
    )
