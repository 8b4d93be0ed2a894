"""Locations in the path of a URL: Google's addresses name a location twice, in the host and in the path, and both must agree.

Source: Google Cloud, "Locations" of the Gemini Enterprise Agent Platform (2026): the host decides which front end answers, the
path which location serves the model; only where they name the same one does the host tell where a model runs.
"""

from __future__ import annotations

import re

_PATH = re.compile(r"/locations/([A-Za-z0-9-]+)")
_HOST = re.compile(r"(?:([a-z0-9-]+)-aiplatform|aiplatform(?:\.([a-z]+)\.rep)?)\.googleapis\.com")
_GLOBAL = "global"


def location_conflict(text: str, host: str) -> str:
    """Return why ``host`` does not tell where requests to the URL ``text`` are processed, empty where it may tell."""
    found, known = _PATH.search(text), _HOST.fullmatch(host)
    if found is None or known is None:
        return ""
    named, own = found.group(1).lower(), known.group(1) or known.group(2) or _GLOBAL
    if named == own:
        return ""
    return f"the path of the address names the location {named}, and its host {own}: which of them serves is not known"
