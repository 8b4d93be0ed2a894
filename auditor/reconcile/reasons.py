"""One plain sentence for every row: why it has its name."""

from __future__ import annotations

from auditor.facts.vocabulary import RowName

_SENTENCES: dict[RowName, str] = {
    RowName.BYPASS: (
        "Data was seen ({seen}) although the network does not permit it; possible causes: address translation, host "
        "network, a policy newer than the packets, a missing policy file, a policy that is not enforced."
    ),
    RowName.CONFIRMED: "Intended ({why}) and seen: {seen}.",
    RowName.CONFIRMED_SHARED: (
        "Intended ({why}); its channel carried data ({seen}) that at least one of {sharers} flows explains."
    ),
    RowName.UNEXPLAINED: "Data was seen ({seen}), and whether anybody intends it is not known: {why}.",
    RowName.UNDECLARED: "Data was seen ({seen}), and nobody intends it: {why}.",
    RowName.BLOCKED: "Intended ({why}), and the network does not permit it.",
    RowName.SILENT: "Intended ({why}), never seen, though the sensor would have seen it: {seen}.",
    RowName.UNEXERCISED: "Intended ({why}), not seen, and no sensor would have been sure to see it: {seen}.",
    RowName.ATTEMPTED: "Tried, and no data went: {seen}.",
    RowName.POSSIBLE: "Whether it is on is not known ({why}), and nothing of it was seen: {seen}.",
    RowName.LATENT: "Nobody intends it ({why}), and the network permits it.",
    RowName.OPEN: "Nobody intends it ({why}), and whether the network permits it is not known.",
    RowName.ABSENT: "Switched off ({why}), and nothing of it was seen.",
}


def sentence(name: RowName, why: str, seen: str, sharers: int) -> str:
    """Return why a row has its name; ``why`` speaks of the intention, ``seen`` of the sighting."""
    return _SENTENCES[name].format(why=why.rstrip("."), seen=seen.rstrip("."), sharers=sharers)
