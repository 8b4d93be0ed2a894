"""Containers that clouds run by Terraform: tasks of ECS, container groups of Azure, App Runner.

Cloud Run and Container Apps keep ``container`` blocks in the form of pods, and are read with those (``PODS``). Attributes
as the providers document them: hashicorp/aws ``aws_ecs_task_definition`` and ``aws_apprunner_service``, hashicorp/azurerm
``azurerm_container_group`` and ``azurerm_container_app``, hashicorp/google ``google_cloud_run_v2_service`` (read 2026-11-27).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from auditor.config.bindings import Binding, Opaque, Source, Word
from auditor.config.formats.common import bind
from auditor.config.formats.terraform_draft import (
    DECIDED_LATER,
    UNDECIDED_IMAGE,
    Draft,
    bind_attributes,
    blocks_of,
    doubt_image,
    image_of,
    words_in,
)
from auditor.config.formats.terraform_module import Module
from auditor.documents import Value, as_text, evaluate
from auditor.documents.tree import Node

PODS = (
    "kubernetes_pod", "kubernetes_deployment", "kubernetes_stateful_set", "kubernetes_job", "kubernetes_cron_job",
    "kubernetes_daemonset", "google_cloud_run_service", "google_cloud_run_v2_service", "google_cloud_run_v2_job",
    "azurerm_container_app", "azurerm_container_app_job",
)  # fmt: skip
"""Resources whose containers are blocks of the form of a pod's."""
TASKS_AND_APPS = ("aws_ecs_task_definition", "azurerm_container_group", "aws_apprunner_service")
_PLAN = "Supply terraform show -json of the plan"
_ENCODED = ("${jsonencode(", ")}")


def tasks_and_apps(module: Module) -> Iterator[Draft]:
    """Yield each container of the resources that keep containers in a form of their own."""
    for source, _, name, body in module.resources("aws_ecs_task_definition"):
        yield from _tasks(module, source, f"aws_ecs_task_definition.{name}", body)
    for source, _, name, body in module.resources("azurerm_container_group"):
        for key in ("container", "init_container"):
            for block in blocks_of(body, key):
                yield _of_group(module, source, f"azurerm_container_group.{name}", block)
    for source, _, name, body in module.resources("aws_apprunner_service"):
        for block in blocks_of(body, "source_configuration"):
            for image in blocks_of(block, "image_repository"):
                yield _of_app_runner(module, source, f"aws_apprunner_service.{name}", image)


def _tasks(module: Module, source: Source, owner: str, body: Node) -> Iterator[Draft]:
    """Yield the containers of a task definition: a list that is encoded as JSON in one attribute."""
    node = body.get("container_definitions")
    if node is None:
        return
    containers = _decoded(module, node)
    if not isinstance(containers, list):
        draft = Draft(owner, node, source)
        what = f"its containers are an expression of which {DECIDED_LATER}"
        draft.opaque.append(Opaque(what, _PLAN, source.evidence(node, what)))
        yield draft
        return
    for container in containers:
        yield _task(source, owner, node, container if isinstance(container, dict) else None)


def _decoded(module: Module, node: Node) -> Value:
    """Return the list that is encoded: of an expression as far as it is decided, of a plan whole."""
    head, tail = _ENCODED
    if node.text.startswith(head) and node.text.endswith(tail):
        return evaluate("${" + node.text[len(head) : -len(tail)] + "}", module.scope.lookup)
    text = as_text(module.scope.value(node))
    try:
        return None if text is None else _texts(json.loads(text))
    except (ValueError, RecursionError):  # a text that is no JSON, or hostile depth: the provider would refuse it
        return None


def _texts(value: object) -> Value:
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _texts(item) for key, item in value.items()}
    return value if value is None or isinstance(value, bool) else str(value)


def _task(source: Source, owner: str, node: Node, given: dict[str, Value] | None) -> Draft:
    container = given or {}
    name = as_text(container.get("name")) or "container"
    draft = Draft(f"{owner}/{name}", node, source, image=as_text(container.get("image")) or "")
    if not draft.image:
        draft.given.append(Opaque(UNDECIDED_IMAGE, _PLAN, source.evidence(node, UNDECIDED_IMAGE)))
    draft.env.update(_variables(source, node, container.get("environment"), "value", draft))
    draft.env.update(_variables(source, node, container.get("secrets"), "", draft))
    if container.get("environmentFiles") not in (None, []):
        what = "environmentFiles takes variables from a file in S3, which is not in the inputs"
        draft.opaque.append(Opaque(what, "Supply the file", source.evidence(node, what)))
    draft.program = _listed(source, node, container.get("entryPoint"))
    draft.words = [*draft.program, *_listed(source, node, container.get("command"))]
    log = container.get("logConfiguration")
    driver = as_text(log.get("logDriver")) if isinstance(log, dict) else ""
    if driver != "":
        what = f"its log goes to the driver {driver or '(not decided)'}: who gets it, and what stands in it, is open"
        step = "Take logConfiguration away"
        draft.given.append(Opaque(what, step, source.evidence(node, what)))
    return draft


def _variables(source: Source, node: Node, listed: Value, field: str, draft: Draft) -> dict[str, Binding]:
    """Return the bindings of a list of ``{name, value}``; without ``field`` the values are secrets."""
    found: dict[str, Binding] = {}
    if listed is None:
        return found
    for item in listed if isinstance(listed, list) else [None]:
        name = as_text(item.get("name")) if isinstance(item, dict) else None
        if name is None or not isinstance(item, dict):
            what = f"some of its variables are an expression: {DECIDED_LATER}"
            draft.opaque.append(Opaque(what, _PLAN, source.evidence(node, what)))
        elif field:
            value = as_text(item.get(field))
            found[name] = bind(source, name, node, value, "" if value is not None else DECIDED_LATER)
        else:
            found[name] = bind(source, name, node, None, "a secret of the cloud holds it", surely=True)
    return found


def _listed(source: Source, node: Node, value: Value) -> list[Word]:
    items = value if isinstance(value, list) else []
    return [Word(text, source.evidence(node, text)) for item in items if (text := as_text(item) or f"({DECIDED_LATER})")]


def _of_group(module: Module, source: Source, owner: str, body: Node) -> Draft:
    label = as_text(module.scope.value(body.get("name"))) or "container"
    draft = Draft(f"{owner}/{label}", body.get("image") or body, source, image=image_of(module, body.get("image")))
    doubt_image(draft, body.get("image"))
    for key in ("environment_variables", "secure_environment_variables"):
        bind_attributes(module, source, body.get(key), draft)
    draft.program = words_in(module, source, body.get("commands"))
    draft.words = list(draft.program)
    return draft


def _of_app_runner(module: Module, source: Source, owner: str, body: Node) -> Draft:
    node = body.get("image_identifier")
    draft = Draft(owner, node or body, source, image=image_of(module, node))
    doubt_image(draft, node)
    for settings in blocks_of(body, "image_configuration"):
        bind_attributes(module, source, settings.get("runtime_environment_variables"), draft)
        secrets = settings.get("runtime_environment_secrets")
        for key, _ in secrets.entries if secrets is not None else ():
            draft.env[key.text] = bind(source, key.text, key, None, "a secret of the cloud holds it", surely=True)
        draft.words = words_in(module, source, settings.get("start_command"))
        draft.program = list(draft.words)
    return draft
