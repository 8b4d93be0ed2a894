"""Flows that someone intends: declared by a document or made by the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Unknown
from auditor.facts.places import Countries
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass


@dataclass(frozen=True, slots=True)
class Cure:
    """One change that would stop, move or settle a flow."""

    kind: str
    """``setting`` | ``redirect`` | ``network`` | ``contract`` | ``none`` (a required flow without substitute)."""
    text: str
    """One imperative sentence: ``Set CODER_TELEMETRY_ENABLE=false``."""
    setting: str = ""
    """Setting key, for ``setting`` and ``redirect``."""
    value: str = ""


@dataclass(frozen=True, slots=True)
class IntendedFlow:
    """A purpose on a channel, as a document declares it or the configuration makes it."""

    id: str
    """``<system id>/<catalog flow id>``, with ``:<item>`` for one of several (a list setting)."""
    system: str
    purpose: str
    """Plain words: ``usage telemetry to Coder``."""
    source: str
    """Component id of the initiator."""
    destination_component: str
    """Component id when it ends at a component of the deployment, else empty."""
    destination: Endpoint
    """Host, address and port when it ends elsewhere; all empty when decided at run time."""
    sends_at_least: tuple[DataClass, ...]
    sends_at_most: tuple[DataClass, ...]
    """Equal to ``sends_at_least`` for facts of vendor grade or better."""
    receives: tuple[DataClass, ...]
    required: Truth
    configured: Truth
    """Whether the configuration makes it; unknown with ``unknowns`` saying why."""
    configured_reason: str
    """One clause on what decided it."""
    declared: Truth
    """Whether a document states it; unknown when no document speaks of it."""
    end_to_end: bool = False
    """Encrypted past the destination (DERP, CONNECT): the relay learns metadata only."""
    processing: Countries = None
    """Where this flow's data is processed when the flow decides it (model id), else ``None``: as its destination."""
    processing_reason: str = ""
    otherwise: str = ""
    """Host that it goes to should the open value that decides turn out to be unset; empty where nothing is open."""
    cures: tuple[Cure, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredStatement:
    """What a document says of a flow: ``coder/control-plane -> *`` sends none."""

    source: str
    """Component id or ``*``."""
    destination: str
    """Component id, destination id, host pattern or ``*``."""
    sends: tuple[DataClass, ...]
    """Empty means: the document says that nothing is sent."""
    evidence: Evidence
