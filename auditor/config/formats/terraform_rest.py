"""Terraform resources that the reader of processes does not model: named, since anything could run in them."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.bindings import Library
from auditor.config.formats.terraform_clouds import PODS, TASKS_AND_APPS
from auditor.config.formats.terraform_plan import plan_module
from auditor.documents.tree import DocumentKind
from auditor.facts.manifest import NotExamined

_READ = ("coder_agent", "coder_app", "coder_env", "coder_script", "docker_container", "docker_service", "helm_release")
_NO_PROCESS = (
    "aws_cloudwatch_log_group",
    "aws_ecr_repository",
    "aws_ecs_cluster",
    "aws_ecs_service",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_version",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
    "azurerm_ai_services",
    "azurerm_cognitive_account",
    "azurerm_cognitive_deployment",
    "azurerm_container_app_environment",
    "azurerm_log_analytics_workspace",
    "azurerm_resource_group",
    "azurerm_role_assignment",
    "azurerm_user_assigned_identity",
    "coder_ai_task",
    "coder_devcontainer",
    "coder_metadata",
    "coder_parameter",
    "docker_image",
    "docker_network",
    "docker_volume",
    "google_project_service",
    "google_secret_manager_secret",
    "google_secret_manager_secret_version",
    "google_service_account",
    "kubernetes_config_map",
    "kubernetes_namespace",
    "kubernetes_persistent_volume",
    "kubernetes_persistent_volume_claim",
    "kubernetes_role",
    "kubernetes_role_binding",
    "kubernetes_secret",
    "kubernetes_service",
    "kubernetes_service_account",
    "snowflake_account_parameter",
    "snowflake_current_account",
)
_HELPERS = ("random_", "time_", "tls_")
"""Providers that only make values."""


def unmodelled_resources(library: Library) -> Iterator[NotExamined]:
    """Yield one entry a file that defines resources whose processes nobody reads."""
    for source in library.sources:
        if source.document.kind not in (DocumentKind.TERRAFORM, DocumentKind.TERRAFORM_PLAN):
            continue
        plan = source.document.kind is DocumentKind.TERRAFORM_PLAN
        resources = (library.once(plan_module, source).files[0] if plan else source).document.root.get("resource")
        kinds = sorted(k.text for k, _ in resources.entries if not _is_known(k.text)) if resources is not None else []
        if kinds:
            reason = f"what runs in {', '.join(kinds)} is not modelled"
            yield NotExamined(source.document.path, reason, named=False)


def _is_known(kind: str) -> bool:
    plain = kind.removesuffix("_v1")
    return plain in (*_READ, *PODS, *TASKS_AND_APPS, *_NO_PROCESS) or kind.startswith(_HELPERS)
