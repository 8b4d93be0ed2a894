"""Processes that Terraform makes: Coder templates and their modules, containers, pods, charts (HCL, not yet applied).

What a run decides stays unknown. A pod, container or workspace of a template is made at run time, once for each user.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source, Word
from auditor.config.formats.common import bind
from auditor.config.formats.shell import hidden_by_shell
from auditor.config.formats.terraform_module import Module, module_of, pairs
from auditor.config.formats.terraform_scope import address_of
from auditor.documents import UNDECIDED, as_text
from auditor.documents.tree import Node, NodeKind

_PODS = ("kubernetes_pod", "kubernetes_deployment", "kubernetes_stateful_set", "kubernetes_job", "kubernetes_daemonset")
_CONTAINERS = ("container", "init_container")
_START_UP = ("user_data", "user_data_base64", "metadata_startup_script", "custom_data", "startup_script")
"""Attributes of machines whose text a machine runs when it starts (cloud-init and the like)."""
_DECIDED_LATER = "it is decided when Terraform runs"
_SCRIPTS = {"coder_agent": ("startup_script", "shutdown_script"), "coder_script": ("script",)}


@dataclass(slots=True)
class _Draft:
    """A process while it is put together."""

    name: str
    evidence: Node
    source: Source
    image: str = ""
    words: list[Word] = field(default_factory=list)
    program: list[Word] = field(default_factory=list)
    env: dict[str, Binding] = field(default_factory=dict)
    opaque: list[Opaque] = field(default_factory=list)
    module: str = ""

    def launch(self) -> Launch:
        """Return the process."""
        return Launch(
            source=self.source,
            name=self.name,
            packaging=Packaging.TERRAFORM,
            image=self.image,
            words=tuple(self.words),
            env=self.env,
            opaque=tuple(self.opaque),
            complete=not self.module,
            evidence=self.source.evidence(self.evidence, self.name),
            module=self.module,
            program=tuple(self.program),
            hidden=hidden_by_shell(self.words, self.name),
        )


def read_terraform(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the processes of the module folder that ``source`` is the first file of, in order of its files."""
    module = library.once(module_of, source)
    return processes_of(module) if module is not None else ()


def processes_of(module: Module) -> tuple[Launch, ...]:
    """Return what the resources and calls of a module start."""
    drafts = [*_agents(module), *_containers(module), *_pods(module), *_machines(module)]
    drafts += [*_charts(module), *_modules(module)]
    return tuple(draft.launch() for draft in drafts)


def _agents(module: Module) -> Iterator[_Draft]:
    """Yield the workspace of each ``coder_agent``; a module without one sets environment and scripts for its caller's."""
    agents = [_agent(module, source, name, body) for source, _, name, body in module.resources("coder_agent")]
    loose = None
    if not agents and "agent_id" in module.scope.variables:  # a module of Coder's registry acts on its caller's workspace
        loose = _caller(module, module.scope.variables["agent_id"], module.files[0])
    for source, kind, name, body in module.resources("coder_env", "coder_script"):
        reference = _reference(body.get("agent_id"))
        owner = next((a for a in agents if reference == a.name), None)
        if owner is None:
            loose = loose or _caller(module, body, source)
            owner = loose
        if kind == "coder_env":
            _bind_resource(module, source, body, owner)
        else:
            _add_scripts(module, source, f"{kind}.{name}", body, owner)
    yield from agents
    if loose is not None:
        yield loose


def _caller(module: Module, body: Node, source: Source) -> _Draft:
    """Return the workspace of whoever calls this module, its variables bound as the arguments of a call without any."""
    draft = _Draft("workspace", body, source)
    for name, variable in module.scope.variables.items():
        default = variable.get("default")
        if default is None:
            draft.env[f"module:{name}"] = bind(source, f"module:{name}", variable, None, "whoever calls the module gives it")
        else:
            draft.env[f"module:{name}"] = _binding(module, source, f"module:{name}", default)
    return draft


def _agent(module: Module, source: Source, name: str, body: Node) -> _Draft:
    draft = _Draft(f"coder_agent.{name}", body, source)
    _bind_mapping(module, source, body.get("env"), draft)
    _add_scripts(module, source, draft.name, body, draft)
    return draft


def _add_scripts(module: Module, source: Source, name: str, body: Node, draft: _Draft) -> None:
    """Add what a workspace runs by itself, as the shell line that it is."""
    for key in _SCRIPTS[name.partition(".")[0]]:
        _add_script(module, source, body.get(key), draft, f"{name}: {key}")


def _add_script(module: Module, source: Source, node: Node | None, draft: _Draft, what: str) -> None:
    if node is None or node.kind is not NodeKind.SCALAR:
        return
    text = as_text(module.scope.value(node)) or node.text
    if not _does_nothing(text):
        evidence = source.evidence(node, what)
        draft.words += [Word("sh", evidence), Word("-c", evidence), Word(text, evidence, node.redacted)]


def _does_nothing(script: str) -> bool:
    lines = (line.strip() for line in script.splitlines())
    return all(not line or line.startswith("#") or line.split()[0] in ("set", "echo", "exit") for line in lines)


def _containers(module: Module) -> Iterator[_Draft]:
    for source, kind, name, body in module.resources("docker_container", "docker_service"):
        draft = _Draft(f"{kind}.{name}", body.get("image") or body, source, image=_image(module, body.get("image")))
        _bind_list(module, source, body.get("env"), draft)
        draft.program = _words(module, source, body.get("entrypoint"))
        draft.words = [*draft.program, *_words(module, source, body.get("command"))]
        yield draft


def _pods(module: Module) -> Iterator[_Draft]:
    for source, kind, name, body in module.resources(*_PODS):
        for _, node in body.walk():
            for key in _CONTAINERS if node.kind is NodeKind.MAPPING else ():
                blocks = node.get(key)
                for block in blocks.items if blocks is not None else ():
                    yield _container(module, source, f"{kind}.{name}", block)


def _container(module: Module, source: Source, owner: str, body: Node) -> _Draft:
    label = as_text(module.scope.value(body.get("name"))) or "container"
    draft = _Draft(f"{owner}/{label}", body.get("image") or body, source, image=_image(module, body.get("image")))
    for block in _blocks(body, "env"):
        _bind_resource(module, source, block, draft)
    for block in _blocks(body, "env_from"):
        what = "envFrom takes an object that is not followed"
        draft.opaque.append(Opaque(what, "Supply the rendered objects (kubectl get -o yaml)", source.evidence(block, what)))
    draft.program = _words(module, source, body.get("command"))
    draft.words = [*draft.program, *_words(module, source, body.get("args"))]
    return draft


def _machines(module: Module) -> Iterator[_Draft]:
    """Yield each machine that is given a script to run when it starts."""
    for source in module.files:
        for kind, labels in pairs(source.document.root.get("resource")):
            for name, blocks in pairs(labels) if kind not in _SCRIPTS else ():
                for body in blocks.items:
                    draft = _Draft(f"{kind}.{name}", body, source)
                    for key in _START_UP:
                        _add_script(module, source, body.get(key), draft, f"{draft.name}: {key}")
                    if draft.words:
                        yield draft


def _charts(module: Module) -> Iterator[_Draft]:
    """Yield each Helm release: its chart comes from a repository, and its values are half of what it runs."""
    for source, kind, name, body in module.resources("helm_release"):
        draft = _Draft(f"{kind}.{name}", body.get("chart") or body, source)
        for key in ("repository", "chart"):
            draft.words += _words(module, source, body.get(key))
        what = f"what the chart of {name} runs is not in this file"
        step = "Supply the output of helm template with the same values"
        draft.opaque.append(Opaque(what, step, source.evidence(body, what)))
        yield draft


def _modules(module: Module) -> Iterator[_Draft]:
    """Yield each module that a block calls; arguments are bound as ``module:<argument>``."""
    for source, name, body in module.blocks("module"):
        written = body.get("source")
        origin = as_text(module.scope.value(written)) or ""
        draft = _Draft(f"module.{name}", written or body, source, module=origin)
        if written is not None and (address := address_of(origin)):
            draft.words = [Word(address, source.evidence(written, origin))]
        for key, node in body.entries:
            if key.text not in ("source", "version", "count", "for_each", "providers", "depends_on"):
                draft.env[f"module:{key.text}"] = _binding(module, source, f"module:{key.text}", node)
        yield draft


def _bind_resource(module: Module, source: Source, body: Node, draft: _Draft) -> None:
    """Bind a ``{name, value}`` body; under an undecided ``count`` it may not be there."""
    name = as_text(module.scope.value(body.get("name")))
    if name is None:
        return
    node = body.get("value")
    if module.scope.value(body.get("count")) is UNDECIDED:
        draft.env[name] = bind(source, name, node or body, None, f"whether it is set at all: {_DECIDED_LATER}")
    elif node is None:
        draft.env[name] = bind(source, name, body, None, "Kubernetes fills it at run time", surely=True)
    else:
        draft.env[name] = _binding(module, source, name, node)


def _bind_mapping(module: Module, source: Source, node: Node | None, draft: _Draft) -> None:
    if node is not None and node.kind is NodeKind.SCALAR:
        what = "its environment is an expression that is decided when Terraform runs"
        draft.opaque.append(Opaque(what, "Supply terraform show -json of the plan", source.evidence(node, what)))
    for key, value in node.entries if node is not None else ():
        draft.env[key.text] = _binding(module, source, key.text, value)


def _bind_list(module: Module, source: Source, node: Node | None, draft: _Draft) -> None:
    """Bind a list of ``NAME=value``."""
    if node is not None and node.kind is NodeKind.SCALAR:
        _bind_mapping(module, source, node, draft)
    for item in node.items if node is not None else ():
        name, equals, _ = item.text.partition("=")
        if equals:
            text = as_text(module.scope.value(item))
            value = None if text is None else text.partition("=")[2]
            draft.env[name] = bind(source, name, item, value, "" if value is not None else _DECIDED_LATER, surely=True)
        elif item.redacted or item.text.startswith("${"):
            _bind_mapping(module, source, item, draft)


def _binding(module: Module, source: Source, name: str, node: Node) -> Binding:
    if node.redacted:
        return bind(source, name, node, node.text)
    value = module.scope.value(node)
    if value is None:
        return bind(source, name, node, "")
    text = as_text(value)
    return bind(source, name, node, text, "" if text is not None else _DECIDED_LATER)


def _image(module: Module, node: Node | None) -> str:
    if node is None:
        return ""
    return as_text(module.scope.value(node)) or ""


def _words(module: Module, source: Source, node: Node | None) -> list[Word]:
    items = () if node is None or node.kind is NodeKind.NULL else node.items if node.kind is NodeKind.SEQUENCE else (node,)
    return [Word(text, source.evidence(i, text), i.redacted) for i in items if (text := as_text(module.scope.value(i)) or i.text)]


def _reference(node: Node | None) -> str:
    """Return the resource that ``${coder_agent.main.id}`` names."""
    return node.text.removeprefix("${").removesuffix("}").removesuffix(".id") if node is not None else ""


def _blocks(body: Node, key: str) -> tuple[Node, ...]:
    node = body.get(key)
    return node.items if node is not None else ()
