"""Countries: ISO 3166-1 alpha-2 codes, and the sets that residency rules speak of, member by member.

Sources: ISO 3166-1 (249 officially assigned codes); European Union and EEA membership as of 2024-01-01
(europa.eu, efta.int). Groups are explicit sets: a place is never "in the EU", it is in named countries.
"""

from __future__ import annotations

# fmt: off
ISO_3166_ALPHA2: frozenset[str] = frozenset(
    {
        "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD", "BE",
        "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA", "CC", "CD",
        "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM",
        "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF",
        "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU",
        "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN",
        "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME",
        "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA",
        "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
        "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI",
        "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK",
        "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI",
        "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW",
    }
)
# fmt: on
"""Officially assigned codes; ``NO`` is Norway."""

# fmt: off
EU: frozenset[str] = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)
# fmt: on
"""The 27 member states of the European Union."""

EEA: frozenset[str] = EU | {"IS", "LI", "NO"}
"""The European Economic Area: the Union, Iceland, Liechtenstein and Norway."""

GROUPS: dict[str, frozenset[str]] = {"EEA": EEA, "EU": EU}
"""Names that people write instead of codes; readers refuse them and name the members."""

COMMON_MISTAKES: dict[str, str] = {"UK": "GB", "EL": "GR"}
"""Codes that are not assigned, and what is meant by them."""


def country_help(code: str) -> tuple[str, str]:
    """Return why ``code`` is no country, and what to write in its place."""
    upper = code.upper()
    if upper in GROUPS:
        return "a group of countries is not a place", f"list the countries: {', '.join(sorted(GROUPS[upper]))}"
    if upper in COMMON_MISTAKES:
        return "the code is not assigned to a country", f'did you mean "{COMMON_MISTAKES[upper]}"?'
    if upper in ISO_3166_ALPHA2:
        return "codes are written in capitals", f'did you mean "{upper}"?'
    return "the code is not assigned to a country", "use the two-letter code of each country"
