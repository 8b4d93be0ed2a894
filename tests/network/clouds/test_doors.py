"""H8: endpoints inside a cloud's network lead to services outside, past routes and gateways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.network.clouds import test_aws, test_azure, test_gcp_routes
from tests.network.clouds.test_aws import HTTPS, OUT

Values = dict[str, Any]
BEDROCK: Values = {
    "vpc_endpoint_type": "Interface",
    "service_name": "com.amazonaws.eu-central-1.bedrock-runtime",
    "vpc_id": "vpc-1",
}


def test_an_interface_endpoint_is_a_way_out_where_rules_let_it_be_reached() -> None:
    found = test_aws.agent(OUT, routes=(), more=(("aws_vpc_endpoint.b", BEDROCK),))
    assert [d.text for d in found.doors] == [
        "aws_vpc_endpoint.b, an endpoint inside the network that leads to com.amazonaws.eu-central-1.bedrock-runtime"
    ]
    assert test_aws.agent(HTTPS, routes=(), more=(("aws_vpc_endpoint.b", BEDROCK),)).doors == ()


@pytest.mark.parametrize("said", [{"vpc_endpoint_type": "Gateway"}, {"vpc_id": "vpc-9", "other": True}])
def test_gateways_have_routes_and_endpoints_of_other_networks_are_not_reached(said: Values) -> None:
    more: list[tuple[str, Values]] = [("aws_vpc_endpoint.b", {**BEDROCK, **said})]
    more += [("aws_vpc.other", {"id": "vpc-9", "cidr_block": "10.9.0.0/16"})] if "other" in said else []
    assert test_aws.agent(OUT, routes=(), more=tuple(more)).doors == ()


def test_private_endpoints_of_azure_and_private_service_connect() -> None:
    blob = {"private_service_connection": [{"private_connection_resource_id": "/subscriptions/s/storageAccounts/a"}]}
    (door,) = test_azure.agent(("azurerm_private_endpoint.p", blob)).doors
    assert "/subscriptions/s/storageAccounts/a" in door.text
    (apis,) = test_gcp_routes.agent(("google_compute_global_forwarding_rule.r", {"target": "all-apis"})).doors
    assert apis.text.endswith("leads to all-apis")
    assert test_gcp_routes.agent(("google_compute_forwarding_rule.r", {"backend_service": "b"})).doors == ()
