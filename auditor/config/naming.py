"""Entries of one list that are about an entry of another: lists of servers that are allowed or denied."""

from __future__ import annotations

import re

from auditor.catalog.settings import Merge, SettingDefinition
from auditor.config.effective import Effective, Item
from auditor.facts.truth import Truth, all_of, any_of

_NAME, _URL, _COMMAND, _ARGUMENTS, _KEY, _INDEX, _VALUE = "name", "url", "command", "args", "key", "index", "value"
_REFERENCE = "${"


def names_item(effective: Effective, item: Item | None) -> Truth:
    """Return whether the list has an entry about ``item``; of lists that restrict each other, whether each of them has.

    A setting of one value names the item whose key it is: the provider that is selected among those that are defined.

    An entry is about an item when all of its fields fit: ``name`` (or the text that the entry is) the item's key, ``url`` its
    address, in which ``*`` is any text but never ends the host, ``command`` its command with all arguments. Two entries that
    are written differently can be about one item, so lists that were intersected are asked one by one.
    """
    if not effective.is_known or effective.alternatives:
        return Truth.UNKNOWN
    if not effective.definition.is_list:
        return Truth.UNKNOWN if item is None or effective.redacted else Truth.of(item.text(_KEY) == effective.text)
    separate = effective.definition.merge is Merge.INTERSECTION and effective.layers
    layers = effective.layers if separate else (effective.items,)
    if item is None:  # an empty list is about none of the entries that are not known
        return Truth.UNKNOWN if all(layers) else Truth.NO
    rules = effective.definition
    return all_of(any_of(_is_about(e, item, rules) for e in _counted(layer, item, rules)) for layer in layers)


def _counted(layer: tuple[Item, ...], item: Item, rules: SettingDefinition) -> tuple[Item, ...]:
    """Return the entries that count: a name alone does not where the list has entries on what the item is reached by."""
    by = next((f for f in (_URL, _COMMAND) if f in item.fields), "")
    if not (rules.names_yield and by and any(by in e.fields for e in layer)):
        return layer
    return tuple(e for e in layer if set(e.fields) - {_KEY, _INDEX} != {_NAME})


def _is_about(entry: Item, item: Item, rules: SettingDefinition) -> Truth:
    told = [name for name in entry.fields if name not in (_KEY, _INDEX)]
    return all_of(_fits(name, entry.fields[name].text, item, rules) for name in told) if told else Truth.UNKNOWN


def _fits(name: str, wanted: str | None, item: Item, rules: SettingDefinition) -> Truth:
    field = item.fields.get(_KEY if name in (_NAME, _VALUE) else name)
    if field is None:
        return Truth.NO
    arguments = item.fields.get(_ARGUMENTS) if name == _COMMAND else None
    if wanted is None or field.text is None or field.redacted or (arguments is not None and arguments.redacted):
        return Truth.UNKNOWN
    if name in (_COMMAND, _URL) and _REFERENCE in wanted + field.text + ("" if arguments is None else arguments.text or ""):
        return Truth.UNKNOWN
    if name == _COMMAND:
        return Truth.of(wanted == (field.text if arguments is None else f"{field.text},{arguments.text}"))
    return _fits_url(wanted, field.text, rules) if name == _URL else Truth.of(field.text == wanted)


def _fits_url(wanted: str, url: str, rules: SettingDefinition) -> Truth:
    """Return whether an address fits a pattern; what a pattern without a path says of paths differs between products."""
    pattern, text = _plain(wanted), _plain(url)
    if _matches(pattern, text):
        return Truth.YES
    if "/" in pattern.partition("://")[2] or not _matches(pattern, text[: _path_at(text)]):
        return Truth.NO
    return Truth.YES if rules.pathless_fits else Truth.UNKNOWN


def _matches(pattern: str, text: str) -> bool:
    at = _path_at(pattern) if "://" in pattern else 0
    host, path = re.escape(pattern[:at]).replace(r"\*", "[^/]*"), re.escape(pattern[at:]).replace(r"\*", ".*")
    return re.fullmatch(host + path, text) is not None


def _plain(url: str) -> str:
    """Return an address with its scheme and host written small, without the dot that may end a host."""
    at = _path_at(url)
    return url[:at].lower().rstrip(".") + url[at:]


def _path_at(url: str) -> int:
    start = url.find("://") + 3 if "://" in url else 0
    return next((n for n in range(start, len(url)) if url[n] in "/?#"), len(url))
