"""Where a deployment stands: every rung of the ladder and every shipped profile beside it, judged at once."""

from __future__ import annotations

from auditor.evaluate.loading import ladder
from auditor.evaluate.spectrum import beside_the_ladder, spectrum_of
from auditor.facts.spectrum import Spectrum
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Inputs


def profiles_of_spectrum() -> tuple[str, ...]:
    """Return the profiles for which the inputs must be gathered."""
    return (*ladder(), *beside_the_ladder())


def spectrum(inputs: Inputs, as_of: str) -> Spectrum:
    """Return the spectrum of a deployment gathered for ``profiles_of_spectrum()``; pure."""
    return spectrum_of(judge(model(inputs), inputs, as_of))
