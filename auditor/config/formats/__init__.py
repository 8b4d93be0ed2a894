"""Readers of formats, one a module: documents in, launches (processes with bindings) out. None knows a product."""

from __future__ import annotations

from collections.abc import Collection

from auditor.config.bindings import Launch, Library
from auditor.config.formats.cloud_tasks import read_start_up, read_tasks
from auditor.config.formats.compose import read_compose
from auditor.config.formats.devcontainer import read_devcontainer
from auditor.config.formats.dockerfile import read_dockerfile
from auditor.config.formats.env_file import read_env_file
from auditor.config.formats.helm_unknown import read_unknown_values
from auditor.config.formats.kubernetes import read_kubernetes
from auditor.config.formats.pipeline import read_pipeline
from auditor.config.formats.script import read_script
from auditor.config.formats.systemd import read_systemd
from auditor.config.formats.terraform import read_machine_scripts, read_terraform
from auditor.config.formats.terraform_plan import read_terraform_plan
from auditor.documents.tree import DocumentKind

_READERS = {
    DocumentKind.COMPOSE: read_compose,
    DocumentKind.KUBERNETES: read_kubernetes,
    DocumentKind.SYSTEMD: read_systemd,
    DocumentKind.ENV: read_env_file,
    DocumentKind.TERRAFORM: read_terraform,
    DocumentKind.TERRAFORM_PLAN: read_terraform_plan,
    DocumentKind.DOCKERFILE: read_dockerfile,
    DocumentKind.DEVCONTAINER: read_devcontainer,
    DocumentKind.CLOUD: read_tasks,
}
_LOOSE = {
    DocumentKind.SCRIPT: read_script,
    DocumentKind.SHELL: read_script,
    DocumentKind.PIPELINE: read_pipeline,
    DocumentKind.CLOUD: read_start_up,
    DocumentKind.TERRAFORM: read_machine_scripts,
}
"""Readers of documents that may as well hold anything else."""


_TAKEN_IN = (DocumentKind.ENV, DocumentKind.DOCKERFILE)
"""Kinds of documents that are no process by themselves where another takes them in."""


def read_launches(library: Library) -> tuple[Launch, ...]:
    """Return every process of the inputs; an env file or a Dockerfile that another took in is not one by itself.

    Helm values need the layout of a product's chart and are read in ``formats.helm``.
    """
    launches = [
        launch
        for source in library.sources
        if source.document.kind in _READERS
        for launch in _READERS[source.document.kind](source, library)
    ]
    linked = {path for launch in launches for path in launch.linked}
    return tuple(x for x in launches if x.source.document.kind not in _TAKEN_IN or x.source.document.path not in linked)


def read_loose(library: Library, charted: Collection[int] = ()) -> tuple[Launch, ...]:
    """Return processes of documents that may as well hold anything else: they count where a product is recognised in them.

    ``charted`` are ids of the blocks of values that described charts read.
    """
    found: list[Launch] = []
    for source in library.sources:
        if source.document.kind in _LOOSE:
            found += library.once(_LOOSE[source.document.kind], source)
        else:
            found += read_unknown_values(source, library, charted)
    return tuple(found)
