"""What is read besides the policies of clusters: one module a dialect, in this list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from auditor.documents import Document
from auditor.network.clouds import read_aws, read_azure, read_gcp
from auditor.network.compose import read_compose
from auditor.network.layers import Governed
from auditor.network.netfilter import read_host_firewalls
from auditor.network.proxied import read_proxied
from auditor.network.sandboxes import read_boundary, read_claude_code, read_codex, read_copilot
from auditor.network.squid import read_squid

Reader = Callable[[Sequence[Document], Mapping[str, str]], Iterable[Governed]]
READERS: tuple[Reader, ...] = (
    read_host_firewalls,
    read_compose,
    read_aws,
    read_azure,
    read_gcp,
    read_squid,
    read_boundary,
    read_claude_code,
    read_codex,
    read_copilot,
    read_proxied,
)


def read_governed(documents: Sequence[Document], platform: Iterable[tuple[str, str]] = ()) -> tuple[Governed, ...]:
    """Return every workload of which a document of these dialects speaks, with the layers on its way.

    ``platform`` are the manifest's (key, value) pairs.
    """
    said = dict(platform)
    return tuple(governed for read in READERS for governed in read(documents, said))
