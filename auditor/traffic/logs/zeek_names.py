"""What Zeek's ssl, quic, http, socks and tunnel logs say of a connection, by its ``uid``."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.traffic.logs.fields import address, host_name
from auditor.traffic.logs.names import Told, take_request
from auditor.traffic.logs.values import Values
from auditor.traffic.logs.zeek_records import ZeekRecord, count_unknown

MOST_JOINED = 2_000_000
"""Connections of which the other logs are kept; what comes later is counted and not joined."""
_TUNNELS = {
    "ip": "ipip", "gre": "gre", "vxlan": "vxlan", "geneve": "geneve", "teredo": "teredo", "gtpv1": "gtp", "ayiya": "ayiya",
}  # fmt: skip
_COMMON = frozenset({"ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "_write_ts", "_system_name", "_node"})
KNOWN: dict[str, frozenset[str]] = {
    "ssl": _COMMON | {
        "version", "cipher", "curve", "server_name", "resumed", "last_alert", "next_protocol", "established", "ssl_history",
        "cert_chain_fps", "client_cert_chain_fps", "cert_chain_fuids", "client_cert_chain_fuids", "subject", "issuer",
        "client_subject", "client_issuer", "sni_matches_cert", "validation_status", "ja3", "ja3s", "ja4", "ja4s",
    },
    "quic": _COMMON | {
        "version", "client_initial_dcid", "client_scid", "server_scid", "server_name", "client_protocol", "history",
    },
    "http": _COMMON | {
        "trans_depth", "method", "host", "uri", "referrer", "version", "user_agent", "origin", "request_body_len",
        "response_body_len", "status_code", "status_msg", "info_code", "info_msg", "tags", "username", "password", "proxied",
        "orig_fuids", "orig_filenames", "orig_mime_types", "resp_fuids", "resp_filenames", "resp_mime_types",
    },
    "socks": _COMMON | {
        "version", "user", "password", "status", "request.host", "request.name", "request_p", "bound.host", "bound.name",
        "bound_p",
    },
    "tunnel": _COMMON | {"tunnel_type", "action"},
}  # fmt: skip
"""The logs that are joined, and the fields that Zeek 8 writes into them (and ja3, ja4 packages)."""


@dataclass(slots=True)
class Joined:
    """All that is known by ``uid``."""

    by_uid: dict[str, Told] = field(default_factory=dict)

    def add(self, record: ZeekRecord, values: Values) -> None:
        """Remember a line of a log that is joined."""
        count_unknown(values.coverage, record, KNOWN[record.path])
        uid = values.text("uid")
        if not uid:
            values.coverage.note(f"no_uid:{record.path}")
            return
        known = self.by_uid.get(uid)
        if known is None:
            if len(self.by_uid) >= MOST_JOINED:
                values.coverage.note("join_over_limit")
                return
            known = self.by_uid[uid] = Told()
        _TAKE[record.path](known, values)


def _tls(known: Told, values: Values) -> None:
    known.tls = True
    _shown(known, values)


def _quic(known: Told, values: Values) -> None:
    known.quic = True
    _shown(known, values)


def _shown(known: Told, values: Values) -> None:
    known.shown = known.shown or values.text("server_name")
    known.sni = known.sni or host_name(known.shown)


def _http(known: Told, values: Values) -> None:
    take_request(known, values.text("method"), values.text("uri"), values.text("host"), values.coverage)


def _socks(known: Told, values: Values) -> None:
    known.proxy_kind = "socks"
    known.proxy = known.proxy or values.host("request.name") or values.host("request.host")


def _tunnel(known: Told, values: Values) -> None:
    word = values.text("tunnel_type").rpartition("::")[2].lower()
    known.tunnel = _TUNNELS.get(word, "")
    if not known.tunnel and word not in ("socks", "http"):  # those two are told better by logs of their own
        values.coverage.note(f"tunnel_type:{word}")
    known.ends = (address(values.text("id.orig_h")), address(values.text("id.resp_h")))


_TAKE = {"ssl": _tls, "quic": _quic, "http": _http, "socks": _socks, "tunnel": _tunnel}
