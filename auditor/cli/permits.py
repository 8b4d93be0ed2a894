"""``auditor permits``: what the network lets a workload reach, and by whose permission."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH


@click.command("permits")
@click.argument("names", nargs=-1, metavar="[WORKLOAD [DESTINATION] PATH...]", type=PATH)
@click.option("--port", type=click.IntRange(1, 65535), help="Ask for this destination port; default: every port.")
@click.option(
    "--transport",
    type=click.Choice(["tcp", "udp", "sctp", "icmp"]),
    help="Ask for this protocol; default: all protocols, with --port tcp.",
)
@click.option(
    "--platform",
    "platform",
    multiple=True,
    metavar="KEY=VALUE",
    help="Assume this of the platform, as the manifest's platform: would say it (cni=cilium); repeatable.",
)
@click.option(
    "--diff",
    "sides",
    nargs=2,
    type=PATH,
    metavar="OLD NEW",
    help="Tell what became reachable between two folders or files, and what no longer is; a WORKLOAD narrows it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: permits/v1, with --diff permits_difference/v1.")
def command(
    names: tuple[Path, ...],
    port: int | None,
    transport: str | None,
    platform: tuple[str, ...],
    sides: tuple[Path, Path] | None,
    as_json: bool,
) -> int:
    """Tell whether the network permits WORKLOAD to reach DESTINATION, or all that it may reach.

    WORKLOAD is pods by namespace/name, a subject of other rules ("host" of a packet filter, "compose/web"), or what
    the manifest says these govern. DESTINATION is pods, an address, a CIDR block or a host name; where a file or
    folder has the name of the second word, it is a PATH. Every answer is yes, no or unknown, with the deciding rule.

    \b
    Examples:
      auditor permits agents/workspace 203.0.113.7 --port 443 my-deployment
      auditor permits agents/workspace --platform cni=cilium manifests/
      auditor permits host 2001:db8::7 rules.v4 rules.v6
      auditor permits --diff before/ after/
    """
    pairs = tuple(_pair(text) for text in platform)
    if sides is not None:
        _difference(sides, names, pairs, as_json=as_json)
        return 0
    if len(names) < 2:  # noqa: PLR2004 -- a workload and a path
        raise click.UsageError("name a WORKLOAD and a PATH, or two states of the network with --diff OLD NEW")
    from auditor.facts.vocabulary import Transport
    from auditor.pipeline.explaining import explain
    from auditor.report.permits_terminal import render_permits

    workload, first, *_ = map(str, names)
    asks = len(names) > 2 and not names[1].exists()  # noqa: PLR2004 -- a destination between workload and path
    channel = (Transport(transport or "tcp"), port or 0) if transport or port else None
    report = explain(names[2:] if asks else names[1:], workload, first if asks else "", pairs, channel)
    if as_json:
        from auditor.report.permits_json import dump_permits

        click.echo(dump_permits(report).decode(), nl=False)
    else:
        click.echo(render_permits(report), nl=False)
    return 0


def _difference(sides: tuple[Path, Path], names: tuple[Path, ...], pairs: tuple[tuple[str, str], ...], *, as_json: bool) -> None:
    if len(names) > 1:
        raise click.UsageError("--diff OLD NEW takes one WORKLOAD at most")
    from auditor.pipeline.permits_difference import permits_difference
    from auditor.report.permits_difference import render_permits_difference
    from auditor.report.permits_json import dump_permits

    found = permits_difference((sides[0],), (sides[1],), str(names[0]) if names else "", pairs)
    click.echo(dump_permits(found).decode() if as_json else render_permits_difference(found), nl=False)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise click.BadParameter(f"{text!r}: write KEY=VALUE, for example cni=cilium", param_hint="--platform")
    return key, value
