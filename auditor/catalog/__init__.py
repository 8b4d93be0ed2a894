"""What is known of products, endpoints and operators: YAML data, its schemas, and the loader (docs/catalog.md)."""

from __future__ import annotations

from auditor.catalog.catalog import Catalog, load_catalog
from auditor.catalog.endpoints import EndpointEntry
from auditor.catalog.product import Product

__all__ = ["Catalog", "EndpointEntry", "Product", "load_catalog"]
