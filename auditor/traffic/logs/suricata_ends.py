"""Which end of a Suricata event dialled: most events stand in the direction of the client, those of packets as the packet went.

Source: Suricata User Guide, "Eve JSON Format": alert, anomaly, drop and fileinfo; ``direction`` since version 7 (read 2026-11).
"""

from __future__ import annotations

from auditor.traffic.internet import TCP
from auditor.traffic.logs.fields import protocol_number
from auditor.traffic.logs.local import packed
from auditor.traffic.logs.values import Values
from auditor.traffic.orientation import orient_by_ends, service_port

OF_PACKETS = frozenset({"alert", "anomaly", "drop", "fileinfo"})
"""Events whose ends are those of one packet, or of the file that was sent."""
_TURNED = {"src_ip": "dest_ip", "src_port": "dest_port", "dest_ip": "src_ip", "dest_port": "src_port"}


def of_client(values: Values) -> tuple[Values, str]:
    """Return the event in the direction of who dialled, and what tells it."""
    if values.text("event_type") not in OF_PACKETS:
        return values, "log"
    direction = values.text("direction")
    if direction in ("to_server", "to_client"):
        return (_turned(values) if direction == "to_client" else values), "log"
    side, rule = _by_ports(values)
    return (_turned(values) if side else values), rule


def _by_ports(values: Values) -> tuple[int, str]:
    number = protocol_number(values.text("proto"))
    source, destination = values.address("src_ip"), values.address("dest_ip")
    sport, dport = values.port("src_port"), values.port("dest_port")
    if number is None or sport is None or dport is None or not (source and destination):
        return 0, "first_frame"
    decided = service_port(number, sport, dport)
    if decided is None and number == TCP:
        decided = orient_by_ends(TCP, (packed(source), sport), (packed(destination), dport))
    return (0, "first_frame") if decided is None else (decided[0], decided[1].value)


def _turned(values: Values) -> Values:
    return Values({_TURNED.get(name, name): value for name, value in values.record.items()}, values.coverage)
