"""Each file of ``fixtures/bad`` is named by its defect; every fault in it is told with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.facts.vocabulary import DataClass
from auditor.manifest import load_attestations, load_manifest, load_waivers

BAD = Path(__file__).resolve().parents[2] / "fixtures" / "bad"
Fault = tuple[int, int, str, str, str]

SYNTAX, CORRECT, COPY = "correct the syntax at this place", "correct the value", "copy what is needed into the folder"
OUTSIDE, TWICE = "it lies outside", "keep one of the two"
UNIQUE, DEFINE, ID, UNASSIGNED = (
    "give each entry its own id",
    "define it under zones:",
    "correct the id",
    "the code is not assigned to a country",
)
NETWORK = ("neither an IPv4 nor an IPv6 network in CIDR form", "write it like 10.20.0.0/16 or fd00:20::/32")
HOST = ("no scheme, port or path; * only as the whole first label", "write it like git.corp.example or *.corp.example")
DATE = ("dates are written year-month-day", "write it like 2026-11-20")
MANIFESTS: dict[str, list[Fault]] = {
    "bad_countries.yaml": [
        (4, 48, '"UK" is not an ISO 3166-1 alpha-2 country code', UNASSIGNED, 'did you mean "GB"?'),
        (
            4,
            52,
            '"EU" is not an ISO 3166-1 alpha-2 country code',
            "a group of countries is not a place",
            (
                "list the countries: AT, BE, BG, CY, CZ, DE, DK, EE, ES, FI, FR, GR, HR, HU, IE, IT, LT, LU, LV, MT, NL, PL, "
                "PT, RO, SE, SI, SK"
            ),
        ),
        (4, 56, '"de" is not an ISO 3166-1 alpha-2 country code', "codes are written in capitals", 'did you mean "DE"?'),
        (4, 60, '"XX" is not an ISO 3166-1 alpha-2 country code', UNASSIGNED, "use the two-letter code of each country"),
    ],
    "bad_inputs.yaml": [
        (5, 5, "an input names exactly one of path, file, capture, log, document", "here: capture, path", "keep one"),
        (6, 5, "an input names exactly one of path, file, capture, log, document", "here: none", "keep one"),
        (7, 21, '"vantage" says nothing of a path', "known here: collected, for, from, governs, state", "remove it"),
        (8, 27, 'for: names "llm", which is no system here', "systems: coder", ID),
        (9, 30, 'sees: names "corp", which is neither a zone nor a component here', "known: coder", ID),
        (10, 32, '"20.11.2026" is not a date', *DATE),
    ],
    "bad_networks_and_hosts.yaml": [
        (4, 41, '"10.20.0.0/33" is not a network', *NETWORK),
        (4, 55, '"corp-net" is not a network', *NETWORK),
        (4, 74, '"https://git.corp.example" is not a host name or pattern', *HOST),
        (4, 102, '"git*.corp.example" is not a host name or pattern', *HOST),
    ],
    "bad_statements.yaml": [
        (5, 12, 'flow begins at "code/control-plane", which is no component here', "known: coder, vllm", ID),
        (6, 48, '"content.code" is not a data class', f"known: {', '.join(DataClass)}", "use one of these, or a group"),
        (7, 47, 'sends is "nothing"', "it is the word none, or a list of data classes", "write a list"),
        (8, 5, 'a statement about a flow lacks "sends"', "", "add sends: none, or a list of data classes"),
        (9, 5, 'the fact lacks "system"', "systems: coder, vllm", "name the system"),
        (10, 31, 'the fact is about system "nobody", which is not defined', "systems: coder, vllm", "name the system"),
        (11, 5, 'a fact lacks "value"', "", 'add value:, for example "on"'),
        (12, 5, "a statement is about exactly one of flow, fact", "", TWICE),
        (13, 52, '"sends" says nothing here', "known here: fact, system, value", "remove it"),
    ],
    "bad_zone_name.yaml": [
        (
            4,
            3,
            'key "Corp Net" has the wrong form',
            "lower-case letters, digits, dot, hyphen or underscore, beginning with a letter or digit",
            "rename it",
        )
    ],
    "duplicate_key.yaml": [(6, 1, 'key "deployment" is given twice', "first at 2:1; programs differ on which one wins", TWICE)],
    "empty.yaml": [(0, 0, "the file is empty", "exactly one is needed", "keep one document")],
    "empty_value.yaml": [(3, 1, "profiles must be a list, and is empty", "", CORRECT)],
    "flow_without_arrow.yaml": [
        (
            5,
            12,
            'states[1].flow is "coder/control-plane to all", which has the wrong form',
            '"source -> destination": component ids, host patterns or *',
            CORRECT,
        )
    ],
    "leaves_folder.yaml": [
        (5, 12, '"../other" leaves the folder of the manifest', OUTSIDE, COPY),
        (6, 12, '"/etc/passwd" leaves the folder of the manifest', OUTSIDE, COPY),
        (7, 16, '"docs/../../contract.pdf" leaves the folder of the manifest', OUTSIDE, COPY),
        (8, 10, '"../waivers.yaml" leaves the folder of the manifest', OUTSIDE, COPY),
    ],
    "list_at_the_top.yaml": [(1, 1, "the file must be a mapping at the top", "", "begin with key: value lines")],
    "malformed.yaml": [
        (
            4,
            6,
            "the file is not valid YAML",
            "while parsing a flow mapping did not find expected ',' or '}' (begun at 3:8)",
            SYNTAX,
        )
    ],
    "missing_keys.yaml": [(4, 5, 'zones.corp lacks "operator"', "", 'add "operator:"')],
    "other_version.yaml": [(1, 10, 'version is "2", and only "1" is known', "the version of the manifest's format", 'write "1"')],
    "overlays.yaml": [
        (
            3,
            1,
            "a manifest has deployment or deployments, not both",
            "deployment is given at 2:13",
            "keep one",
        )
    ],
    "parameter_without_value.yaml": [(3, 31, 'parameters.observed_window must be a mapping, and is the text "30s"', "", CORRECT)],
    "runs_in_nowhere.yaml": [
        (
            3,
            61,
            'runs_in names "coder/workspace", which is no component here',
            "systems: cursor-ide; components: none",
            "write it like coder/workspace",
        )
    ],
    "same_id_twice.yaml": [
        (5, 10, 'system id "coder" is given twice', "first at 4:15", "give each system its own id:"),
        (8, 10, 'component id "git" is given twice', "first at 7:10", "give each component its own id"),
    ],
    "two_documents.yaml": [(0, 0, "the file holds several YAML documents", "exactly one is needed", "keep one document")],
    "unknown_key.yaml": [
        (
            3,
            1,
            'unknown key "zonse"',
            (
                "known here: version, deployment, deployments, claim, zones, perimeter, platform, systems, components, inputs, "
                "absent, ignore, profiles, attestations, waivers, states, contracts, policy_by, parameters"
            ),
            'did you mean "zones"?',
        )
    ],
    "unknown_plane_and_role.yaml": [
        (
            4,
            22,
            (
                'components[1].plane is "suporting", which is not one of: control_plane, agent_loop, inference, execution, '
                "supporting"
            ),
            "",
            'did you mean "supporting"?',
        ),
        (
            4,
            39,
            (
                'components[1].role is "vcs", which is not one of: dashboard_api, identity_provider, provisioner, database, '
                "agent_loop, model_gateway, model_server, workspace, worker, tool_server, source_control, registry, "
                "object_store, telemetry_sink, update_service, resolver, relay, proxy, client"
            ),
            "",
            "use one of these",
        ),
    ],
    "unknown_state.yaml": [
        (5, 28, 'inputs[1].state is "deployed", which is not one of: committed, rendered, live', "", "use one of these")
    ],
    "unknown_system.yaml": [
        (3, 13, 'policy_by names "coder", which is no system here', "systems: none", ID),
        (4, 10, 'absent: names system "coder", which is not defined', "systems: none", ID),
    ],
    "unknown_zone.yaml": [
        (5, 19, 'perimeter names zone "dmz", which is not defined', "defined: corp", DEFINE),
        (7, 28, 'system names zone "cloud", which is not defined', "defined: corp", DEFINE),
        (7, 66, 'component names zone "lab", which is not defined', "defined: corp", DEFINE),
    ],
    "wrong_types.yaml": [
        (3, 8, 'claim must be a mapping, and is the text "self-hosted"', "", CORRECT),
        (4, 8, "zones must be a mapping, and is a list", "", CORRECT),
        (5, 11, "profiles is empty", "", "give at least one"),
    ],
}
WAIVERS: dict[str, list[Fault]] = {
    "bad_date.yaml": [(10, 14, '"soon" is not a date', *DATE)],
    "blank_reason.yaml": [(6, 13, 'waivers[1].reason is " ", which has the wrong form', "", CORRECT)],
    "digest_in_capitals.yaml": [
        (
            11,
            13,
            'waivers[1].digest is "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", which has the wrong form',
            "the digest of that finding as it was approved: 64 hexadecimal digits, as the JSON report gives it",
            CORRECT,
        )
    ],
    "empty_target.yaml": [
        (
            5,
            13,
            'waivers[1].target is "", which has the wrong form',
            "the exact id of one finding, as the report prints it",
            CORRECT,
        )
    ],
    "expires_before_it_begins.yaml": [(10, 14, "expires 2026-11-01, which is not after 2026-11-01", "", "give a later date")],
    "impossible_date.yaml": [(10, 14, '"2026-02-30" is not a date', *DATE)],
    "longer_than_a_year.yaml": [
        (10, 14, "expires after 731 days", "at most 366 days are allowed", "give an earlier date and renew it")
    ],
    "no_digest.yaml": [(3, 5, 'waivers[1] lacks "digest"', "", 'add "digest:"')],
    "no_expiry.yaml": [(3, 5, 'waivers[1] lacks "expires"', "", 'add "expires:"')],
    "same_id_twice.yaml": [(12, 9, 'id "W-1" is given twice', "first at 3:9", UNIQUE)],
    "target_of_other_control.yaml": [
        (
            5,
            13,
            'target "AG-02@coder/control-plane>telemetry.coder.com#telemetry.diagnostic" is no finding of control "AG-01"',
            "a waiver is for one control and one exact finding",
            "copy the finding's id from the report: AG-01@source>destination#class",
        )
    ],
    "wildcard_target.yaml": [
        (
            5,
            13,
            'waivers[1].target is "AG-01@*", which has the wrong form',
            "the exact id of one finding, as the report prints it",
            CORRECT,
        )
    ],
}
ATTESTATIONS: dict[str, list[Fault]] = {
    "expires_before_it_begins.yaml": [(9, 14, "expires 2026-10-01, which is not after 2026-11-01", "", "give a later date")],
    "longer_than_a_year.yaml": [
        (9, 14, "expires after 731 days", "at most 366 days are allowed", "give an earlier date and renew it")
    ],
    "no_expiry.yaml": [(3, 5, 'attestations[1] lacks "expires"', "", 'add "expires:"')],
    "same_id_twice.yaml": [(10, 9, 'id "A-1" is given twice', "first at 3:9", UNIQUE)],
    "wildcard_subject.yaml": [
        (
            5,
            14,
            'attestations[1].subject is "*", which has the wrong form',
            "the exact id of what the unknown is about, as the report prints it",
            CORRECT,
        )
    ],
}


def faults(load: Callable[[], object], shown: str) -> list[Fault]:
    """Return what is wrong with a file that must be refused."""
    with pytest.raises(InvalidInputError) as caught:
        load()
    assert {d.path for d in caught.value.diagnostics()} == {shown}
    return [(d.line, d.column, d.what, d.why, d.next_step) for d in caught.value.diagnostics()]


def test_every_bad_file_has_its_expectation() -> None:
    for folder, expected in (("manifest", MANIFESTS), ("waivers", WAIVERS), ("attestations", ATTESTATIONS)):
        assert {path.name for path in (BAD / folder).iterdir()} == set(expected)


@pytest.mark.parametrize("name", sorted(MANIFESTS))
def test_bad_manifests(name: str) -> None:
    assert faults(lambda: load_manifest(BAD / "manifest" / name), name) == MANIFESTS[name]


@pytest.mark.parametrize("name", sorted(WAIVERS))
def test_bad_waivers(name: str) -> None:
    assert faults(lambda: load_waivers(BAD / "waivers" / name, f"x/{name}"), f"x/{name}") == WAIVERS[name]


@pytest.mark.parametrize("name", sorted(ATTESTATIONS))
def test_bad_attestations(name: str) -> None:
    assert faults(lambda: load_attestations(BAD / "attestations" / name, name), name) == ATTESTATIONS[name]


def test_a_missing_binary_or_folder_manifest(tmp_path: Path) -> None:
    assert faults(lambda: load_manifest(tmp_path), "auditor.yaml")[0][2] == "no such file"
    (tmp_path / "auditor.yaml").write_bytes(b"\0\1\2")
    assert faults(lambda: load_manifest(tmp_path), "auditor.yaml")[0][2] == "the file is binary, not text"
    assert faults(lambda: load_waivers(tmp_path, "waivers"), "waivers")[0][2] == "this is a folder, and a file is needed here"


def test_a_link_out_of_the_folder_and_a_folder_named_as_file(tmp_path: Path) -> None:
    base = tmp_path / "deployment"
    (base / "config").mkdir(parents=True)
    (base / "out").symlink_to(tmp_path)
    text = "version: 1\ndeployment: d\ninputs:\n  - {path: out/x}\n  - {file: config}\n"
    (base / "auditor.yaml").write_text(text)
    assert faults(lambda: load_manifest(base), "auditor.yaml") == [
        (4, 12, '"out/x" leaves the folder of the manifest', "a link leads out of it", COPY),
        (5, 12, '"config" is a folder, and file: needs a file', "", "use path: for a folder"),
    ]
