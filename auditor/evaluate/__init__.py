"""The judgement: profile language, control evaluation, waivers, attestations, the assessment record."""

from auditor.evaluate.assess import assess
from auditor.evaluate.describing import describe_profile
from auditor.evaluate.exit_codes import exit_code
from auditor.evaluate.loading import ladder, load_ladder, load_profile, shipped_profiles
from auditor.facts.profile import Profile

__all__ = ["Profile", "assess", "describe_profile", "exit_code", "ladder", "load_ladder", "load_profile", "shipped_profiles"]
