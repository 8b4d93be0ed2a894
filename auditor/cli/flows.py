"""``auditor flows``: the flow table of captures and logs, for people and other tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from auditor.cli.options import PATH, parse_outputs
from auditor.cli.output import STDOUT, Result, write_results
from auditor.cli.progress import ProgressLine


class FlowFormat(StrEnum):
    """What a flow table is written as."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@click.command("flows")
@click.argument("sources", metavar="SOURCE...", nargs=-1, type=click.Path(allow_dash=True))
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT:PATH",
    help=f"Write the whole table; FORMAT is one of {', '.join(FlowFormat)}; PATH - is stdout; repeatable. "
    "A parquet PATH that does not end in .parquet is a folder: each SOURCE is added to it, parted by day and source, and what "
    "is there whole is not read again.",
)
@click.option(
    "--format",
    "log_format",
    metavar="NAME",
    default="",
    help="Read every SOURCE as a log of this format, instead of by its first lines.",
)
@click.option(
    "--map", "map_path", type=PATH, help="Read every SOURCE as a log whose columns this YAML file names (docs/logs.md)."
)
@click.option(
    "--table",
    "uri",
    metavar="URI",
    help="Instead of SOURCE...: reduce a flow table in Parquet (a file, a pattern, a folder) to edges, and show those.",
)
@click.option(
    "--engine",
    type=click.Choice(("duckdb", "spark")),
    default="duckdb",
    show_default=True,
    help="What reduces the --table: DuckDB in this process, or Spark where the table lies.",
)
@click.option(
    "--identify",
    "grounds",
    type=PATH,
    multiple=True,
    help="With --table: say who the ends are, by a deployment (the folder of its manifest) or by inventories "
    "(docs/logs.md, Who had the address); repeatable for inventories.",
)
@click.option("--memory", metavar="SIZE", help="Most memory that DuckDB takes before it spills to disk, for example 4GB.")
@click.option("-q", "--quiet", is_flag=True, help="Print no table and no notes about the sources.")
def command(
    sources: tuple[str, ...],
    outputs: tuple[str, ...],
    log_format: str,
    map_path: Path | None,
    uri: str | None,
    engine: str,
    grounds: tuple[Path, ...],
    memory: str | None,
    quiet: bool,
) -> int:
    """Print the flows of SOURCE... as a table: who dialled whom, when, how much, and by which name on what evidence.

    A SOURCE is a capture, a flow log, proxy log or resolver log, or the folder of a rotated log; a flow that several of
    them saw is one row. A name in brackets was shown by the client but establishes nothing
    (encrypted ClientHello, an address). What is worth a look (tunnels, beacons, heavy uplinks, DNS that leaves sight)
    stands below the table. SOURCE - is standard input; docs/flow_table.md explains every column.

    \b
    Examples:
      auditor flows fixtures/deployments/coder-mislabelled/traffic/perimeter.pcapng
      tcpdump -i eth0 -w - | auditor flows - --output json:flows.json
      auditor flows /var/log/flow-logs --output parquet:lake/
      auditor flows --table lake/ --output csv:edges.csv
      auditor flows --table lake/ --identify inventory/pods.json
    """
    wanted = parse_outputs(outputs, FlowFormat, _is_folder)
    if bool(uri) == bool(sources):
        raise click.UsageError("name either SOURCE... or --table URI")
    if uri:
        return _edges(uri, (engine, memory or ""), grounds, wanted, quiet=quiet)
    if grounds:
        raise click.UsageError("--identify goes with --table; auditor check says who the ends are of what a manifest names")
    return _flows(sources, (log_format, map_path), wanted, quiet=quiet)


def _flows(
    sources: Sequence[str],
    form_and_map: tuple[str, Path | None],
    wanted: Sequence[tuple[FlowFormat, Path]],
    *,
    quiet: bool,
) -> int:
    """Show and write the flows of captures and logs."""
    from auditor.traffic.sources import read_map, recognise_source

    log_format, map_path = form_and_map
    columns = read_map(map_path, map_path.as_posix()) if map_path else None
    found = [recognise_source(name, path, log_format, columns) for name, path in _identified(sources)]
    progress = ProgressLine(enabled=not quiet)
    folders = [path for form, path in wanted if _is_folder(form, path)]
    for folder in folders:
        from auditor.traffic.lake.folder import write_folder

        for note in write_folder(found, folder, progress):
            if not quiet:
                click.echo(note, err=True)
    left = [(form, path) for form, path in wanted if path not in folders]
    if left or not folders:
        _whole_table(found, left, progress, quiet=quiet)
    progress.finish()
    return 0


def _whole_table(found: Sequence[Any], wanted: Sequence[tuple[FlowFormat, Path]], progress: ProgressLine, *, quiet: bool) -> None:
    """Show and write the one table of all sources."""
    from auditor.traffic import publish
    from auditor.traffic.notices import notices
    from auditor.traffic.observe import flow_table

    table, readings, lookups = flow_table(found, progress)
    progress.finish()
    rows = publish.FlowRows(table)
    if not quiet and not _to_stdout(wanted):
        click.echo(publish.to_text(rows), nl=False)
        click.echo(publish.notices_text(notices(rows, lookups.answers())), nl=False)
    made = []
    for form, path in wanted:
        if form is FlowFormat.PARQUET:
            from auditor.traffic.lake.writing import write_file

            write_file(table, path)
        else:
            data = rows.csv() if form is FlowFormat.CSV else publish.to_json(rows)
            made.append(Result(path, data, f"{form} flows"))
    write_results(made, quiet)
    if not quiet:
        for note in (note for reading in readings for note in publish.source_notes(reading)):
            click.echo(note, err=True)


def _edges(
    uri: str,
    engine: tuple[str, str],
    grounds: tuple[Path, ...],
    wanted: Sequence[tuple[FlowFormat, Path]],
    *,
    quiet: bool,
) -> int:
    """Show and write the edges of a flow table that lies somewhere, and who their ends are where that is asked."""
    from auditor.traffic import publish
    from auditor.traffic.edge_table import EDGE_COLUMNS, END_COLUMNS, edge_rows, with_ends
    from auditor.traffic.lake.engines import Engine
    from auditor.traffic.lake.reducing import reduce_table

    if any(form is FlowFormat.PARQUET for form, _ in wanted):
        raise click.BadParameter("edges are written as csv or json", param_hint="--output")
    columns: tuple[str, ...] = EDGE_COLUMNS
    if grounds:
        from auditor.pipeline.attributing import attribute, read_ground

        ground = read_ground(grounds)
        reduced = reduce_table(uri, Engine(engine[0]), engine[1], ground.changes)
        rows = with_ends(edge_rows(reduced.edges), map(astuple, attribute(reduced.edges, ground)))
        columns = (*EDGE_COLUMNS, *END_COLUMNS)
    else:
        reduced = reduce_table(uri, Engine(engine[0]), engine[1])
        rows = edge_rows(reduced.edges)
    if not quiet and not _to_stdout(wanted):
        click.echo(publish.edges_text(rows, columns), nl=False)
    made = []
    for form, path in wanted:
        cells = list(zip(*(row.values() for row in rows), strict=True))
        data = publish.to_csv([cells] if cells else [], columns) if form is FlowFormat.CSV else publish.to_json(rows)
        made.append(Result(path, data, f"{form} edges"))
    write_results(made, quiet)
    if not quiet:
        for note in reduced.notes:
            click.echo(note, err=True)
    return 0


def _is_folder(form: FlowFormat, path: Path) -> bool:
    """Return whether a result is a folder that sources are added to."""
    return form is FlowFormat.PARQUET and path.suffix != ".parquet"


def _to_stdout(wanted: Sequence[tuple[FlowFormat, Path]]) -> bool:
    return any(path == STDOUT for _, path in wanted)


def _identified(sources: Sequence[str]) -> list[tuple[str, str]]:
    """Return (identifier, path) of each source: as typed, never an absolute path; the second of a name gets a number."""
    found: dict[str, str] = {}
    for path in dict.fromkeys(sources):
        name = Path(path).name if Path(path).is_absolute() else Path(path).as_posix()
        known = sum(taken.partition("#")[0] == name for taken in found)
        found[f"{name}#{known + 1}" if known else name] = path
    return list(found.items())
