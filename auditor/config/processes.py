"""What is open about a recognised process: who made it, what replaces its program, what runs unseen beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.catalog.product import Product
from auditor.config.assignment import AssignedLaunch
from auditor.config.bindings import Launch, Packaging
from auditor.config.effective import place
from auditor.config.formats.shell import started
from auditor.config.recognition import BY_COMMAND, is_image_of, match_launch, repository, runs

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


@dataclass(frozen=True, slots=True)
class ProcessDoubt:
    """Something open about one process: a sentence and what settles it."""

    launch: Launch
    workload: str
    text: str
    step: str


def process_doubts(context: SystemContext) -> Iterator[ProcessDoubt]:
    """Yield what keeps the system's processes from being known whole, in order of the processes."""
    for assigned in context.parts.launches:
        launch, workload = assigned.launch, assigned.workload
        for given in launch.given:
            yield ProcessDoubt(launch, workload, f"Of {launch.name}, {given.reason} ({place(given.evidence)})", given.settled_by)
        for hidden in launch.hidden:
            text = f"{hidden.reason[:1].upper()}{hidden.reason[1:]} ({place(hidden.evidence)})"
            yield ProcessDoubt(launch, workload, text, hidden.settled_by)
        if _is_foreign(assigned, context.product):
            text = f"The image {launch.image} is not known to be {context.product.title} ({place(launch.evidence)})"
            step = f"Run an image that the catalog knows, or add {repository(launch.image)} under recognise: of a catalog overlay"
            yield ProcessDoubt(launch, workload, text, step)
        if launch.program and not launch.hidden and not _is_own_program(assigned, context.product):
            shown, where = " ".join(w.text for w in launch.program), place(launch.program[0].evidence)
            text = f"{launch.name} runs {shown}, which is not known to be {context.product.title} ({where})"
            step = "Leave the image's own program, or add the command under recognise: of a catalog overlay"
            yield ProcessDoubt(launch, workload, text, step)


def _is_foreign(assigned: AssignedLaunch, product: Product) -> bool:
    """Return whether the image is given and nobody says that it holds the product.

    Names of variables alone tell whom they are meant for, not what reads them; a command tells the program where the
    catalog knows no image of it.
    """
    launch = assigned.launch
    rules = [r for r in product.recognise if r.workload == assigned.workload]
    if not launch.image or launch.packaging is Packaging.ENV_FILE or is_image_of(launch.image, rules):
        return False
    if any(r.image for r in rules):
        return True
    return not launch.chart and match_launch(launch, rules)[0] < BY_COMMAND


def _is_own_program(assigned: AssignedLaunch, product: Product) -> bool:
    """Return whether the words that replace the image's program start the product all the same."""
    launch = assigned.launch
    rules = [r for r in product.recognise if r.workload == assigned.workload and r.command]
    words = started([w.text for w in launch.words])
    name = words[0].rpartition("/")[2] if words else ""
    if not rules:
        return name == repository(launch.image).rpartition("/")[2]
    # The chart adds its own arguments where the values give none.
    bare = bool(launch.chart) and len(words) == 1 and any(r.command.split()[0] == name for r in rules)
    return bare or runs(words, rules)
