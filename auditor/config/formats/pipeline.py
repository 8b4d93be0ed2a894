"""Pipelines that run agents: workflows and composite actions of GitHub, jobs of GitLab.

A step that uses an action is the call of a module: its arguments are bound as ``module:<argument>``. A step that runs
commands is a script. Sources: GitHub, "Workflow syntax", "Metadata syntax"; GitLab, "CI/CD YAML syntax reference" (2026-11-27).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source, Word
from auditor.config.formats.common import bind
from auditor.config.formats.script import Commands, read_commands
from auditor.documents.tree import Node, NodeKind

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_STEP = "Supply the process that the job starts as a file of its own, or state in the manifest what it sets"
_COMMANDS = ("before_script", "script", "after_script")


def read_pipeline(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the processes of every job: its containers and services, the actions that it uses, the commands that it runs."""
    root = source.document.root
    jobs = root.get("jobs")
    if jobs is not None:
        env = _variables(source, root.get("env"), {}, root)
        return tuple(launch for name, job in jobs.entries for launch in _job(source, library, name.text, job, env))
    runs = root.get("runs")
    if runs is not None:
        return tuple(_steps(source, library, "action", runs, {}))
    env = _variables(source, root.get("variables"), {}, root)
    found = (x for name, job in root.entries for x in _gitlab(source, library, name.text, job, env))
    return (*_images(source, "pipeline", root, env), *found)


def _job(source: Source, library: Library, name: str, job: Node, outer: dict[str, Binding]) -> Iterator[Launch]:
    env = _variables(source, job.get("env"), outer, source.document.root)
    services = job.get("services")
    for key, service in services.entries if services is not None else ():
        yield from _image(source, key.text, service, _variables(source, service.get("env"), {}, source.document.root))
    container = job.get("container")
    if container is not None:
        yield from _image(source, name, container, _variables(source, container.get("env"), env, source.document.root))
    yield from _steps(source, library, name, job, env)


def _steps(source: Source, library: Library, job: str, holder: Node, outer: dict[str, Binding]) -> Iterator[Launch]:
    steps = holder.get("steps")
    for number, step in enumerate(steps.items if steps is not None else (), start=1):
        env = _variables(source, step.get("env"), outer, source.document.root)
        label = step.get("name") or step.get("id")
        name = f"{job}/{label.text if label is not None and label.text else number}"
        uses, run = step.get("uses"), step.get("run")
        if uses is not None and uses.kind is NodeKind.SCALAR:
            yield _action(source, name, uses, step, env)
        if run is not None and run.kind is NodeKind.SCALAR:
            yield from _commands(source, library, name, (run,), env)


def _action(source: Source, name: str, uses: Node, step: Node, env: dict[str, Binding]) -> Launch:
    """Return the call of an action; ``docker://`` names an image."""
    image = uses.text.removeprefix("docker://") if uses.text.startswith("docker://") else ""
    given = step.get("with")
    arguments = {
        f"module:{key.text}": _bound(source, f"module:{key.text}", value, env, source.document.root)
        for key, value in (given.entries if given is not None else ())
        if value.kind is NodeKind.SCALAR
    }
    evidence = source.evidence(uses, f"uses {uses.text}")
    what = f"{name} runs an action: what that sets or starts besides its arguments is open"
    return Launch(
        source=source,
        name=name,
        packaging=Packaging.PIPELINE,
        image=image,
        words=(),
        env={**env, **arguments},
        opaque=(),
        complete=False,
        evidence=evidence,
        module="" if image else uses.text.partition("@")[0],
        hidden=(Opaque(what, _STEP, evidence),),
    )


def _commands(source: Source, library: Library, name: str, texts: tuple[Node, ...], env: dict[str, Binding]) -> Iterator[Launch]:
    """Yield what commands start; text that is no shell script as it stands (PowerShell, Python) starts nothing that is read."""
    for text in texts:
        yield from read_commands(Commands(source, library, env=dict(env), at=text, what=name, given=frozenset(env)), text.text)


def _gitlab(source: Source, library: Library, name: str, job: Node, outer: dict[str, Binding]) -> Iterator[Launch]:
    if job.kind is not NodeKind.MAPPING or all(job.get(key) is None for key in (*_COMMANDS, "image", "services")):
        return
    env = _variables(source, job.get("variables"), outer, source.document.root)
    yield from _images(source, name, job, env)
    for key in _COMMANDS:
        node = job.get(key)
        items = () if node is None else node.items if node.kind is NodeKind.SEQUENCE else (node,)
        yield from _commands(source, library, name, tuple(i for i in items if i.kind is NodeKind.SCALAR), env)


def _images(source: Source, name: str, holder: Node, env: dict[str, Binding]) -> Iterator[Launch]:
    image, services = holder.get("image"), holder.get("services")
    if image is not None:
        yield from _image(source, name, image, env)
    for service in services.items if services is not None else ():
        yield from _image(source, name, service, _variables(source, service.get("variables"), env, source.document.root))


def _image(source: Source, name: str, node: Node, env: dict[str, Binding]) -> Iterator[Launch]:
    """Yield the container that a job or a service names: as a text, or under ``image`` or ``name``."""
    image = node if node.kind is NodeKind.SCALAR else node.get("image") or node.get("name")
    if image is None or not image.text or "$" in image.text:
        return
    evidence = source.evidence(image, f"image {image.text}")
    what = f"{name} runs in a container of a pipeline: what its other settings add is open"
    words = tuple(
        Word(i.text, source.evidence(i, i.text), i.redacted) for n in (node.get("command"),) if n is not None for i in n.items
    )
    yield Launch(
        source, name, Packaging.PIPELINE, image.text, words, env, (), complete=True, evidence=evidence,
        hidden=(Opaque(what, _STEP, evidence),),
    )  # fmt: skip


def _variables(source: Source, node: Node | None, outer: dict[str, Binding], root: Node) -> dict[str, Binding]:
    """Return variables laid over those around them; of GitLab's form ``{value, description}`` the value."""
    env = dict(outer)
    for key, value in node.entries if node is not None else ():
        held = value.get("value") if value.kind is NodeKind.MAPPING else value
        if held is not None and held.kind is NodeKind.SCALAR:
            env[key.text] = _bound(source, key.text, held, env, root)
        elif held is not None and held.kind is NodeKind.NULL:
            env[key.text] = bind(source, key.text, key, "")
    return env


def _bound(source: Source, name: str, node: Node, env: dict[str, Binding], root: Node) -> Binding:
    if node.redacted:
        return bind(source, name, node, node.text)
    settled = _EXPRESSION.sub(lambda m: _value(m.group(1), env, root) or m.group(), node.text)
    left = _EXPRESSION.search(settled)
    if left is None:
        return bind(source, name, node, settled)
    secret = left.group(1).startswith("secrets.")
    return bind(source, name, node, None, f"{left.group()} is decided when the pipeline runs", surely=secret)


def _value(expression: str, env: dict[str, Binding], root: Node) -> str:
    """Return the value of a context that the file itself decides: ``env.X``, the default of an input."""
    context, _, name = expression.partition(".")
    if context == "env" and name in env:
        return env[name].value or ""
    if context == "inputs":
        for event in ("workflow_dispatch", "workflow_call"):
            default = root.at("on", event, "inputs", name, "default")
            if default is not None:
                return default.text
        own = root.at("inputs", name, "default")
        return own.text if own is not None else ""
    return ""
