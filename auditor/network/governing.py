"""What is read besides the policies of clusters: one module a dialect, in this list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from auditor.documents import Document
from auditor.network.layers import Governed
from auditor.network.netfilter import read_host_firewalls

READERS: tuple[Callable[[Sequence[Document]], Iterable[Governed]], ...] = (read_host_firewalls,)


def read_governed(documents: Sequence[Document]) -> tuple[Governed, ...]:
    """Return every workload of which a document of these dialects speaks, with the layers on its way."""
    return tuple(governed for read in READERS for governed in read(documents))
