"""Which names announce a secret, and which values are none whatever their name."""

from __future__ import annotations

import functools
import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# fmt: off
_SECRET_WORDS = frozenset(
    {
        "token", "tokens", "secret", "password", "passwords", "passwd", "passphrase", "pwd", "credential",
        "credentials", "apikey", "apikeys", "key", "keys", "jwt", "authtoken", "accesstoken", "accesskey", "secretkey",
        "masterkey", "privatekey", "pat", "cookie", "cookies", "auth", "authorization", "salt",
    }
)
# fmt: on
_GLUED = re.compile(r"(?:password|passwd|secret|token|apikey|accesskey|secretkey|masterkey|privatekey|credentials?|passphrase)\Z")
# fmt: off
_LOCATORS = frozenset(
    {
        "file", "path", "ref", "name", "names", "url", "uri", "endpoint", "host", "id", "type", "ttl", "duration",
        "lifetime", "expiry", "max", "min", "length", "limit", "count", "enabled", "enable", "header", "prefix",
        "format", "class", "mode", "size", "dir", "directory", "mount", "source", "provider", "issuer", "usage",
    }
)
# fmt: on
# fmt: off
_OTHER_KEYS = frozenset(
    {
        "public", "cache", "primary", "sort", "foreign", "partition", "routing", "topology", "label", "group", "map",
        "object", "property",
    }
)
# fmt: on
# fmt: off
_NOT_SECRET = frozenset(
    {
        "key", "keys", "secret", "secrets", "auth", "existingsecret", "imagepullsecret", "imagepullsecrets",
        "pullsecret", "tlssecret",
    }
)
# fmt: on
"""Alone these name a reference (``secretKeyRef: {name, key}``, Compose ``secrets:``) rather than hold a secret."""

_PASSWORD = re.compile(r"passw(?:or)?d|passphrase|pwd", re.IGNORECASE)
_BOOLEANS = re.compile(
    r"(?:true|false|yes|no|on|off|null|none|nil|enabled?|disabled?|optional|required|auto|default)\Z", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d|[kmgKMG]i?)?\Z")
_REFERENCE = re.compile(
    r"\$\{[A-Za-z_][\w.]*(?:(?::?[-?+]))?\}\Z|\$[A-Za-z_]\w*\Z|\$\([A-Za-z_]\w*\)\Z|\$?\{\{[^{}]*\}\}\Z|<[^<>]*>\Z|%\w+%\Z"
    r"|os\.environ/\w+\Z|env[:.]\w+\Z|(?:vault|secret|secretref|op|ref|file|arn|projects|azure-?keyvault|sops|gcpsm|awssm)[:/]\S*\Z"
    r"|@Microsoft\.KeyVault\(.*\)\Z|/(?:run|var/run)/secrets/\S*\Z|/etc/\S*\Z",
    re.IGNORECASE,
)
_OF_VARIABLES = re.compile(r"(?:\A|[._\-])env[._\-]?key\Z", re.IGNORECASE)
"""Keys whose value is the name of a variable that holds the secret (``env_key`` of Codex)."""
_VARIABLE = re.compile(r"[A-Za-z_]{1,60}\Z")
"""Letters alone: a key that stands there by mistake has digits."""
_DUMMY = re.compile(
    r"(?:change[-_ ]?me|replace[-_ ]?me|redacted|x{3,}|\*+|\.{3}|placeholder|dummy|example|todo|your[-_ ][\w -]{1,40}"
    r"|secret-(?:\d+|[0-9a-f]{12}))\Z",
    re.IGNORECASE,
)


@functools.lru_cache(maxsize=4096)
def announces_secret(name: str) -> bool:
    """Return whether a value under the key ``name`` is to be taken for a secret.

    ``CODER_PG_PASSWORD``, ``apiKey``, ``master-key`` do; ``…_KEY_FILE``, ``secretKeyRef``, ``existingSecret``,
    ``token_url`` and ``publicKey`` do not.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or "".join(words) in _NOT_SECRET:
        return False
    if words[-3:] == ["access", "key", "id"]:
        return True
    last = words[-1]
    if last in _LOCATORS:
        return False
    if last.isdigit() and len(words) > 1:
        last = words[-2]
    if last in ("key", "keys") and len(words) > 1 and words[-2] in _OTHER_KEYS:
        return False
    return last in _SECRET_WORDS or _GLUED.search(last) is not None


def is_no_secret(name: str, value: str) -> bool:
    """Return whether ``value`` is empty, a switch, a number, a reference or a placeholder.

    A number under a name that says *password* counts as a secret: people choose such passwords.
    """
    text = value.strip()
    if not text or _BOOLEANS.match(text) or _REFERENCE.match(text) or _DUMMY.match(text):
        return True
    if _OF_VARIABLES.search(name) is not None and _VARIABLE.match(text) is not None:
        return True
    return _NUMBER.match(text) is not None and _PASSWORD.search(name) is None
