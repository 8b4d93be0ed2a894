"""Where a LiteLLM deployment goes (litellm 1.109.1, ``get_api_base`` and ``llms/bedrock/base_aws_llm.py``).

``api_base``, then ``base_url``, then the provider's variable, then the provider's default by the prefix of
the model. Bedrock builds its host of ``aws_region_name`` or of the setting ``bedrock.region``, Vertex AI of
``vertex_location`` or of ``vertex.location`` (litellm 1.79.0, ``llms/vertex_ai/vertex_llm_base.py``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.catalog.product import Target
from auditor.config.derivations.bedrock import bedrock_profile_countries
from auditor.config.destination import Destination, Doubt, endpoint_of
from auditor.config.effective import FieldValue, Item
from auditor.config.locations import location_conflict
from auditor.config.templates import fill_by_defaults
from auditor.config.values import host_of
from auditor.facts.evidence import Evidence
from auditor.facts.places import Countries

if TYPE_CHECKING:
    from auditor.config.context import SystemContext

_BEDROCK_BY_DEFAULT = "bedrock-runtime.{bedrock.region}.amazonaws.com"
_REGION_STEP = "Name the region in aws_region_name of the entry"
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+){1,2}-\d")
_VERTEX = ("vertex_ai", "vertex_ai_beta")
_VERTEX_HOSTS = {
    "global": "aiplatform.googleapis.com",
    "eu": "aiplatform.eu.rep.googleapis.com",
    "us": "aiplatform.us.rep.googleapis.com",
}
"""Locations of several regions, which have hosts of their own (litellm 1.109.1)."""
_FALLBACKS = ("fallbacks", "default_fallbacks", "context_window_fallbacks", "content_policy_fallbacks")


def litellm_destination(item: Item, to: Target, context: SystemContext) -> Destination:
    """Return where the requests of one ``model_list`` entry go.

    Reads the item's ``model`` (``value`` in a list of names), ``api_base``, ``base_url``, ``aws_region_name``, ``model_id``,
    ``aws_bedrock_runtime_endpoint``, ``vertex_location`` and ``custom_llm_provider``; the tables ``provider_settings``
    (provider → setting id of its variable) and ``provider_hosts`` (provider → host).
    """
    model = item.text("model") or item.text("value")
    plain_vertex = "/" not in model and item.text("vertex_location")
    provider = item.text("custom_llm_provider") or (_VERTEX[0] if plain_vertex else _provider(model))
    note = _role(item, context)
    for name in ("api_base", "base_url"):
        field = item.fields.get(name)
        if field is not None:
            default = context.product.table("provider_hosts").get(provider, "")
            return _stated(field, name, to, note, default)
    effective = context.effective(context.product.table("provider_settings").get(provider, ""))
    if effective is not None and effective.is_known and effective.text:
        place = host_of(effective.text)
        endpoint = endpoint_of(place.name, place.port or to.port, to.transport, place.address)
        return Destination(endpoint=endpoint, evidence=effective.evidence, reason=effective.reason, note=note)
    if provider == "bedrock":
        return _bedrock(item, to, context, note)
    if provider in _VERTEX:
        return _vertex(item, to, context, note)
    host = context.product.table("provider_hosts").get(provider, "")
    if not host:
        text = f"no address is given, and the catalog knows no default of the provider {provider}"
        step = f"Name the host in api_base of the entry, or state in a dated document where {provider} is reached"
        return Destination(doubt=Doubt(text, (step,)), note=note)
    # An open variable may send it elsewhere, so the default is only assumed.
    doubt = Doubt(effective.reason, effective.steps, effective.who) if effective is not None and not effective.is_known else None
    reason = f"no api_base: the default of the provider {provider}"
    return Destination(endpoint=endpoint_of(host, to.port, to.transport), reason=reason, doubt=doubt, note=note)


def _provider(model: str) -> str:
    """Return the provider by the prefix of the model, or by names that LiteLLM knows without one (``get_llm_provider``)."""
    if "/" in model:
        return model.partition("/")[0]
    families = (("claude", "anthropic"), ("gpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("text-embedding-", "openai"))
    return next((provider for start, provider in families if model.startswith(start)), model)


def _stated(field: FieldValue, name: str, to: Target, note: str, default: str) -> Destination:
    evidence: tuple[Evidence, ...] = (field.evidence,) if field.evidence is not None else ()
    place = host_of(field.text or "")
    if not place.host:
        why = field.reason or f"it names no host ({field.text})"
        doubt = Doubt(f"{name}: {why}", ("Supply the value of " + name,))
        return Destination(evidence=evidence, doubt=doubt, note=note, otherwise="" if field.text else default)
    endpoint = endpoint_of(place.name, place.port or to.port, to.transport, place.address)
    conflict = location_conflict(field.text or "", place.name)
    return Destination(
        endpoint=endpoint, evidence=evidence, reason=f"{name}: {field.text}", note=note, processing_reason=conflict
    )


def _bedrock(item: Item, to: Target, context: SystemContext, note: str) -> Destination:
    own = item.fields.get("aws_bedrock_runtime_endpoint")
    if own is not None:
        return _at_endpoint(item, own, to, note)
    model, field = _bedrock_model(item), item.fields.get("aws_region_name")
    if field is not None and field.text is None:
        return Destination(doubt=Doubt(f"aws_region_name: {field.reason}", ("Supply the value of aws_region_name",)), note=note)
    region, said = item.text("aws_region_name"), "aws_region_name"
    evidence: tuple[Evidence, ...] = (field.evidence,) if field is not None and field.evidence is not None else ()
    doubt: Doubt | None = None
    if not region:
        effective = context.effective("bedrock.region")
        if effective is not None:
            region, said, evidence = effective.text or "", effective.reason, effective.evidence
            doubt = None if effective.is_known else Doubt(effective.reason, effective.steps, effective.who)
    if not region:
        otherwise = fill_by_defaults(_BEDROCK_BY_DEFAULT, context)
        doubt = doubt or Doubt("no region of Bedrock is given", (_REGION_STEP,))
        return Destination(evidence=evidence, doubt=doubt, note=note, otherwise=otherwise)
    host = f"bedrock-runtime.{region}.amazonaws.com"
    countries, reason = _bedrock_countries(item, host)
    named = [part for part in model.split("/") if _REGION.fullmatch(part) and part != region]
    if named:
        text = f"the model id names the region {named[0]}, and {said} another: which wins is not known"
        doubt = doubt or Doubt(text, (_REGION_STEP,))
    return Destination(
        endpoint=endpoint_of(host, to.port, to.transport),
        evidence=evidence,
        reason=f"{said}: {region}" if said == "aws_region_name" else said,
        doubt=doubt,
        processing=countries,
        processing_reason=reason,
        placed_by_host=countries is None and not reason,
        note=note,
    )


def _bedrock_model(item: Item) -> str:
    """Return what is asked for: ``model_id`` goes into the request instead of the model that the entry names."""
    return item.text("model_id") or item.text("model")


def _bedrock_countries(item: Item, host: str) -> tuple[Countries, str]:
    field = item.fields.get("model_id")
    if field is not None and field.text is None:
        return None, f"model_id: {field.reason}"
    return bedrock_profile_countries(_bedrock_model(item), host)


def _at_endpoint(item: Item, field: FieldValue, to: Target, note: str) -> Destination:
    """Return the address that replaces Bedrock's; the model id still decides where a Bedrock behind it runs."""
    stated = _stated(field, "aws_bedrock_runtime_endpoint", to, note, "")
    countries, reason = _bedrock_countries(item, stated.endpoint.name)
    return replace(stated, processing=countries, processing_reason=reason or stated.processing_reason)


def _vertex(item: Item, to: Target, context: SystemContext, note: str) -> Destination:
    """Return the host of the location; where a model then runs its id decides, some have no location but ``global``."""
    field = item.fields.get("vertex_location")
    location, said = item.text("vertex_location"), "vertex_location"
    evidence: tuple[Evidence, ...] = (field.evidence,) if field is not None and field.evidence is not None else ()
    doubt: Doubt | None = None
    if field is not None and field.text is None:
        doubt = Doubt(f"vertex_location: {field.reason}", ("Supply the value of vertex_location",))
    elif not location and (effective := context.effective("vertex.location")) is not None:
        location, said, evidence = effective.text or "", effective.reason, effective.evidence
        doubt = None if effective.is_known else Doubt(effective.reason, effective.steps, effective.who)
    if not location:
        step = ("Name the location in vertex_location of the entry",)
        return Destination(evidence=evidence, doubt=doubt or Doubt("no location of Vertex AI is given", step), note=note)
    host = _VERTEX_HOSTS.get(location, f"{location}-aiplatform.googleapis.com")
    reason = f"{said}: {location}" if said == "vertex_location" else said
    return Destination(
        endpoint=endpoint_of(host, to.port, to.transport), evidence=evidence, reason=reason, doubt=doubt, note=note
    )


def _role(item: Item, context: SystemContext) -> str:
    """Return what else sends requests here: fallbacks that name the group, and other entries of the same name."""
    name = item.text("model_name")
    notes = []
    for key in _FALLBACKS:
        effective = context.effective(key)
        for entry in effective.items if effective is not None else ():
            source, targets = entry.text("key"), entry.text("value").split(",")
            if name in targets:
                words = key.replace("_", " ").removesuffix("s")
                notes.append(words if key == "default_fallbacks" else f"{words} for {source}")
    models = context.effective("models")
    group = [i for i in models.items if i.text("model_name") == name] if models is not None else []
    if len(group) > 1:
        notes.append(f"one of {len(group)} deployments that share the load of {name}")
    return ", ".join(dict.fromkeys(notes))
