"""Containers of AWS: CloudFormation templates, and task definitions of ECS as JSON (``register-task-definition``).

Sources: AWS, "AWS::ECS::TaskDefinition", "AWS::AppRunner::Service", "AWS::Lambda::Function"; ECS, "Task definition
parameters" (read 2026-11-27). The same keys begin with a capital in templates and with a small letter in the JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source, Word
from auditor.config.formats.cloud_values import TemplateValues
from auditor.config.formats.common import bind
from auditor.config.formats.script import Commands, read_commands
from auditor.config.formats.shell import hidden_by_shell
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.manifest import NotExamined

LATER = "it is decided when the stack is made"
_STEP = "Supply the task definition as it runs (aws ecs describe-task-definition)"
_READ = ("AWS::ECS::TaskDefinition", "AWS::AppRunner::Service")
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_MACHINES = ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration")
_NO_PROCESS = (
    "AWS::ApplicationAutoScaling::", "AWS::AutoScaling::", "AWS::CertificateManager::", "AWS::CloudWatch::", "AWS::EC2::",
    "AWS::ECR::", "AWS::ECS::Cluster", "AWS::ECS::Service", "AWS::EFS::", "AWS::ElasticLoadBalancing", "AWS::IAM::", "AWS::KMS::",
    "AWS::Lambda::Permission", "AWS::Logs::", "AWS::Route53", "AWS::S3::BucketPolicy", "AWS::SecretsManager::",
    "AWS::SSM::Parameter", "AWS::ServiceDiscovery::", "AWS::WAFv2::",
)  # fmt: skip
"""Types that start no process that is not read, and set nothing for one."""


def read_tasks(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the containers, functions and services of a template or a task definition."""
    del library
    root = source.document.root
    values = TemplateValues.of(root)
    if root.get("Resources") is None:
        task = root.get("taskDefinition") or root
        return tuple(_containers(source, values, "task", task))
    found: list[Launch] = []
    for name, kind, body in _resources(root):
        if kind == "AWS::ECS::TaskDefinition":
            found += _containers(source, values, name, body)
        elif kind == "AWS::AppRunner::Service":
            found += _app_runner(source, values, name, body)
        elif kind in _FUNCTIONS:
            env = _mapped(source, values, body.at("Environment", "Variables"))
            found.append(_launch(source, values, name, (body.at("Code", "ImageUri") or body.get("ImageUri"), body), env))
    return tuple(found)


def read_start_up(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return what the machines of a template start by their user data, as far as it is a script."""
    root = source.document.root
    values = TemplateValues.of(root)
    found: list[Launch] = []
    for name, kind, body in _resources(root) if root.get("Resources") is not None else ():
        data = body.get("UserData") or body.at("LaunchTemplateData", "UserData")
        text = values.written(data) if kind in _MACHINES else None
        if text is not None:
            found += read_commands(Commands(source, library, at=data, what=f"the user data of {name}"), text)
    return tuple(found)


def unmodelled_in_templates(library: Library) -> Iterator[NotExamined]:
    """Yield one entry a template that makes what nobody reads."""
    for source in library.sources:
        kinds = {kind for _, kind, _ in _resources(source.document.root)} if _is_template(source) else set()
        left = sorted(k for k in kinds if not (k.startswith(_NO_PROCESS) or k in (*_FUNCTIONS, *_READ)))
        if left:
            yield NotExamined(source.document.path, f"what runs in {', '.join(left)} is not modelled", named=False)


def _is_template(source: Source) -> bool:
    return source.document.kind is DocumentKind.CLOUD and source.document.root.get("Resources") is not None


def _resources(root: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield (name, type, properties) of each resource."""
    listed = root.get("Resources")
    for name, body in listed.entries if listed is not None else ():
        kind, properties = body.get("Type"), body.get("Properties")
        if kind is not None:
            yield name.text, kind.text, properties if properties is not None else body


def _containers(source: Source, values: TemplateValues, owner: str, body: Node) -> Iterator[Launch]:
    listed = _get(body, "containerDefinitions")
    for item in listed.items if listed is not None else ():
        label = values.written(_get(item, "name")) or "container"
        env = _named(source, values, _get(item, "environment"))
        secrets = _get(item, "secrets")
        for each in secrets.items if secrets is not None else ():
            name = values.text(_get(each, "name"))
            if name:
                env[name] = bind(source, name, each, None, "a secret of the cloud holds it", surely=True)
        program = _words(source, values, _get(item, "entryPoint"))
        words = (*program, *_words(source, values, _get(item, "command")))
        image = (_get(item, "image"), item)
        yield _launch(source, values, f"{owner}/{label}", image, env, program, words, _beside(source, values, item))


def _beside(source: Source, values: TemplateValues, container: Node) -> tuple[Opaque, ...]:
    """Return what a container takes from or gives to places that the inputs do not show."""
    found: list[Opaque] = []
    files, driver = _get(container, "environmentFiles"), _get(_get(container, "logConfiguration"), "logDriver")
    if files is not None and files.items:
        what = "environmentFiles takes variables from a file in S3, which is not in the inputs"
        found.append(Opaque(what, "Supply the file", source.evidence(files, what)))
    if driver is not None:
        name = values.written(driver) or "(not decided)"
        what = f"its log goes to the driver {name}: who gets it, and what stands in it, is open"
        found.append(Opaque(what, "Take logConfiguration away", source.evidence(driver, what)))
    return tuple(found)


def _app_runner(source: Source, values: TemplateValues, name: str, body: Node) -> Iterator[Launch]:
    image = body.at("SourceConfiguration", "ImageRepository")
    if image is None:
        return
    settings = image.get("ImageConfiguration")
    env = _named(source, values, _get(settings, "runtimeEnvironmentVariables"))
    words = _words(source, values, _get(settings, "startCommand"))
    yield _launch(source, values, name, (image.get("ImageIdentifier"), image), env, words, words)


def _launch(
    source: Source,
    values: TemplateValues,
    name: str,
    image: tuple[Node | None, Node],
    env: dict[str, Binding],
    program: tuple[Word, ...] = (),
    words: tuple[Word, ...] = (),
    given: tuple[Opaque, ...] = (),
) -> Launch:
    node, at = image
    evidence = source.evidence(node or at, f"container {name}")
    written = values.written(node) or ""
    if node is None or written.startswith("${"):
        written = ""
        given = (*given, Opaque(f"its image is not in the inputs: {LATER}", _STEP, evidence))
    return Launch(
        source=source,
        name=name,
        packaging=Packaging.CLOUD,
        image=written,
        words=words,
        env=env,
        opaque=(),
        complete=True,
        evidence=evidence,
        program=program,
        hidden=hidden_by_shell(words, f"the container {name}"),
        given=given,
    )


def _named(source: Source, values: TemplateValues, listed: Node | None) -> dict[str, Binding]:
    """Return the variables of a list of ``{name, value}``."""
    found: dict[str, Binding] = {}
    for item in listed.items if listed is not None else ():
        name = values.text(_get(item, "name"))
        if name:
            found[name] = _bound(source, values, name, _get(item, "value") or item)
    return found


def _mapped(source: Source, values: TemplateValues, node: Node | None) -> dict[str, Binding]:
    return {k.text: _bound(source, values, k.text, v) for k, v in (node.entries if node is not None else ())}


def _bound(source: Source, values: TemplateValues, name: str, node: Node) -> Binding:
    if any(part.redacted for _, part in node.walk()):
        return replace(bind(source, name, node, values.written(node) or ""), redacted=True)
    text = values.text(node)
    return bind(source, name, node, text, "" if text is not None else LATER)


def _words(source: Source, values: TemplateValues, node: Node | None) -> tuple[Word, ...]:
    items = () if node is None else node.items if node.kind is NodeKind.SEQUENCE else (node,)
    return tuple(Word(text, source.evidence(i, text), i.redacted) for i in items if (text := values.written(i) or f"({LATER})"))


def _get(node: Node | None, key: str) -> Node | None:
    """Return what stands under a key of the JSON, or under the same key of templates, which begins with a capital."""
    if node is None:
        return None
    found = node.get(key)
    return found if found is not None else node.get(key[0].upper() + key[1:])
