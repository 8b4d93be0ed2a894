"""``auditor questions``: what is open, put to those who can answer; and what their answers come to."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from auditor.cli.asking import deployment_options, gather_deployment
from auditor.cli.options import PATH, as_of_option, output_option, parse_outputs
from auditor.cli.output import Result, write_results

if TYPE_CHECKING:
    from auditor.facts.questions import AnswerDrafts, QuestionList


class QuestionFormat(StrEnum):
    """What questions, and with ``--answers`` the drafts, can be written as."""

    MARKDOWN = "markdown"
    XLSX = "xlsx"
    JSON = "json"
    ANSWERS = "answers"
    ATTESTATIONS = "attestations"
    MANIFEST = "manifest"


_DRAFTS = (QuestionFormat.ATTESTATIONS, QuestionFormat.MANIFEST)


@click.command("questions")
@click.argument("path", metavar="DEPLOYMENT", type=PATH)
@click.option(
    "--for",
    "party",
    type=click.Choice(["vendor", "network", "platform", "legal"]),
    help="Ask only what this party can answer. Default: everybody.",
)
@click.option("--answers", "answer_file", type=PATH, metavar="FILE", help="Turn the answers in FILE into drafts.")
@click.option("-p", "--profile", "profiles", multiple=True, metavar="NAME|FILE", help="Ask what this profile needs; repeatable.")
@deployment_options
@as_of_option
@output_option(QuestionFormat)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on stdout.")
def command(
    path: Path,
    party: str | None,
    answer_file: Path | None,
    profiles: tuple[str, ...],
    deployment: str,
    stage: str | None,
    catalog: Path | None,
    as_of: str,
    outputs: tuple[str, ...],
    quiet: bool,
) -> int:
    """List what is not known of DEPLOYMENT as questions, by who can answer, the one that decides most first.

    Each answer is tried: the deployment is judged again as if it were given. With --answers, answers become drafts of
    attestations (attestations:FILE) and of inputs and statements for auditor.yaml (manifest:FILE).

    \b
    Examples:
      auditor questions my-deployment --for vendor -o xlsx:questions.xlsx
      auditor questions my-deployment -q -o answers:answers.yaml
      auditor questions my-deployment --answers answers.yaml -q -o attestations:attestations.yaml
    """
    from auditor.facts.vocabulary import Party
    from auditor.pipeline.questioning import ask, draft_answers

    wanted = parse_outputs(outputs, QuestionFormat)
    misplaced = [form for form, _ in wanted if (form in _DRAFTS) != (answer_file is not None)]
    if misplaced:
        raise click.UsageError(f"{misplaced[0]}: drafts are written with --answers FILE, and everything else without it")
    inputs = gather_deployment(path, profiles, deployment, stage, catalog)
    if answer_file is None:
        _show(ask(inputs, as_of, Party(party) if party else None), wanted, quiet)
        return 0
    drafted = draft_answers(ask(inputs, as_of), answer_file, path)
    if not quiet:
        click.echo("".join(_draft(drafted, form).decode() for form in _DRAFTS), nl=False)
    write_results([Result(target, _draft(drafted, form), f"draft of {form}") for form, target in wanted], quiet)
    return 0


def _show(asked: QuestionList, wanted: tuple[tuple[QuestionFormat, Path], ...], quiet: bool) -> None:
    if not quiet:
        click.echo(_render(asked, QuestionFormat.MARKDOWN), nl=False)
    write_results([Result(target, _render(asked, form), f"{form} questions") for form, target in wanted], quiet)


def _render(asked: QuestionList, form: QuestionFormat) -> bytes:
    from auditor.report import questions_text

    match form:
        case QuestionFormat.MARKDOWN:
            return questions_text.render_questions_markdown(asked).encode()
        case QuestionFormat.XLSX:
            from auditor.report.xlsx import render_workbook

            return render_workbook((("Questions", questions_text.questions_table(asked)),))
        case QuestionFormat.JSON:
            from auditor.report.record_json import dump_record

            return dump_record(asked)
        case QuestionFormat.ANSWERS:
            return questions_text.render_answer_template(asked).encode()
        case QuestionFormat.ATTESTATIONS | QuestionFormat.MANIFEST:
            raise ValueError(f"{form} is made of answers")
        case _:
            assert_never(form)


def _draft(drafted: AnswerDrafts, form: QuestionFormat) -> bytes:
    from auditor.report.answer_drafts import render_attestation_drafts, render_manifest_drafts

    render = render_attestation_drafts if form is QuestionFormat.ATTESTATIONS else render_manifest_drafts
    return render(drafted).encode()
