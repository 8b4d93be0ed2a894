"""What ``auditor collect`` can export, and by which request: reading only, one recipe a system.

Every request is a plain read of the product's own interface; none needs more than a viewer's rights, but for nodes and
policies of the whole cluster. Secrets objects of Kubernetes are never asked for.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One export."""

    file: str
    """Name in the bundle."""
    origin: str
    """What the manifest's ``from:`` says; products recognise their exports by it."""
    command: str
    """Words of the shell, without quotes and expansions, so that they are recorded as they are run."""
    plain: bool = False
    """Whether the output is text and not JSON; then it holds rules, no settings."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that is exported of one system."""

    id: str
    title: str
    programs: tuple[str, ...]
    """Programs that must be there."""
    variables: tuple[str, ...]
    """Environment variables that the person who runs it sets: addresses and a token of a viewer."""
    functions: tuple[str, ...]
    """Lines of shell that the steps use."""
    steps: tuple[Step, ...]


def _kubernetes(kinds: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(
        Step(f"{kind}.json", f"kubectl get {kind}", f"kubectl get {kind} --all-namespaces --output json") for kind in kinds
    )


def _request(name: str, header: str, address: str, token: str) -> tuple[str, ...]:
    """Return a function that sends the token on standard input, where no list of processes shows it."""
    return (
        f"{name}() {{",
        f'  printf \'header = "{header}%s"\\n\' "${token}" | curl --fail --silent --show-error --config - "${address}$1"',
        "}",
    )


RECIPES = (
    Recipe(
        "calico",
        "Calico network policies",
        ("kubectl", "jq"),
        (),
        (),
        _kubernetes(
            (
                "networkpolicies.crd.projectcalico.org",
                "globalnetworkpolicies.crd.projectcalico.org",
                "globalnetworksets.crd.projectcalico.org",
                "networksets.crd.projectcalico.org",
                "tiers.crd.projectcalico.org",
            )
        ),
    ),
    Recipe(
        "cilium",
        "Cilium network policies and the agent's configuration",
        ("kubectl", "jq"),
        (),
        (),
        (
            *_kubernetes(("ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io")),
            Step(
                "cilium-config.json",
                "kubectl get configmap cilium-config",
                "kubectl get configmap cilium-config --namespace kube-system --output json",
            ),
        ),
    ),
    Recipe(
        "coder",
        "Coder: deployment settings, providers of models, templates",
        ("curl", "jq"),
        ("CODER_URL", "CODER_SESSION_TOKEN"),
        _request("coder_get", "Coder-Session-Token: ", "CODER_URL", "CODER_SESSION_TOKEN"),
        (
            Step("coder-deployment.json", "GET /api/v2/deployment/config", "coder_get /api/v2/deployment/config"),
            Step("coder-ai-providers.json", "GET /api/v2/ai/providers", "coder_get /api/v2/ai/providers"),
            Step("coder-templates.json", "GET /api/v2/templates", "coder_get /api/v2/templates"),
        ),
    ),
    Recipe(
        "compose",
        "the compose project in the current folder, as docker joins it",
        ("docker", "jq"),
        (),
        (),
        (Step("compose.json", "docker compose config", "docker compose config --format json"),),
    ),
    Recipe(
        "kubernetes",
        "workloads, settings, names and network policies of a cluster",
        ("kubectl", "jq"),
        (),
        (),
        _kubernetes(
            (
                "namespaces",
                "nodes",
                "pods",
                "deployments.apps",
                "statefulsets.apps",
                "daemonsets.apps",
                "jobs.batch",
                "cronjobs.batch",
                "configmaps",
                "services",
                "networkpolicies.networking.k8s.io",
            )
        ),
    ),
    Recipe(
        "linux",
        "packet filter rules of this machine",
        ("nft",),
        (),
        (),
        (Step("nftables.nft", "nft list ruleset", "nft list ruleset", plain=True),),
    ),
    Recipe(
        "litellm",
        "LiteLLM: models that the running proxy serves, with those in its database",
        ("curl", "jq"),
        ("LITELLM_URL", "LITELLM_KEY"),
        _request("litellm_get", "Authorization: Bearer ", "LITELLM_URL", "LITELLM_KEY"),
        (Step("litellm-models.json", "GET /model/info", "litellm_get /model/info"),),
    ),
)
"""By id."""
