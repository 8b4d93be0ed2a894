"""Firewalls and routes of clouds, as plans and states of Terraform show them."""

from __future__ import annotations

from auditor.network.clouds.aws import read_aws
from auditor.network.clouds.azure import read_azure
from auditor.network.clouds.gcp import read_gcp

__all__ = ["read_aws", "read_azure", "read_gcp"]
