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
_GLOBAL = "global"
_PROFILE = re.compile(r"([a-z-]+)\.[a-z0-9-]+\.")
_BARE = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9]|(?:foundation|provisioned|custom|imported)-model/")
"""``vendor.model``, or the ARN of a model that lies in one region: no alias (``opus``), and no dotted version (``x-4.5``)."""
_GEOGRAPHY = re.compile(r"(?!zai\Z)[a-z]{1,3}")
"""What a geography that the table does not know looks like; ``zai`` is a vendor, of models such as ``zai.glm-4.7``."""


def bedrock_profile_countries(model: str, host: str, prefix: str = "") -> tuple[Countries, str]:
    """Return (countries of processing, why): ``None`` with an empty reason means the region of the host decides.

    ``None`` with a reason means unknown: a ``global.`` profile, an opaque application profile, a name that is no id of
    Bedrock, a geography that the table does not know.

    Args:
        model: id, ARN or name of the model; empty when none is given.
        host: where the request goes; another one than Bedrock's knows no profiles.
        prefix: the profile that the program puts in front of a model's name, empty for none.
    """
    if "bedrock" not in host:
        return None, ""
    if not prefix:
        return _of_model(model)
    given = _of_profile(prefix, f"the prefix {prefix}")
    if not _is_id(model):
        return given
    own = _of_model(model)
    if own[0] is not None and own[0] == given[0]:
        return own
    return None, f"the prefix {prefix} is set, and whether it applies to the model id {model} is not known"


def _of_model(model: str) -> tuple[Countries, str]:
    tail = model.rsplit("/", 1)[-1]
    if "application-inference-profile" in model:
        return None, "an application inference profile does not tell its regions: GetInferenceProfile does"
    match = _PROFILE.match(tail)
    prefix = match.group(1) if match else ""
    if prefix == _GLOBAL or prefix in _PREFIXES or _GEOGRAPHY.fullmatch(prefix):
        return _of_profile(prefix, f"the model id {tail}")
    if not _is_id(model):
        return None, f'"{model}" is no model id of Bedrock, so which inference profile it stands for is not known'
    return None, ""


def _of_profile(prefix: str, said: str) -> tuple[Countries, str]:
    if prefix == _GLOBAL:
        return None, f"{said} names a global inference profile: any commercial AWS region"
    if prefix not in _PREFIXES:
        return None, f"{said} names the inference profile {prefix}., whose regions are not known"
    countries = _PREFIXES[prefix]
    return countries, f"{said} names the inference profile {prefix}. ({' '.join(countries)})"


def _is_id(model: str) -> bool:
    return bool(_BARE.search(model) if model.startswith("arn:") else _BARE.match(model.rsplit("/", 1)[-1])) or bool(
        _PROFILE.match(model.rsplit("/", 1)[-1])
    )
