"""``auditor collect``: print a script that exports what a running deployment does."""

from __future__ import annotations

import click


@click.command("collect")
@click.option("--for", "names", required=True, metavar="NAME,...", help="What to export; see the list below.")
def command(names: str) -> int:
    """Print a short read-only shell script that exports the state of a running deployment.

    Auditor runs nothing and connects nowhere: review the script and run it yourself. It writes a folder with one file
    for each request, values that look secret replaced, and a record of command, host, time and SHA-256. auditor init
    takes such a folder up as live state, dated, and refuses files that are no longer what was collected.

    \b
    NAME is one of: calico, cilium, coder, compose, kubernetes, linux, litellm

    \b
    Examples:
      auditor collect --for coder,kubernetes,cilium > collect.sh
      sh collect.sh my-deployment/live && auditor init my-deployment
    """
    from auditor.report.collect_script import render_script

    click.echo(render_script([name.strip() for name in names.split(",") if name.strip()]), nl=False)
    return 0
