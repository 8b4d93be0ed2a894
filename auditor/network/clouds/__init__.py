"""Firewalls and routes of clouds, as plans and states of Terraform show them."""

from __future__ import annotations

from auditor.network.clouds.aws import read_aws

__all__ = ["read_aws"]
