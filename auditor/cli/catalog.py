"""``auditor catalog``: what is known of products and hosts, and the check of a file of the user's own."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH
from auditor.report.escape import clean

_OVERLAY = click.option("--catalog", "overlay", type=PATH, metavar="FOLDER", help="Lay this folder over the shipped catalog.")


@click.group("catalog")
def command() -> None:
    """Tell what the catalog knows, and check a file of your own."""


@command.command("list")
@_OVERLAY
def list_products(overlay: Path | None) -> int:
    """List the products, with the newest version that the facts speak of.

    \b
    Example:
      auditor catalog list
    """
    from auditor.catalog import load_catalog

    catalog = load_catalog(overlay)
    width = max(map(len, catalog.products()))
    for name in catalog.products():
        product = catalog.product(name)
        click.echo(clean(f"{product.id:{width}} {product.newest_version or '-':12} {product.title}"))
    return 0


@command.command("show")
@click.argument("product")
@_OVERLAY
def show_product(product: str, overlay: Path | None) -> int:
    """Show flows, settings and open questions of PRODUCT, each with grade and date of its source.

    \b
    Example:
      auditor catalog show claude-code
    """
    from auditor.catalog import load_catalog
    from auditor.report.catalog_terminal import render_product

    click.echo(render_product(load_catalog(overlay).product(product)), nl=False)
    return 0


@command.command("host")
@click.argument("hostname")
@_OVERLAY
def show_host(hostname: str, overlay: Path | None) -> int:
    """Tell whose host HOSTNAME is, and where it processes and stores.

    A host that nothing covers is unknown, which is an answer. Nothing is looked up in the network.

    \b
    Example:
      auditor catalog host bedrock-runtime.eu-central-1.amazonaws.com
    """
    from auditor.catalog import load_catalog
    from auditor.report.catalog_terminal import render_host

    catalog = load_catalog(overlay)
    entry = catalog.endpoint_for_host(hostname)
    click.echo(render_host(hostname, entry, catalog.operator(entry.operator) if entry is not None else None), nl=False)
    return 0


@command.command("check")
@click.argument("file", type=PATH)
def check_own(file: Path) -> int:
    """Check FILE, a product, endpoint, operator or region file of your own.

    \b
    Example:
      auditor catalog check my-catalog/products/heron.yaml
    """
    from auditor.catalog.checking import check_file

    click.echo(clean(f"{file.name}: sound; put it at {check_file(file)} of the folder that --catalog names"))
    return 0
