"""Secrets replaced where files are read: no later stage ever holds one.

``Redactor`` knows texts; ``redact`` applies it to a parsed tree and to the lines that excerpts come from.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from auditor.documents.secret_names import announces_secret, is_no_secret

_WORTH_SEARCHING = 8
"""Shorter secrets are replaced where they stand only: a password "coder" must not blank every "coder"."""

_BREAK = re.compile(r"\r\n|\n|\r")
# Repetitions that nothing anchors are bounded: hostile text must not cost quadratic time.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,30}://[^\s\"'<>]+")
_USERINFO = re.compile(
    r"([A-Za-z][A-Za-z0-9+.\-]{0,30}://)"
    r"([^\s\"'<>/?#@:\[]*:(?!\d{1,5}(?:[/?#,;|]|\Z))(?:(?!://)[^\s\"'<>])*|[^\s\"'<>/?#:@]+)@"
)
"""A password may hold "/", "?", "#" or "@" although it should be percent-encoded; what looks like a port is one."""
_QUERY = re.compile(r"([?&;])([A-Za-z_][\w.\-]*)=([^&;#\s\"'<>]+)")
_ASSIGNMENT = re.compile(
    r"(?<![\w$])(-{0,2}[A-Za-z_][\w.\-]{0,100})(\s*[=:]\s*|[\"']\s*:\s*)"
    r"(\"(?:[^\"\\\r\n]|\\.)+\"|'[^'\r\n]+'|(?:bearer|basic|token|apikey|digest)\s+[^\s\"',;{}\[\]]+|[^\s\"',;{}\[\]]+)",
    re.IGNORECASE,
)
_FLAG = re.compile(r"(?<!\S)(--?[A-Za-z][\w\-]*)([ \t]+)(\"(?:[^\"\\\r\n]|\\.)+\"|'[^'\r\n]+'|[^\s\"'\-][^\s\"']*)")
_AUTHORIZATION = re.compile(r"\b((?:bearer|basic|token|apikey)\s+)((?=\S*\d|\S{20})[A-Za-z0-9._~+/=\-]{8,})", re.IGNORECASE)
_SCHEME = re.compile(r"((?:bearer|basic|token|apikey|digest|negotiate)\s+)(.+)\Z", re.IGNORECASE | re.DOTALL)
_DEFAULT = re.compile(r"(\$\{[A-Za-z_]\w*:?[-+])([^${}]+)(\})\Z")
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,40}|PGP MESSAGE)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
_SHAPES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_\-]{16,}|sk_(?:live|test)_[A-Za-z0-9]{10,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|glpat-[A-Za-z0-9_\-]{16,}|xox[abeoprs]-[A-Za-z0-9\-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_\-]{30,}"
    r"|ya29\.[A-Za-z0-9_\-]{20,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{20,}|pypi-[A-Za-z0-9_\-]{30,}|hvs\.[A-Za-z0-9_\-]{20,}"
    r"|eyJ[A-Za-z0-9_\-]{8,1000}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*|key_[a-f0-9]{32,}|crsr_[A-Za-z0-9]{16,}"
    r"|[A-Za-z0-9]{10}-[A-Za-z0-9]{22}(?![A-Za-z0-9\-])"
    r")"
)
_HOOK = re.compile(r"(https://(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/)([\w/\-]+)")


class Redactor:
    """Labels secrets: ``secret-1`` … in order of first appearance over the run, or by keyed digest."""

    def __init__(self, key: bytes | None = None) -> None:
        """With ``key`` a label is ``secret-`` and 12 hexadecimal digits of HMAC-SHA-256: comparable across runs."""
        self._key = key
        self._labels: dict[str, str] = {}
        self._passwords: dict[str, str] = {}
        """Password inside an address -> label of the address's whole user part, to find it standing alone."""
        self._ordered: list[tuple[str, str]] = []

    def label(self, secret: str) -> str:
        """Return the label of ``secret``; the same secret always gets the same one."""
        known = self._labels.get(secret)
        if known is None:
            if self._key is None:
                known = f"secret-{len(self._labels) + 1}"
            else:
                known = f"secret-{hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()[:12]}"
            self._labels[secret] = known
        return known

    def value(self, name: str, text: str) -> str:
        """Return ``text``, found under the key ``name`` (may be empty), with every secret in it replaced."""
        if is_no_secret(name, text):
            return text
        if announces_secret(name):
            return self._announced(text)
        return self.text(text)

    def text(self, text: str) -> str:
        """Return ``text`` with everything replaced whose own form shows that it is secret."""
        text = _PEM.sub(lambda m: self.label(m.group()), text)
        text = _HOOK.sub(lambda m: m.group(1) + self.label(m.group(2)), text)
        if "://" in text:
            text = _USERINFO.sub(self._userinfo, text)
            text = _QUERY.sub(self._pair, text)
        text = _SHAPES.sub(lambda m: self.label(m.group()), text)
        text = _AUTHORIZATION.sub(self._scheme, text)
        text = _ASSIGNMENT.sub(self._assignment, text)
        return _FLAG.sub(self._assignment, text)

    def known(self, text: str) -> str:
        """Return ``text`` with every secret replaced that was met so far and is long enough to be searched for."""
        searched = {**self._passwords, **self._labels}
        if len(self._ordered) != len(searched):
            self._ordered = sorted(searched.items(), key=lambda s: (-len(s[0]), s[0]))
        for secret, label in self._ordered:
            if len(secret) < _WORTH_SEARCHING:
                break
            text = text.replace(secret, label)
        return text

    def private_blocks(self, text: str) -> str:
        """Return ``text`` with PEM private keys replaced; as many line ends as before."""
        return _PEM.sub(lambda m: self.label(m.group()) + "\n" * len(_BREAK.findall(m.group())), text)

    def _announced(self, text: str) -> str:
        """Replace a value whose name says that it is secret, keeping scheme and host of an address."""
        scheme = _SCHEME.match(text)
        if scheme is not None:
            rest = scheme.group(2)
            return text if is_no_secret("", rest) else scheme.group(1) + self.label(rest)
        default = _DEFAULT.match(text)
        if default is not None:
            inner = default.group(2)
            return text if is_no_secret("password", inner) else default.group(1) + self.label(inner) + default.group(3)
        if _URL.fullmatch(text):
            return self.text(text)
        return self.label(text)

    def _userinfo(self, match: re.Match[str]) -> str:
        user, colon, password = match.group(2).partition(":")
        # A name alone is a token where a web server asks for it (git over HTTPS), and else just a name.
        alone = match.group(1).lower().startswith("http") and not is_no_secret("", user)
        if not is_no_secret("password", password) if colon else alone:
            label = self.label(match.group(2))
            self._passwords.setdefault(password or user, label)
            # A host with an empty port, or before a backslash, may be who is contacted: then none must be read behind the "@".
            doubtful = "\\" in match.group(2) or password[:1] in ("/", "?", "#")
            return f"{match.group(1)}{label}\\@" if doubtful else f"{match.group(1)}{label}@"
        return match.group()

    def _pair(self, match: re.Match[str]) -> str:
        mark, name, value = match.groups()
        secret = (announces_secret(name) or name.lower() in ("sig", "signature", "key")) and not is_no_secret(name, value)
        return f"{mark}{name}={self.label(value)}" if secret else match.group()

    def _scheme(self, match: re.Match[str]) -> str:
        return match.group() if is_no_secret("", match.group(2)) else match.group(1) + self.label(match.group(2))

    def _assignment(self, match: re.Match[str]) -> str:
        name, mark, raw = match.groups()
        quote = raw[0] if raw[0] in "'\"" else ""
        value = raw[1:-1] if quote else raw
        if not announces_secret(name) or is_no_secret(name, value) or value.startswith("//"):
            return match.group()
        return f"{name}{mark}{quote}{self._announced(value)}{quote}"
