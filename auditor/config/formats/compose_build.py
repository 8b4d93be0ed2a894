"""Services whose image is built of a Dockerfile among the inputs (Compose specification, "build")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.config.bindings import Launch, Library, Source
from auditor.config.formats.dockerfile import read_dockerfile
from auditor.documents.interpolation import interpolate
from auditor.documents.tree import Node, NodeKind


def built(launch: Launch, service: Node, source: Source, library: Library, known: Mapping[str, str]) -> Launch:
    """Return a service as its Dockerfile makes it: on the image that this starts from, its variables below the service's own.

    A service without a Dockerfile among the inputs, or one that is built of a stage that it names, stays as it is.
    """
    build = service.get("build")
    if build is None or build.get("target") is not None:
        return launch
    context = build if build.kind is NodeKind.SCALAR else build.get("context")
    folder = interpolate(context.text, known)[0] if context is not None and context.text else "."
    name = build.get("dockerfile")
    written = f"{folder}/{interpolate(name.text, known)[0] if name is not None and name.text else 'Dockerfile'}"
    found = library.dockerfile(source.document.path, written)
    made = read_dockerfile(found, library) if found is not None else ()
    if found is None or not made:
        return launch
    base = made[0]
    program = launch.program or base.program
    # An entrypoint of the service takes the command of its image away.
    own = launch.words[len(launch.program) :] or (() if launch.program else base.words[len(base.program) :])
    return replace(
        launch,
        image=base.image or launch.image,
        program=program,
        words=(*program, *own),
        env={**base.env, **launch.env},
        hidden=(*base.hidden, *launch.hidden),
        linked=(*launch.linked, found.document.path),
    )
