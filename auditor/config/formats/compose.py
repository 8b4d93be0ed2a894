"""Compose services (compose-spec): image, entrypoint, command, environment in both forms, env_file."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind, bind_mapping, bind_text, plain_values, words_of
from auditor.config.formats.shell import hidden_by_hook, hidden_by_shell
from auditor.documents.interpolation import interpolate
from auditor.documents.tree import Node, NodeKind


def read_compose(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return one launch a service, in order of appearance; ``environment`` wins over ``env_file``."""
    dotenv = library.env_file(source.document.path, ".env")
    known = plain_values(bind_mapping(dotenv, dotenv.document.root).values()) if dotenv else {}
    services = source.document.root.get("services")
    linked = (dotenv.document.path,) if dotenv else ()
    return tuple(
        _service(source, library, name, service, known, linked)
        for name, service in (services.entries if services is not None else ())
        if service.kind is NodeKind.MAPPING
    )


def _service(
    source: Source, library: Library, name: Node, service: Node, known: Mapping[str, str], linked: tuple[str, ...]
) -> Launch:
    env, opaque, files = _env_files(source, library, service)
    env |= _environment(source, service.get("environment"), known)
    if service.get("extends") is not None:
        opaque.append(
            Opaque(
                f"the service {name.text} extends another definition, which is not followed",
                "Supply the output of `docker compose config` in place of the files it joins",
                source.evidence(name, "extends"),
            )
        )
    image = service.get("image")
    program = words_of(source, service.get("entrypoint"), known)
    words = (*program, *words_of(source, service.get("command"), known))
    return Launch(
        source=source,
        name=name.text,
        packaging=Packaging.COMPOSE,
        image=interpolate(image.text, known)[0] if image is not None else "",
        words=words,
        env=env,
        opaque=tuple(opaque),
        complete=True,
        evidence=source.evidence(image or name, f"service {name.text}"),
        linked=(*linked, *files),
        program=program,
        hidden=(*hidden_by_shell(words, f"the service {name.text}"), *_beside(source, name.text, service)),
    )


def _beside(source: Source, name: str, service: Node) -> tuple[Opaque, ...]:
    """Return what runs that the service's command does not say: hooks, and an image that is built here."""
    hooks = tuple(
        hook
        for key in ("post_start", "pre_stop")
        for hook in hidden_by_hook(source, service.get(key), f"{key} of the service {name}")
    )
    build = service.get("build")
    if build is None:
        return hooks
    reason = f"the image of the service {name} is built here, and what the build puts into it is open"
    return (*hooks, Opaque(reason, "Name the published image that the build starts from", source.evidence(build, "build")))


def _environment(source: Source, node: Node | None, known: Mapping[str, str]) -> dict[str, Binding]:
    if node is None or node.kind is not NodeKind.SEQUENCE:
        return bind_mapping(source, node, known)
    found: dict[str, Binding] = {}
    for item in node.items:
        name, equals, value = item.text.partition("=")
        if equals:
            found[name] = bind_text(source, name, item, value, known)
        else:
            found[name] = bind(source, name, item, None, "its value is taken from the shell that runs compose")
    return found


def _env_files(source: Source, library: Library, service: Node) -> tuple[dict[str, Binding], list[Opaque], tuple[str, ...]]:
    node = service.get("env_file")
    items = () if node is None else node.items if node.kind is NodeKind.SEQUENCE else (node,)
    env: dict[str, Binding] = {}
    opaque: list[Opaque] = []
    files: list[str] = []
    for item in items:
        path = item.get("path") or item
        required = item.get("required")
        found = library.env_file(source.document.path, path.text)
        if found is not None:
            env |= bind_mapping(found, found.document.root, {})
            files.append(found.document.path)
        elif required is None or required.text != "false":
            opaque.append(
                Opaque(
                    f"env_file takes {path.text}, which is not in the inputs",
                    f"Supply {path.text} under inputs:",
                    source.evidence(path, f"env_file {path.text}"),
                )
            )
    return env, opaque, tuple(files)
