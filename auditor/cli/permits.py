"""``auditor permits``: what the network lets a workload reach, and by whose permission."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH


@click.command("permits")
@click.argument("workload")
@click.argument("names", nargs=-1, required=True, metavar="[DESTINATION] PATH...", type=PATH)
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
def command(workload: str, names: tuple[Path, ...], port: int | None, transport: str | None, platform: tuple[str, ...]) -> int:
    """Tell whether the network permits WORKLOAD to reach DESTINATION, or all that it may reach.

    WORKLOAD is pods by namespace/name, a subject of other rules ("host" of a packet filter), or what the manifest says
    these govern. DESTINATION is pods, an address, a CIDR block or a host name; where a file or folder has the name of
    the first word, it is a PATH. Every answer is yes, no or unknown, with the deciding rule.

    \b
    Examples:
      auditor permits agents/workspace 203.0.113.7 --port 443 my-deployment
      auditor permits agents/workspace --platform cni=cilium manifests/
      auditor permits host 2001:db8::7 rules.v4 rules.v6
    """
    from auditor.facts.vocabulary import Transport
    from auditor.pipeline.explaining import explain
    from auditor.report.permits_terminal import render_permits

    pairs = tuple(_pair(text) for text in platform)
    first = str(names[0])
    asks = len(names) > 1 and not names[0].exists()
    channel = (Transport(transport or "tcp"), port or 0) if transport or port else None
    report = explain(names[1:] if asks else names, workload, first if asks else "", pairs, channel)
    click.echo(render_permits(report), nl=False)
    return 0


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise click.BadParameter(f"{text!r}: write KEY=VALUE, for example cni=cilium", param_hint="--platform")
    return key, value
