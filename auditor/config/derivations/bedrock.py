"""Amazon Bedrock inference profiles: the prefix of the model id decides where inference runs, not the host.

Prefixes and the regions they may include: aws-cdk ``cross-region-inference-profile`` and litellm 1.109.1 (read
2026-11-23); which of them a model uses is per model, so the set is the largest one.
"""

from __future__ import annotations

import re

from auditor.facts.places import Countries

_PREFIXES: dict[str, tuple[str, ...]] = {
    "us-gov": ("US",),
    "us": ("US",),
    "eu": ("CH", "DE", "ES", "FR", "GB", "IE", "IT", "SE"),
    "apac": ("AE", "AU", "ID", "IN", "JP", "KR", "MY", "SG", "TH", "TW"),
    "jp": ("JP",),
    "au": ("AU",),
}


def bedrock_profile_countries(model: str, region: str) -> tuple[Countries, str]:
    """Return (countries of processing, why): ``None`` with an empty reason means the region of the host decides.

    ``None`` with a reason means unknown: a ``global.`` profile, or an opaque application profile.
    """
    del region
    tail = model.rsplit("/", 1)[-1]
    if "application-inference-profile" in model:
        return None, "an application inference profile does not tell its regions: GetInferenceProfile does"
    match = re.match(r"([a-z-]+)\.[a-z0-9-]+\.", tail)
    prefix = match.group(1) if match else ""
    if prefix == "global":
        return None, f"the model id {tail} names a global inference profile: any commercial AWS region"
    if prefix in _PREFIXES:
        countries = _PREFIXES[prefix]
        return countries, f"the model id {tail} names the inference profile {prefix}. ({' '.join(countries)})"
    return None, ""
