"""Processes that Terraform makes: Coder templates and their modules, containers, pods, charts (HCL, not yet applied).

What a run decides stays unknown. A pod, container or workspace of a template is made at run time, once for each user.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.bindings import Launch, Library, Opaque, Source, Word
from auditor.config.formats.common import bind
from auditor.config.formats.script import Commands, read_commands
from auditor.config.formats.terraform_clouds import PODS, tasks_and_apps
from auditor.config.formats.terraform_draft import (
    Draft,
    bind_assignments,
    bind_attributes,
    bind_resource,
    binding,
    container_of,
    doubt_image,
    image_of,
    words_in,
)
from auditor.config.formats.terraform_module import Module, module_of, pairs
from auditor.config.formats.terraform_scope import address_of
from auditor.documents import as_text
from auditor.documents.tree import Node, NodeKind

_CONTAINERS = ("container", "init_container", "containers")
_START_UP = ("user_data", "user_data_base64", "metadata_startup_script", "custom_data", "startup_script")
"""Attributes of machines whose text a machine runs when it starts (cloud-init and the like)."""
_NOTHING = Library(())
"""Scripts of machines take no file from beside the module."""
_SCRIPTS = {"coder_agent": ("startup_script", "shutdown_script"), "coder_script": ("script",), "coder_app": ("command",)}
"""Attributes that say what a workspace runs: by itself, or when a user opens an app in a terminal."""


def read_terraform(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the processes of the module folder that ``source`` is the first file of, in order of its files."""
    module = library.once(module_of, source)
    return processes_of(module) if module is not None else ()


def processes_of(module: Module) -> tuple[Launch, ...]:
    """Return what the resources and calls of a module start."""
    drafts = [*_agents(module), *_containers(module), *_pods(module), *_machines(module)]
    drafts += [*tasks_and_apps(module), *_charts(module), *_modules(module)]
    return tuple(draft.launch() for draft in drafts)


def _agents(module: Module) -> Iterator[Draft]:
    """Yield the workspace of each ``coder_agent``; a module without one sets environment and scripts for its caller's."""
    agents = [_agent(module, source, name, body) for source, _, name, body in module.resources("coder_agent")]
    loose = None
    if not agents and "agent_id" in module.scope.variables:  # a module of Coder's registry acts on its caller's workspace
        loose = _caller(module, module.scope.variables["agent_id"], module.files[0])
    for source, kind, name, body in module.resources("coder_env", "coder_script", "coder_app"):
        reference = _reference(body.get("agent_id"))
        owner = next((a for a in agents if reference == a.name), None)
        if owner is None:
            loose = loose or _caller(module, body, source)
            owner = loose
        if kind == "coder_env":
            bind_resource(module, source, body, owner)
        else:
            _add_scripts(module, source, f"{kind}.{name}", body, owner)
    yield from agents
    if loose is not None:
        yield loose


def _caller(module: Module, body: Node, source: Source) -> Draft:
    """Return the workspace of whoever calls this module, its variables bound as the arguments of a call without any."""
    draft = Draft("workspace", body, source)
    for name, variable in module.scope.variables.items():
        default = variable.get("default")
        if default is None:
            draft.env[f"module:{name}"] = bind(source, f"module:{name}", variable, None, "whoever calls the module gives it")
        else:
            draft.env[f"module:{name}"] = binding(module, source, f"module:{name}", default)
    return draft


def _agent(module: Module, source: Source, name: str, body: Node) -> Draft:
    draft = Draft(f"coder_agent.{name}", body, source)
    bind_attributes(module, source, body.get("env"), draft)
    _add_scripts(module, source, draft.name, body, draft)
    return draft


def _add_scripts(module: Module, source: Source, name: str, body: Node, draft: Draft) -> None:
    """Add what a workspace runs by itself, as the shell line that it is."""
    for key in _SCRIPTS[name.partition(".")[0]]:
        _add_script(module, source, body.get(key), draft, f"{name}: {key}")


def _add_script(module: Module, source: Source, node: Node | None, draft: Draft, what: str) -> None:
    if node is None or node.kind is not NodeKind.SCALAR:
        return
    text = as_text(module.scope.value(node)) or node.text
    if not _does_nothing(text):
        evidence = source.evidence(node, what)
        draft.words += [Word("sh", evidence), Word("-c", evidence), Word(text, evidence, node.redacted)]


def _does_nothing(script: str) -> bool:
    lines = (line.strip() for line in script.splitlines())
    return all(not line or line.startswith("#") or line.split()[0] in ("set", "echo", "exit") for line in lines)


def _containers(module: Module) -> Iterator[Draft]:
    for source, kind, name, body in module.resources("docker_container", "docker_service"):
        draft = Draft(f"{kind}.{name}", body.get("image") or body, source, image=image_of(module, body.get("image")))
        doubt_image(draft, body.get("image"))
        bind_assignments(module, source, body.get("env"), draft)
        draft.program = words_in(module, source, body.get("entrypoint"))
        draft.words = [*draft.program, *words_in(module, source, body.get("command"))]
        yield draft


def _pods(module: Module) -> Iterator[Draft]:
    for source, kind, name, body in module.resources(*PODS):
        for _, node in body.walk():
            for key in _CONTAINERS if node.kind is NodeKind.MAPPING else ():
                blocks = node.get(key)
                for block in blocks.items if blocks is not None else ():
                    yield container_of(module, source, f"{kind}.{name}", block)


def read_machine_scripts(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return what the scripts start that machines are given, as far as they stand in the module."""
    module = library.once(module_of, source)
    return tuple(launch for each in (_scripts(module) if module is not None else ()) for launch in each)


def _scripts(module: Module) -> Iterator[tuple[Launch, ...]]:
    for source in module.files:
        for kind, labels in pairs(source.document.root.get("resource")):
            for name, blocks in pairs(labels) if kind not in _SCRIPTS else ():
                for body, key in ((b, k) for b in blocks.items for k in _START_UP):
                    node = body.get(key)
                    text = (as_text(module.scope.value(node)) or node.text) if node is not None else ""
                    if "\n" in text:
                        yield read_commands(Commands(source, _NOTHING, at=node, what=f"{kind}.{name}: {key}"), text)


def _machines(module: Module) -> Iterator[Draft]:
    """Yield each machine that is given a script to run when it starts."""
    for source in module.files:
        for kind, labels in pairs(source.document.root.get("resource")):
            for name, blocks in pairs(labels) if kind not in _SCRIPTS else ():
                for body in blocks.items:
                    draft = Draft(f"{kind}.{name}", body, source)
                    for key in _START_UP:
                        _add_script(module, source, body.get(key), draft, f"{draft.name}: {key}")
                    if draft.words:
                        yield draft


def _charts(module: Module) -> Iterator[Draft]:
    """Yield each Helm release: its chart comes from a repository, and its values are half of what it runs."""
    for source, kind, name, body in module.resources("helm_release"):
        draft = Draft(f"{kind}.{name}", body.get("chart") or body, source)
        for key in ("repository", "chart"):
            draft.words += words_in(module, source, body.get(key))
        what = f"what the chart of {name} runs is not in this file"
        step = "Supply the output of helm template with the same values"
        draft.opaque.append(Opaque(what, step, source.evidence(body, what)))
        yield draft


def _modules(module: Module) -> Iterator[Draft]:
    """Yield each module that a block calls; arguments are bound as ``module:<argument>``."""
    for source, name, body in module.blocks("module"):
        written = body.get("source")
        origin = as_text(module.scope.value(written)) or ""
        draft = Draft(f"module.{name}", written or body, source, module=origin)
        if written is not None and (address := address_of(origin)):
            draft.words = [Word(address, source.evidence(written, origin))]
        for key, node in body.entries:
            if key.text not in ("source", "version", "count", "for_each", "providers", "depends_on"):
                draft.env[f"module:{key.text}"] = binding(module, source, f"module:{key.text}", node)
        yield draft


def _reference(node: Node | None) -> str:
    """Return the resource that ``${coder_agent.main.id}`` names."""
    return node.text.removeprefix("${").removesuffix("}").removesuffix(".id") if node is not None else ""
