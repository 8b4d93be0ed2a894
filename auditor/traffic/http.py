"""HTTP/1 requests (RFC 9112): Host, absolute form, CONNECT."""

from __future__ import annotations

import re

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side, host_of
from auditor.traffic.proxied import through_proxy

# Several blanks are what RFC 9112, section 3, lets a server take.
_REQUEST = re.compile(rb"([A-Za-z_-]{3,32})[ \t]{1,256}(\S{1,8192})[ \t]{1,256}HTTP/1\.[01][ \t]{0,256}\r?\n")
_BEGUN = re.compile(
    rb"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|ACL|BASELINE-CONTROL|BIND|CHECKIN|CHECKOUT|COPY|LABEL|"
    rb"LINK|LOCK|MERGE|MKACTIVITY|MKCALENDAR|MKCOL|MKREDIRECTREF|MKWORKSPACE|MOVE|M-SEARCH|NOTIFY|ORDERPATCH|PROPFIND|PROPPATCH|"
    rb"PURGE|QUERY|REBIND|REPORT|SEARCH|SUBSCRIBE|UNBIND|UNCHECKOUT|UNLINK|UNLOCK|UNSUBSCRIBE|UPDATE|UPDATEREDIRECTREF|"
    rb"VERSION-CONTROL|RPC_IN_DATA|RPC_OUT_DATA|SSTP_DUPLEX_POST|BITS_POST)[ \t]"
)
"""Methods of the IANA registry, of UPnP, of caches and of Microsoft's tunnels, by which a request is known before its line is
whole: lines of other protocols begin with words, too."""
_HOST = re.compile(rb"\n[Hh][Oo][Ss][Tt]:[ \t]*([^\r\n]*)\r?\n")
_END = re.compile(rb"\r?\n\r?\n")
_AUTHORITY = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{0,15}://(?:[^/@?#]*@)?([^/?#]*)")
_STATUS = (b"HTTP/1.0 ", b"HTTP/1.1 ")


def recognise_http(data: bytes) -> Finding | None:
    """Return what a stream beginning with ``data`` tells, ``None`` when it is not HTTP.

    Only the first request of a connection is read.
    """
    if data.startswith(_STATUS):
        return Finding("http", Side.SERVER)
    if data[:1] in b"\r\n":
        data = data.lstrip(b"\r\n")  # empty lines before a request are passed over (RFC 9112, section 2.2)
    request = _REQUEST.match(data)
    if request is None:
        return Finding("http", Side.CLIENT, hidden=True, more=True) if _BEGUN.match(data) else None
    return _request(data, *request.groups())


def _request(data: bytes, method: bytes, target: bytes) -> Finding:
    """Read a request whose first line is complete."""
    if method == b"CONNECT":
        name, head = host_of(target), _END.search(data)
        if head is None:
            return Finding("http_connect", Side.CLIENT, name, NameRung.PROXY_AUTHORITY if name else NameRung.NONE, more=True)
        rest = data[head.end() :]
        if rest.startswith(b"CONNECT "):  # asked again, now with what the proxy wanted to see (RFC 9110, section 11.7.1)
            return recognise_http(rest) or Finding("http_connect", Side.CLIENT, name)
        return through_proxy("http_connect", name, rest, recognise_http)
    authority = _AUTHORITY.match(target)
    if authority is not None:
        return _named("http", host_of(authority[1]), NameRung.PROXY_AUTHORITY)
    head_end = _END.search(data)
    host = _HOST.search(data, 0, head_end.end() if head_end else len(data))
    if host is None:
        return Finding("http", Side.CLIENT, hidden=head_end is None, more=head_end is None)
    return _named("http", host_of(host[1]), NameRung.HTTP_HOST)


def _named(protocol: str, name: str, rung: NameRung) -> Finding:
    """Build a finding; an authority that is an address hides nothing, it just is no name."""
    return Finding(protocol, Side.CLIENT, name, rung if name else NameRung.NONE)
