"""The deployment graph: components as nodes, rows as edges (docs/design.md section 3)."""

from auditor.graph.deployment import DeploymentGraph, build_graph

__all__ = ["DeploymentGraph", "build_graph"]
