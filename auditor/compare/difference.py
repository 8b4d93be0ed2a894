"""Two assessments become one difference: moved verdicts with causes, recipients, findings, flows; pure."""

from __future__ import annotations

from auditor.compare.causes import Causes
from auditor.compare.changes import differing
from auditor.facts.assessment import Assessment, FindingRecord, FlowRecord
from auditor.facts.difference import NONE, SCHEMA, CauseRecord, ChangeRecord, Difference, MoveRecord, RecipientRecord, SideRecord
from auditor.facts.vocabulary import DataClass

_FLOW_FIELDS = (
    *("declared", "configured", "permitted", "sighting", "name", "exists", "required", "crosses_perimeter"),
    *("sends_at_least", "sends_at_most", "receives", "processing"),
)
_FINDING_FIELDS = ("severity", "waived_by", "data", "bases")
_SHARES = (NONE, "may_receive", "receives")


def difference(old: Assessment, new: Assessment) -> Difference:
    """Return what moved from ``old`` to ``new``, everything in the order of the new assessment, then of the old one."""
    changed = differing(old, new)
    return Difference(
        schema=SCHEMA,
        old=_side(old),
        new=_side(new),
        moves=_moves(old, new, changed),
        recipients=_recipients(old, new),
        findings=_changes({f.id: f for f in old.findings}, {f.id: f for f in new.findings}, _FINDING_FIELDS),
        flows=_changes({f.id: f for f in old.flows}, {f.id: f for f in new.flows}, _FLOW_FIELDS),
        changed=changed,
    )


def _side(side: Assessment) -> SideRecord:
    return SideRecord(side.deployment, side.as_of, side.stage, side.tool, side.digest)


def _moves(old: Assessment, new: Assessment, changed: tuple[CauseRecord, ...]) -> tuple[MoveRecord, ...]:
    causes = Causes(old, new, changed)
    controls: dict[str, MoveRecord] = {}
    before, after = ({c.id: c for c in side.controls} for side in (old, new))
    for identity in dict.fromkeys((*after, *before)):
        was, now = before.get(identity), after.get(identity)
        verdicts = (was.effective if was else NONE, now.effective if now else NONE)
        if verdicts[0] != verdicts[1]:
            title = now.title if now else was.title if was else ""
            controls[identity] = MoveRecord("control", identity, title, *verdicts, causes.of_control(was, now))
    profiles = _profile_moves(old, new, causes, controls)
    return (*_claim_move(old, new, causes, profiles), *profiles, *controls.values())


def _profile_moves(old: Assessment, new: Assessment, causes: Causes, controls: dict[str, MoveRecord]) -> tuple[MoveRecord, ...]:
    before, after = ({p.id: p for p in side.profiles} for side in (old, new))
    moves = []
    for identity in dict.fromkeys((*after, *before)):
        was, now = before.get(identity), after.get(identity)
        verdicts = (was.verdict if was else NONE, now.verdict if now else NONE)
        if verdicts[0] != verdicts[1]:
            held = {c for profile in (was, now) if profile for c in profile.controls}
            why = causes.of_profile(identity, (controls[c].causes for c in controls if c in held))
            moves.append(MoveRecord("profile", identity, now.title if now else was.title if was else "", *verdicts, why))
    return tuple(moves)


def _claim_move(old: Assessment, new: Assessment, causes: Causes, profiles: tuple[MoveRecord, ...]) -> tuple[MoveRecord, ...]:
    was, now = old.claim, new.claim
    verdicts = (was.verdict if was else NONE, now.verdict if now else NONE)
    claim = now or was
    if claim is None or verdicts[0] == verdicts[1]:
        return ()
    why = causes.of_profile(claim.profile, (m.causes for m in profiles if m.id == claim.profile))
    return (MoveRecord("claim", claim.profile, claim.label, *verdicts, why),)


Record = FindingRecord | FlowRecord


def _changes(before: dict[str, Record], after: dict[str, Record], names: tuple[str, ...]) -> tuple[ChangeRecord, ...]:
    found = []
    for identity in dict.fromkeys((*after, *before)):
        was, now = before.get(identity), after.get(identity)
        if was is not None and now is not None:
            pairs = [(name, _word(getattr(was, name)), _word(getattr(now, name))) for name in names]
            moved = tuple(pair for pair in pairs if pair[1] != pair[2])
            if moved:
                found.append(ChangeRecord("changed", identity, _title(now), moved))
        elif now is not None:
            found.append(ChangeRecord("appeared", identity, _title(now), ()))
        elif was is not None:
            found.append(ChangeRecord("vanished", identity, _title(was), ()))
    return tuple(found)


def _title(record: Record) -> str:
    if isinstance(record, FindingRecord):
        return record.title
    return f"{record.source} → {record.destination}: {record.purpose or 'traffic without a known purpose'}"


def _word(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _recipients(old: Assessment, new: Assessment) -> tuple[RecipientRecord, ...]:
    """Return whose share in which class of data moved, by class in vocabulary order, then by recipient."""
    before, after = _shares(old), _shares(new)
    classes = [c.value for c in DataClass]
    keys = sorted(before.keys() | after.keys(), key=lambda k: (classes.index(k[0]) if k[0] in classes else len(classes), k))
    pairs = [(key, before.get(key, 0), after.get(key, 0)) for key in keys]
    return tuple(RecipientRecord(*key, _SHARES[was], _SHARES[now]) for key, was, now in pairs if was != now)


def _shares(side: Assessment) -> dict[tuple[str, str], int]:
    """Return (data class, recipient outside) -> index into ``_SHARES``; data goes both ways whoever dials."""
    components = {c.id: c for c in side.components}
    operators = {o.id: o.title for o in side.operators}
    shares: dict[tuple[str, str], int] = {}
    for flow in side.flows:
        if flow.exists == "no":
            continue
        sure = flow.exists == "yes"
        for end, candidates, classes, certain in (
            (flow.destination, flow.destination_candidates, flow.sends_at_most, flow.sends_at_least if sure else ()),
            (flow.source, flow.source_candidates, flow.receives, flow.receives if sure else ()),
        ):
            if all(c in components and components[c].place.inside == "yes" for c in candidates or (end,)):
                continue
            component = components.get(end)
            operator = component.place.operator if component else ""
            who = operators.get(operator, operator) or (component.title if component else "") or end
            for data in dict.fromkeys((*classes, *certain)):
                shares[data, who] = max(shares.get((data, who), 0), 2 if data in certain else 1)
    return shares
