"""Compose services (compose-spec): image, entrypoint, command, environment in both forms, env_file, extends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind, bind_mapping, bind_text, plain_values, words_of
from auditor.config.formats.compose_build import built
from auditor.config.formats.mounts import missing_in_compose
from auditor.config.formats.shell import hidden_by_hook, hidden_by_shell
from auditor.documents.interpolation import interpolate
from auditor.documents.tree import Node, NodeKind

_LONGEST_CHAIN = 20
"""Services that extend one another in a circle have no meaning."""

_LOCAL_LOGS = ("json-file", "local", "journald", "none", "")
"""Log drivers of the engine that write to the machine itself (Docker manual, "Configure logging drivers")."""
_LOG_PLACES = ("-address", "-url", "-region", "-project", "-endpoint")
"""How the options that say where a driver sends the log end: ``gelf-address``, ``awslogs-region``."""


def read_compose(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return one launch a service, in order of appearance; ``environment`` wins over ``env_file``.

    A service that only a profile starts counts like any other: whoever runs compose may switch the profile on.
    """
    project = _Project.of(source, library)
    services = tuple(_service(project, name, service) for name, service in project.services())
    return (*services, *_missing(project))


@dataclass(frozen=True, slots=True)
class _Project:
    """One compose file and the values that it is interpolated with."""

    source: Source
    library: Library
    known: Mapping[str, str]
    linked: tuple[str, ...]

    @classmethod
    def of(cls, source: Source, library: Library) -> _Project:
        dotenv = library.env_file(source.document.path, ".env")
        known = plain_values(bind_mapping(dotenv, dotenv.document.root).values()) if dotenv else {}
        return cls(source, library, known, (dotenv.document.path,) if dotenv else ())

    def services(self) -> Iterator[tuple[Node, Node]]:
        services = self.source.document.root.get("services")
        yield from ((n, s) for n, s in (services.entries if services is not None else ()) if s.kind is NodeKind.MAPPING)


def _missing(project: _Project) -> Iterator[Launch]:
    """Yield one process for each file that ``include`` takes and the inputs lack: whatever it defines runs too."""
    source, listed = project.source, project.source.document.root.get("include")
    items = () if listed is None else listed.items if listed.kind is NodeKind.SEQUENCE else (listed,)
    for item in items:
        paths = item.get("path") if item.kind is NodeKind.MAPPING else item
        for path in () if paths is None else paths.items if paths.kind is NodeKind.SEQUENCE else (paths,):
            written = interpolate(path.text, project.known)[0]
            if project.library.compose_file(source.document.path, written) is None:
                reason = f"include takes {written}, which is not in the inputs: what it starts is open"
                step = f"Supply {written} under inputs:, or the output of `docker compose config`"
                evidence = source.evidence(path, f"include {written}")
                gap = Opaque(reason, step, evidence)
                yield Launch(source, written, Packaging.COMPOSE, "", (), {}, (), complete=True, evidence=evidence, hidden=(gap,))


def _service(project: _Project, name: Node, service: Node, depth: int = 0) -> Launch:
    """Return the process of a service, laid over that which it extends."""
    source, known = project.source, project.known
    env, opaque, files = _env_files(source, project.library, service)
    env |= _environment(source, service.get("environment"), known)
    image = service.get("image")
    program = words_of(source, service.get("entrypoint"), known)
    words = (*program, *words_of(source, service.get("command"), known))
    texts = [*(w.text for w in words), *(b.value for b in env.values() if b.value)]
    own = Launch(
        source=source,
        name=name.text,
        packaging=Packaging.COMPOSE,
        image=interpolate(image.text, known)[0] if image is not None else "",
        words=words,
        env=env,
        opaque=tuple(opaque),
        complete=True,
        evidence=source.evidence(image or name, f"service {name.text}"),
        linked=(*project.linked, *files),
        program=program,
        hidden=(*hidden_by_shell(words, f"the service {name.text}"), *_beside(source, name.text, service)),
        given=(*missing_in_compose(source, project.library, service, known, texts), *_log(source, service, known)),
    )
    own = built(own, service, source, project.library, known)
    return own if service.get("extends") is None else _extended(project, own, service, depth)


def _extended(project: _Project, own: Launch, service: Node, depth: int) -> Launch:
    """Return a service laid over its base: what it says itself wins, variables and links add up (Compose, "extends")."""
    extends = service.get("extends") or service
    base = _base(project, extends, depth)
    if base is None:
        reason = f"the service {own.name} extends another definition, which is not in the inputs"
        step = "Supply the file that it extends, or the output of `docker compose config`"
        return replace(own, opaque=(*own.opaque, Opaque(reason, step, project.source.evidence(extends, "extends"))))
    program = own.program or base.program
    arguments = own.words[len(own.program) :] or base.words[len(base.program) :]
    return replace(
        own,
        image=own.image or base.image,
        program=program,
        words=(*program, *arguments),
        env={**base.env, **own.env},
        opaque=(*base.opaque, *own.opaque),
        linked=(*base.linked, *own.linked),
        hidden=(*base.hidden, *own.hidden),
        given=(*base.given, *own.given),
    )


def _base(project: _Project, extends: Node, depth: int) -> Launch | None:
    """Return the process that ``extends`` names, ``None`` when it is not in the inputs or the chain has no end."""
    file, wanted = extends.get("file"), extends.get("service") or extends
    other = project
    if file is not None:
        found = project.library.compose_file(project.source.document.path, file.text)
        if found is None:
            return None
        other = _Project.of(found, project.library)
    matches = [(n, s) for n, s in other.services() if n.text == wanted.text]
    return _service(other, *matches[0], depth + 1) if matches and depth < _LONGEST_CHAIN else None


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


def _log(source: Source, service: Node, known: Mapping[str, str]) -> tuple[Opaque, ...]:
    """Return one entry when the engine hands the log of a service to something beyond its machine."""
    node = service.at("logging", "driver")
    if node is None or node.text in _LOCAL_LOGS:
        return ()
    options = service.at("logging", "options")
    places = [v for k, v in (options.entries if options is not None else ()) if k.text.endswith(_LOG_PLACES)]
    where = "".join(f" ({interpolate(v.text, known)[0]})" for v in places[:1] if v.kind is NodeKind.SCALAR)
    what = f"its log goes to the driver {node.text}{where}: who gets it, and what stands in it, is open"
    step = "Leave the log to a driver that writes to the machine: json-file, local or journald"
    return (Opaque(what, step, source.evidence(node, what)),)


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
