"""Entries of one list that are about an entry of another: lists of servers that are allowed or denied."""

from __future__ import annotations

import re

from auditor.catalog.settings import Merge
from auditor.config.effective import Effective, Item
from auditor.facts.truth import Truth, all_of, any_of

_NAME, _URL, _COMMAND, _ARGUMENTS, _KEY, _INDEX = "name", "url", "command", "args", "key", "index"


def names_item(effective: Effective, item: Item | None) -> Truth:
    """Return whether the list has an entry about ``item``; of lists that restrict each other, whether each of them has.

    A setting of one value names the item whose key it is: the provider that is selected among those that are defined.

    An entry is about an item when all of its fields fit: ``name`` the item's key, ``url`` its address, in which ``*`` is
    any text, ``command`` its command with all arguments. Two entries that are written differently can be about one item,
    so lists that were intersected are asked one by one.
    """
    if not effective.is_known or effective.alternatives:
        return Truth.UNKNOWN
    if not effective.definition.is_list:
        return Truth.UNKNOWN if item is None or effective.redacted else Truth.of(item.text(_KEY) == effective.text)
    separate = effective.definition.merge is Merge.INTERSECTION and effective.layers
    layers = effective.layers if separate else (effective.items,)
    if item is None:  # an empty list is about none of the entries that are not known
        return Truth.UNKNOWN if all(layers) else Truth.NO
    return all_of(any_of(_is_about(entry, item) for entry in layer) for layer in layers)


def _is_about(entry: Item, item: Item) -> Truth:
    told = [name for name in entry.fields if name not in (_KEY, _INDEX)]
    return all_of(_fits(name, entry.fields[name].text, item) for name in told) if told else Truth.UNKNOWN


def _fits(name: str, wanted: str | None, item: Item) -> Truth:
    field = item.fields.get(_KEY if name == _NAME else name)
    if field is None:
        return Truth.NO
    arguments = item.fields.get(_ARGUMENTS) if name == _COMMAND else None
    if wanted is None or field.text is None or field.redacted or (arguments is not None and arguments.redacted):
        return Truth.UNKNOWN
    if name == _COMMAND:
        return Truth.of(wanted == (field.text if arguments is None else f"{field.text},{arguments.text}"))
    if name == _URL:
        return Truth.of(re.fullmatch(re.escape(wanted).replace(r"\*", ".*"), field.text) is not None)
    return Truth.of(field.text == wanted)
