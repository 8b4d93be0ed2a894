"""A plan in words: the steps in order, each with its place, what it stops, breaks and opens; or what is irreplaceable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.facts.plan import IrreplaceableRecord, Plan, StepKind, StepRecord
from auditor.report import words
from auditor.report.escape import clean, markdown_text

_MOST = 6
_HEADS = {
    StepKind.SETTING: "Settings to change",
    StepKind.REDIRECT: "Flows to send elsewhere",
    StepKind.CONTRACT: "To be settled where no file decides",
    StepKind.STOP: "Programs to find and stop",
    StepKind.DENY: "Permissions to take away",
    StepKind.EVIDENCE: "Evidence to supply (assumed to speak for the profile)",
}
Line = tuple[int, str]
"""Depth and text of a line."""


def render_plan(plan: Plan) -> str:
    """Return the plan as plain text, one statement a line, every text cleaned."""
    return "\n".join(f"{'  ' * depth}{clean(text)}" for depth, text in _lines(plan)) + "\n"


def render_plan_markdown(plan: Plan) -> str:
    """Return the plan as Markdown: a list with a box for each step."""
    title, scope, *rest = _lines(plan)
    parts = [f"# {_text(title)}", "", _text(scope)]
    for line in rest:
        head = {1: "\n## ", 2: "- [ ] "}.get(line[0], "  - ")
        parts.append(f"{head}{_text(line)}" + ("\n" if line[0] == 1 else ""))
    return "\n".join(parts) + "\n"


def _text(line: Line) -> str:
    return markdown_text(clean(line[1]))


def _lines(plan: Plan) -> Iterator[Line]:
    now, then = (words.word(words.VERDICT_WORDS, v) for v in (plan.now, plan.then))
    yield 0, f"Plan for {plan.deployment} to {plan.profile_title} ({plan.profile})"
    yield 0, f"As of {plan.as_of[:10]}, stage {plan.stage}: {now} now; {_outcome(plan, then)}."
    if plan.irreplaceable:
        yield 1, "Irreplaceable"
        for item in plan.irreplaceable:
            yield from _item(item)
    for kind in StepKind:
        mine = [s for s in plan.steps if s.kind is kind]
        if mine:
            yield 1, _HEADS[kind]
            for step in mine:
                yield from _step(step)


def _outcome(plan: Plan, then: str) -> str:
    if plan.irreplaceable:
        return "no set of changes that is known satisfies the profile"
    if not plan.steps:
        return "nothing is to be done"
    assumed = sum(s.assumed for s in plan.steps)
    sure = f", {words.plural(assumed, 'of them an assumption')}" if assumed == 1 else f", {assumed} of them assumptions"
    least = "" if plan.exact else "; there were too many choices to be sure that no lighter set exists"
    return f"{then} after {words.plural(len(plan.steps), 'step')}{sure if assumed else ''}; none can be left out{least}"


def _item(item: IrreplaceableRecord) -> Iterator[Line]:
    name = item.title if item.title == item.id else f"{item.title} ({item.id})"
    yield 2, f"{item.kind} {name}: {item.why} [{', '.join(item.controls)}]"
    if item.kind != "flow":
        yield from _some("required flow", item.flows)


def _step(step: StepRecord) -> Iterator[Line]:
    place = f" at {step.place}" if step.place else ""
    now = f" (now {step.now}{place})" if step.now else ""
    yield 2, f"{step.text}{now} [{', '.join(step.controls)}]"
    for key, value in step.settings:
        yield 3, f"{step.system}/{key} = {value or 'empty'}"
    if step.names and not step.place:
        yield 3, f"set it as one of: {', '.join(step.names)}"
    yield from _some("how", step.how)
    if step.who:
        yield 3, f"who can: {words.word(words.PARTIES, step.who)}"
    yield from _some("breaks", step.breaks)
    yield from _some("stops", step.stops)
    yield from _some("then", step.opens)


def _some(label: str, texts: Iterable[str]) -> Iterator[Line]:
    listed = list(texts)
    for text in listed[:_MOST]:
        yield 3, f"{label}: {text}"
    if len(listed) > _MOST:
        yield 3, f"{label}: and {len(listed) - _MOST} more"
