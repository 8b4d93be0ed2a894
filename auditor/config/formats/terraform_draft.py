"""A process of Terraform while it is put together, and how attributes and blocks become its bindings."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.config.bindings import Binding, Launch, Opaque, Packaging, Source, Word
from auditor.config.formats.common import bind
from auditor.config.formats.shell import hidden_by_shell
from auditor.config.formats.terraform_module import Module
from auditor.documents import UNDECIDED, as_text
from auditor.documents.tree import Node, NodeKind

DECIDED_LATER = "it is decided when Terraform runs"
UNDECIDED_IMAGE = "its image is decided when Terraform runs"


@dataclass(slots=True)
class Draft:
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
    given: list[Opaque] = field(default_factory=list)

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
            given=tuple(self.given),
        )


def bind_resource(module: Module, source: Source, body: Node, draft: Draft) -> None:
    """Bind a ``{name, value}`` body; under an undecided ``count`` it may not be there."""
    name = as_text(module.scope.value(body.get("name")))
    if name is None:
        return
    node = body.get("value")
    if module.scope.value(body.get("count")) is UNDECIDED:
        draft.env[name] = bind(source, name, node or body, None, f"whether it is set at all: {DECIDED_LATER}")
    elif node is None:
        draft.env[name] = bind(source, name, body, None, "it is filled at run time", surely=True)
    else:
        draft.env[name] = binding(module, source, name, node)


def bind_attributes(module: Module, source: Source, node: Node | None, draft: Draft) -> None:
    """Bind a map of variables; one that is an expression leaves open which there are."""
    if node is not None and node.kind is NodeKind.SCALAR:
        what = "its environment is an expression that is decided when Terraform runs"
        draft.opaque.append(Opaque(what, "Supply terraform show -json of the plan", source.evidence(node, what)))
    for key, value in node.entries if node is not None else ():
        draft.env[key.text] = binding(module, source, key.text, value)


def bind_assignments(module: Module, source: Source, node: Node | None, draft: Draft) -> None:
    """Bind a list of ``NAME=value``."""
    if node is not None and node.kind is NodeKind.SCALAR:
        bind_attributes(module, source, node, draft)
    for item in node.items if node is not None else ():
        name, equals, _ = item.text.partition("=")
        if equals:
            text = as_text(module.scope.value(item))
            value = None if text is None else text.partition("=")[2]
            draft.env[name] = bind(source, name, item, value, "" if value is not None else DECIDED_LATER, surely=True)
        elif item.redacted or item.text.startswith("${"):
            bind_attributes(module, source, item, draft)


def binding(module: Module, source: Source, name: str, node: Node) -> Binding:
    """Return one variable with the value of its attribute, as far as it is decided."""
    if node.redacted:
        return bind(source, name, node, node.text)
    value = module.scope.value(node)
    if value is None:
        return bind(source, name, node, "")
    text = as_text(value)
    return bind(source, name, node, text, "" if text is not None else DECIDED_LATER)


def image_of(module: Module, node: Node | None) -> str:
    """Return an image, empty when none is given or a run decides it."""
    if node is None:
        return ""
    return as_text(module.scope.value(node)) or ""


def words_in(module: Module, source: Source, node: Node | None) -> list[Word]:
    """Return the words of a list or of one text; what is not decided stays as it is written."""
    items = () if node is None or node.kind is NodeKind.NULL else node.items if node.kind is NodeKind.SEQUENCE else (node,)
    return [Word(text, source.evidence(i, text), i.redacted) for i in items if (text := as_text(module.scope.value(i)) or i.text)]


def blocks_of(body: Node, key: str) -> tuple[Node, ...]:
    """Return the blocks of a kind in a body, none when there are none."""
    node = body.get(key)
    return node.items if node is not None else ()


def container_of(module: Module, source: Source, owner: str, body: Node) -> Draft:
    """Return the process of a ``container`` block: pods of Kubernetes, Cloud Run, Container Apps."""
    label = as_text(module.scope.value(body.get("name"))) or "container"
    draft = Draft(f"{owner}/{label}", body.get("image") or body, source, image=image_of(module, body.get("image")))
    doubt_image(draft, body.get("image"))
    for block in blocks_of(body, "env"):
        bind_resource(module, source, block, draft)
    for block in blocks_of(body, "env_from"):
        what = "envFrom takes an object that is not followed"
        draft.opaque.append(Opaque(what, "Supply the rendered objects (kubectl get -o yaml)", source.evidence(block, what)))
    _leave_open(source, body, draft)
    draft.program = words_in(module, source, body.get("command"))
    draft.words = [*draft.program, *words_in(module, source, body.get("args"))]
    return draft


def doubt_image(draft: Draft, node: Node | None) -> None:
    """Note an image that is given and that only a run decides: names of variables alone do not make it the product's."""
    if node is not None and not draft.image:
        step = "Supply terraform show -json of the plan"
        draft.given.append(Opaque(UNDECIDED_IMAGE, step, draft.source.evidence(node, UNDECIDED_IMAGE)))


def _leave_open(source: Source, body: Node, draft: Draft) -> None:
    """Note blocks that ``dynamic`` makes: how many there are, and what they hold, a run decides."""
    dynamic = body.get("dynamic")
    for label, block in dynamic.entries if dynamic is not None else ():
        if label.text in ("env", "env_from", "environment"):
            what = f"dynamic blocks set variables ({label.text}) that are decided when Terraform runs"
            draft.opaque.append(Opaque(what, "Supply terraform show -json of the plan", source.evidence(block, what)))
