"""One escape function a sink: everything from outside is hostile text until it went through its own.

=================  ==================================================================
terminal           ``clean``
HTML               ``clean`` (as Jinja's ``finalize``), then Jinja's autoescape
SVG, XML text      ``svg_text``
SVG, XML attribute ``svg_attribute``
JSON inside HTML   ``json_in_html``
SARIF, GitLab      ``clean``, then ``shortened``
Markdown           ``clean``, then ``markdown_text``
cell (CSV)         ``clean``, then ``cell``
cell (XLSX)        ``clean``, then ``shortened``, written as a string
OSCAL markup       ``clean``, then ``commonmark_text``
path as a link     ``relative_reference``
PDF                ``clean``, then data of the template, never its source
workflow command   ``clean``, then ``workflow_text`` or ``workflow_property``
YAML scalar        ``yaml_scalar``
YAML comment       ``yaml_comment``
=================  ==================================================================
"""

from __future__ import annotations

import json
import re
import unicodedata
from urllib.parse import quote

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs"})
"""Unicode categories that move the cursor, reorder or hide text: controls, formats (bidi), separators, private, surrogates."""

_NOT_IN_XML = "\ufffe\uffff"
"""No characters at all, and refused by XML 1.0 even as references (section 2.2)."""
_LAST_OF_FOUR_DIGITS = 0xFFFF
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = _MARKUP | str.maketrans({'"': "&quot;", "'": "&#39;"})
_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]~#$!"} | {"|": "&#124;"}) | _MARKUP
_COMMONMARK = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#!~|$^&"})
_WWW = re.compile(r"(www)\.", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_767
"""Characters in a cell (Microsoft, "Excel specifications and limits")."""
_YAML_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*\Z")
_SURROGATES = re.compile("[\ud800-\udfff]")
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_WORKFLOW = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _WORKFLOW | str.maketrans({":": "%3A", ",": "%2C"})


def clean(text: str) -> str:
    r"""Return ``text`` with every invisible or controlling character written as ``\uXXXX`` (or ``\UXXXXXXXX``).

    A newline is such a character: whoever wants lines splits before cleaning.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def shortened(text: str, longest: int) -> str:
    """Return ``text`` cut to ``longest`` characters, the last of them an ellipsis where something was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def svg_text(text: str) -> str:
    """Return ``text`` for an SVG or XML text node."""
    return clean(text).translate(_MARKUP)


def svg_attribute(text: str) -> str:
    """Return ``text`` for an SVG or XML attribute in either kind of quotes."""
    return clean(text).translate(_ATTRIBUTE)


def json_in_html(value: object) -> str:
    """Return ``value`` as JSON that no HTML parser can leave: ASCII only, ``<``, ``>`` and ``&`` escaped.

    Raises:
        TypeError: ``value`` is not made of JSON types.
        ValueError: a number is not finite.
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).translate(_JSON)


def markdown_text(text: str) -> str:
    """Return ``text`` (without line breaks) for a paragraph or a table cell of Markdown, never at the start of a line.

    Nothing in it is markup, markup of HTML, a link that a renderer makes by itself, a formula, or the mention of a person
    (an empty comment behind ``@`` keeps GitHub and GitLab from notifying whoever has that name).
    """
    escaped = text.translate(_MARKDOWN).replace("://", ":\\/\\/")
    return _WWW.sub(r"\1\.", escaped).replace("@", "@<!-- -->")


def commonmark_text(text: str) -> str:
    r"""Return ``text`` (without line breaks) for a paragraph of CommonMark in which nothing is markup.

    Any punctuation may stand behind ``\`` there (CommonMark, "Backslash escapes"); braces too, because OSCAL inserts
    parameters between them.
    """
    return text.translate(_COMMONMARK)


def relative_reference(path: str) -> str:
    """Return a path as a relative reference (RFC 3986): no scheme, no authority, every other character percent-encoded."""
    return quote(path.lstrip("/"), safe="/", errors="backslashreplace")


def cell(text: str) -> str:
    """Return ``text`` for a cell of a table that a spreadsheet may open: never a formula, never longer than a cell may be.

    What a spreadsheet would read as a formula gets an apostrophe in front, also behind blanks and in full width (OWASP,
    "CSV Injection").
    """
    guarded = f"'{text}" if text.lstrip().startswith(_FORMULA) else text
    return shortened(guarded, LONGEST_CELL)


def workflow_text(text: str) -> str:
    """Return ``text`` for the message of a workflow command of GitHub Actions."""
    return text.translate(_WORKFLOW)


def workflow_property(text: str) -> str:
    """Return ``text`` for a property of a workflow command of GitHub Actions."""
    return text.translate(_PROPERTY)


def yaml_scalar(text: str) -> str:
    """Return a scalar that YAML 1.1 and 1.2 read as exactly this text, on one line; a lone surrogate becomes U+FFFD."""
    if _YAML_PLAIN.match(text) is not None and text.lower() not in _YAML_WORDS:
        return text
    # JSON's escapes are YAML's, but for pairs of surrogates: characters beyond the first plane stand as they are.
    return clean(json.dumps(_SURROGATES.sub("\ufffd", text), ensure_ascii=False))


def yaml_comment(text: str) -> str:
    """Return ``text`` for a comment of YAML, squid or nftables that ends with its line."""
    return clean(" ".join(text.split()))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in HIDDEN_CATEGORIES and character not in _NOT_IN_XML:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"
