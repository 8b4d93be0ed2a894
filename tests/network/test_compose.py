"""Trap H4: which services of a compose file have a way out, and what undoes a sealed network."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, Answers, Cluster, Source, lookups, read_cluster, read_governed, read_platform, ways_through
from auditor.network.layers import Governed
from tests.network.bench import tcp
from tests.network.rule_sets import all_governed, documents, governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PUBLIC, PUBLIC6, PRIVATE = "203.0.113.7", "2001:db8::7", "10.9.9.9"


def services(text: str, networks: str = "{}") -> str:
    """Return a compose file with services and networks in flow style."""
    return f"services: {text}\nnetworks: {networks}\n"


def web(service: str, networks: str = "{}", **more: str) -> Governed:
    """Return what a file with one service ``web`` says of it."""
    return governed("compose/web", compose__yaml=services(f"{{web: {service}}}", networks), **more)


SEALED = "{sealed: {internal: true}}"


def test_h4_the_default_network_has_a_way_out_and_an_internal_one_has_none() -> None:
    assert reaches(web("{image: a}"), PUBLIC, ALL) is YES
    sealed = web("{networks: [sealed]}", SEALED)
    assert [reaches(sealed, a, ALL) for a in (PUBLIC, PUBLIC6, "127.0.0.1")] == [NO, NO, YES]
    assert (outcome(sealed, PUBLIC).strength(ALL), sealed.restricts) == ("no_route", True)
    assert reasons(sealed, PUBLIC) == ["network sealed is internal: it has no way out"]


def test_h4_a_service_on_any_other_network_keeps_its_way_out() -> None:
    assert reaches(web("{networks: [sealed, open]}", "{sealed: {internal: true}, open: {}}"), PUBLIC, ALL) is YES
    assert web("{networks: [sealed, open]}", "{sealed: {internal: true}, open: {}}").restricts is False


@pytest.mark.parametrize(
    ("service", "truth"),
    [
        ("{network_mode: none}", NO),
        ("{network_mode: host}", YES),
        ("{network_mode: bridge}", YES),
        ("{network_mode: 'service:db'}", NO),
        ("{network_mode: 'container:other'}", UNKNOWN),
        ("{network_mode: 'service:web'}", UNKNOWN),
    ],
)
def test_h4_the_network_mode_decides(service: str, truth: Truth) -> None:
    text = services(f"{{web: {service}, db: {{networks: [sealed]}}}}", SEALED)
    assert reaches(governed("compose/web", compose__yaml=text), PUBLIC, ALL) is truth


@pytest.mark.parametrize(
    ("service", "networks"),
    [
        ("{networks: [sealed], privileged: true}", SEALED),
        ("{networks: [sealed], volumes: ['/var/run/docker.sock:/var/run/docker.sock']}", SEALED),
        ("{networks: [sealed], volumes: [{type: bind, source: /run/docker.sock, target: /x}]}", SEALED),
        ("{networks: [sealed], extends: {file: other.yaml, service: base}}", SEALED),
        ("{networks: [sealed]}", "{sealed: {external: true}}"),
        ("{networks: [sealed]}", "{sealed: {internal: '${SEALED}'}}"),
        ("{networks: [sealed]}", "{sealed: {internal: true, driver: macvlan}}"),
    ],
)
def test_h4_what_may_undo_a_sealed_network_leaves_it_unknown(service: str, networks: str) -> None:
    found = web(service, networks)
    assert (reaches(found, PUBLIC, ALL), found.restricts) == (UNKNOWN, False)


def test_h4_addresses_of_a_sealed_network_itself_are_not_denied() -> None:
    unknown = web("{networks: [sealed]}", SEALED)
    known = web("{networks: [sealed]}", "{sealed: {internal: true, ipam: {config: [{subnet: 10.9.0.0/16}]}}}")
    assert [reaches(f, PRIVATE, ALL) for f in (unknown, known)] == [UNKNOWN, UNKNOWN]
    assert [reaches(f, "10.8.0.1", ALL) for f in (unknown, known)] == [UNKNOWN, NO]


def test_h4_ipv6_is_there_when_the_network_says_so() -> None:
    said = [web("{networks: [n]}", f"{{n: {n}}}") for n in ("{enable_ipv6: true}", "{enable_ipv6: false}", "{}")]
    assert [reaches(f, PUBLIC6, ALL) for f in said] == [YES, NO, UNKNOWN]


@pytest.mark.parametrize(
    ("version", "truth"), [("", UNKNOWN), ("24.0.9", UNKNOWN), ("25.0.4", UNKNOWN), ("25.0.5", NO), ("26.0.0", NO), ("28.1", NO)]
)
def test_h4_the_resolver_of_an_internal_network_asked_others_before_it_was_mended(version: str, truth: Truth) -> None:
    platform = (("container_engine_version", version),) if version else ()
    (found,) = _read({"compose.yaml": services("{web: {networks: [sealed]}}", SEALED)}, platform)
    assert found.resolver is not None
    assert found.resolver.forwards is truth
    source = Source.governed(found)
    assert len(list(lookups(Answers(_cluster(), (found,)), source))) == (truth is not NO)


def test_h4_without_a_network_there_is_no_resolver() -> None:
    assert web("{network_mode: none}").resolver is None


def test_h4_a_published_port_opens_no_way_out() -> None:
    assert reaches(web("{networks: [sealed], ports: ['8080:80']}", SEALED), PUBLIC, ALL) is NO


def test_h4_extra_hosts_pin_names_to_addresses() -> None:
    found = web(
        "{networks: [n], extra_hosts: ['api.vendor.example:10.9.9.9']}",
        "{n: {internal: true, ipam: {config: [{subnet: 10.9.0.0/16}]}}}",
    )
    assert reaches(found, PUBLIC, ALL, name="api.vendor.example") is UNKNOWN
    assert reaches(found, PUBLIC, ALL, name="other.vendor.example") is NO


def test_h4_a_later_file_adds_networks() -> None:
    more = "services: {web: {networks: [open]}}\nnetworks: {open: {}}\n"
    assert reaches(web("{networks: [sealed]}", SEALED, compose__override__yaml=more), PUBLIC, ALL) is YES


def test_a_sealed_service_reaches_out_through_a_peer_that_may() -> None:
    text = services(
        "{web: {networks: [sealed]}, proxy: {networks: [sealed, open]}, far: {networks: [open]}}",
        "{sealed: {internal: true}, open: {}}",
    )
    found = all_governed(compose__yaml=text)
    source = Source.governed(found[0])
    assert source.peers == ("compose/proxy",)
    assert ways_through(Answers(_cluster(), found), (source,)) == ("compose/far", "compose/proxy")


def test_h5_proxy_variables_are_advice_and_deny_nothing() -> None:
    found = web("{environment: {HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: .example}}")
    assert (reaches(found, PUBLIC, tcp(443)), outcome(found, PUBLIC).strength(tcp(443))) == (YES, None)
    assert outcome(found, PUBLIC).advised(tcp(443))
    told = "HTTPS_PROXY send web traffic via proxy:3128, except what NO_PROXY names"
    told += " (only advice: a process may go round proxy variables)"
    assert told in reasons(found, PUBLIC)
    sealed = web("{networks: [sealed], environment: ['HTTPS_PROXY=http://proxy:3128']}", SEALED)
    assert outcome(sealed, PUBLIC).strength(tcp(443)) == "no_route"


def _cluster() -> Cluster:
    return read_cluster((), read_platform(()))


def _read(files: dict[str, str], platform: tuple[tuple[str, str], ...]) -> tuple[Governed, ...]:
    return read_governed(documents(files), platform)


@pytest.mark.parametrize(
    "more",
    [
        "cap_add: [SYS_ADMIN]",
        "cap_add: [CAP_ALL]",
        "pid: host",
        "volumes: ['/:/host']",
        "volumes: ['/run/podman/podman.sock:/s']",
    ],
)
def test_h4_what_lets_a_service_out_of_its_namespaces_leaves_it_unknown(more: str) -> None:
    assert reaches(web("{networks: [sealed]}", SEALED), PUBLIC, ALL) is NO
    assert reaches(web(f"{{networks: [sealed], {more}}}", SEALED), PUBLIC, ALL) is UNKNOWN


@pytest.mark.parametrize(
    ("base", "other"),
    [
        ("services: {web: {}}\n", "services: {web: {network_mode: none}}\n"),
        ("services: {web: {}}\n", "services: {web: {networks: [n]}}\nnetworks: {n: {internal: true}}\n"),
        ("services: {web: {networks: [n]}}\nnetworks: {n: {}}\n", "networks: {n: {internal: true}}\nservices: {}\n"),
    ],
)
def test_h4_a_file_that_may_not_be_laid_over_the_other_denies_nothing(base: str, other: str) -> None:
    files = {"compose__yaml": base, "compose__test__yaml": other}
    (found,) = [g for g in all_governed(**files) if g.subject.id == "compose/web"]
    assert reaches(found, PUBLIC, ALL) is UNKNOWN
