"""``auditor verify``: check a statement, its signature and the inputs that it speaks about, offline."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.options import PATH


@click.command("verify")
@click.argument("statement", metavar="STATEMENT", type=PATH)
@click.option("--key", type=PATH, metavar="FILE", help="Public key (PEM) of whoever must have signed it.")
@click.option("--inputs", type=PATH, metavar="DIR", help="The deployment's folder: every input must be there as it was judged.")
@click.option(
    "--assessment", "record", type=PATH, metavar="FILE", help="The assessment/v1 JSON that the statement must speak about."
)
@click.option("-q", "--quiet", is_flag=True, help="Print only what fails.")
def command(statement: Path, key: Path | None, inputs: Path | None, record: Path | None, quiet: bool) -> int:
    """Verify a statement that was written with --output in-toto.

    Opens no connection. Exits 0 when all that was asked holds, 1 when something fails, 3 when nothing could be proven
    (no --key, no --inputs, no --assessment), 2 when the statement is malformed, 4 when a named file cannot be read.

    \b
    Examples:
      auditor report assessment.json -o in-toto:statement.json --sign-key key.pem
      auditor verify statement.json --key key.pub --inputs my-deployment
    """
    from auditor.pipeline.verifying import Questions, verified, verify
    from auditor.report.escape import clean
    from auditor.report.statement_check import Outcome

    checks = verify(Questions(statement, key, inputs, record))
    for check in checks:
        if not quiet or check.outcome is Outcome.FAILS:
            click.echo(f"{check.outcome}: {clean(check.name)}: {clean(check.text)}")
    return verified(checks)
