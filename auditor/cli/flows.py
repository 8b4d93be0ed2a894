"""``auditor flows``: the flow table of captures, for people and other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import click

from auditor.cli.options import parse_outputs
from auditor.cli.output import STDOUT, Result, write_results
from auditor.cli.progress import ProgressLine


class FlowFormat(StrEnum):
    """What a flow table is written as."""

    CSV = "csv"
    JSON = "json"


@click.command("flows")
@click.argument("captures", metavar="CAPTURE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT:PATH",
    help=f"Write the whole table; FORMAT is one of {', '.join(FlowFormat)}; PATH - is stdout; repeatable.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no table and no notes about the captures.")
def command(captures: tuple[str, ...], outputs: tuple[str, ...], quiet: bool) -> int:
    """Print the flows of CAPTURE... as a table: who dialled whom, when, how much, and by which name on what evidence.

    A flow that several captures saw is one row. A name in brackets was shown by the client but establishes nothing
    (encrypted ClientHello, an address). What is worth a look (tunnels, beacons, heavy uplinks, DNS that leaves sight)
    stands below the table. CAPTURE - is standard input; docs/flow_table.md explains every column.

    \b
    Examples:
      auditor flows fixtures/deployments/coder-mislabelled/traffic/perimeter.pcapng
      tcpdump -i eth0 -w - | auditor flows - --output json:flows.json
    """
    from auditor.facts.observation import CaptureSource
    from auditor.traffic import publish
    from auditor.traffic.notices import notices
    from auditor.traffic.observe import flow_table

    wanted = parse_outputs(outputs, FlowFormat)
    progress = ProgressLine(enabled=not quiet)
    table, readings, answers = flow_table([CaptureSource(name, path, "", ()) for name, path in _identified(captures)], progress)
    progress.finish()
    rows = publish.flow_rows(table)
    to_stdout = any(path == STDOUT for _, path in wanted)
    if not quiet and not to_stdout:
        click.echo(publish.to_text(rows), nl=False)
        click.echo(publish.notices_text(notices(rows, answers)), nl=False)
    made = ((form, path, publish.to_csv(rows) if form is FlowFormat.CSV else publish.to_json(rows)) for form, path in wanted)
    write_results([Result(path, data, f"{form} flows") for form, path, data in made], quiet)
    if not quiet:
        for note in (note for reading in readings for note in publish.capture_notes(reading)):
            click.echo(note, err=True)
    return 0


def _identified(captures: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (identifier, path) of each capture: as typed, never an absolute path; the second of a name gets a number."""
    found: dict[str, str] = {}
    for path in dict.fromkeys(captures):
        name = Path(path).name if Path(path).is_absolute() else Path(path).as_posix()
        known = sum(taken.partition("#")[0] == name for taken in found)
        found[f"{name}#{known + 1}" if known else name] = path
    return list(found.items())
