"""Property lists: managed settings on macOS."""

from __future__ import annotations

import pytest

from auditor.documents.plist_reader import parse_plist
from auditor.documents.source import FaultError

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n'


def test_values_and_places() -> None:
    text = HEAD + "<dict>\n  <key>env</key>\n  <dict><key>URL</key><string>https://ü.example</string></dict>\n"
    text += "  <key>list</key><array><true/><integer>3</integer></array>\n</dict></plist>\n"
    (parsed,) = parse_plist(text)
    url = parsed.root.at("env", "URL")
    assert url is not None
    assert (url.text, url.line, url.column) == ("https://ü.example", 5, 31)
    assert [parsed.root.at("list", n).text for n in (0, 1)] == ["true", "3"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<plist><dict>", "the file is not valid XML"),
        (HEAD + "<table/></plist>", "the file is no property list"),
        (HEAD + "<dict><key>a</key></dict></plist>", "the file is no property list"),
        (
            '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><plist><string>&b;</string></plist>',
            "the file declares entities",
        ),
        (HEAD + "<array>" * 200 + "</array>" * 200 + "</plist>", "the file is nested too deeply"),
    ],
)
def test_what_is_no_property_list_is_refused(text: str, what: str) -> None:
    with pytest.raises(FaultError) as caught:
        parse_plist(text)
    assert caught.value.what == what
