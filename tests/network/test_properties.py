"""What must hold of every set of policies: more permission never takes away, order does not matter, families are apart."""

from __future__ import annotations

import itertools
import random as randomness
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.facts.evidence import FileLocation
from auditor.network import ANYWHERE, Cluster, Pods, read_platform
from auditor.network.addresses import parse_block
from auditor.network.connections import ALL_PORTS, Connections
from auditor.network.deciding import Rulebook
from auditor.network.objects import Objects
from auditor.network.peers import World
from auditor.network.rules import Action, BlockPeer, PodPeer, Policy, PortRule, Rule, Tier
from auditor.network.selectors import EVERYTHING, Requirement, Selector
from auditor.network.spans import EMPTY, Spans

AT = FileLocation("p.yaml", "0" * 64, 1, 1)
BLOCKS = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/25", "::/0", "2001:db8::/32"]


def _pods(name: str) -> Pods:
    return Pods("a", name, "Pod", {"app": name}, (), host_network=False, addresses=(), doubt="", location=AT)


WEB, DB = _pods("web"), _pods("db")


@st.composite
def blocks(draw: st.DrawFn) -> BlockPeer:
    block = parse_block(draw(st.sampled_from(BLOCKS)))
    assert block is not None
    hole = parse_block(draw(st.sampled_from(BLOCKS)))
    holed = draw(st.booleans()) and hole is not None and hole.family == block.family
    return BlockPeer(block.family, block.spans - (hole.spans if holed and hole else EMPTY))


SELECTORS = st.sampled_from([EVERYTHING, Selector((Requirement("app", "In", ("web",)),))])
PEERS = st.one_of(blocks(), st.builds(PodPeer, st.none(), SELECTORS))
PORTS = st.builds(
    PortRule,
    st.sampled_from(["TCP", "UDP", "SCTP"]),
    st.sampled_from([ALL_PORTS, Spans(((53, 53),)), Spans(((80, 443),))]),
)


def rules(*actions: Action) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        st.sampled_from(actions),
        st.lists(PEERS, min_size=1, max_size=2).map(tuple) | st.none(),
        st.lists(PORTS, min_size=1, max_size=2).map(tuple) | st.none(),
        st.just("rule"),
        st.just(AT),
    )


def _policy(tier: Tier, found: Sequence[Rule], priority: int | None = None, selector: Selector = EVERYTHING) -> Policy:
    space = "a" if tier is Tier.POLICY else ""
    spread = None if tier is Tier.POLICY else EVERYTHING
    return Policy(tier, "K", space, "p", priority, spread, selector, (), tuple(found), None, AT)


V1 = st.builds(_policy, st.just(Tier.POLICY), st.lists(rules(Action.ALLOW), max_size=3), st.none(), SELECTORS)
ADMIN = st.builds(_policy, st.just(Tier.ADMIN), st.lists(rules(*Action), min_size=1, max_size=3), st.integers(0, 3))
BOOKS = st.lists(V1 | ADMIN, max_size=4)


def _cluster(policies: Sequence[Policy]) -> Cluster:
    platform = read_platform((("cni", "conformant"), ("objects", "complete")))
    return Cluster(Rulebook(World(Objects((WEB, DB)), platform), tuple(policies), ()))


Outcome = tuple[int, int, int, Connections, Connections]


def _outcome(policies: Sequence[Policy], families: Sequence[int] = (4, 6)) -> list[Outcome]:
    """Return what may be allowed and denied from web to every address and to db, in the coarsest ranges."""
    of = _cluster(policies)
    merged: list[Outcome] = []
    for family in families:
        for r in of.regions(WEB, family):
            now = (r.decision.may_allow, r.decision.may_deny)
            if merged and merged[-1][0] == family and merged[-1][3:] == now:
                merged[-1] = (family, merged[-1][1], r.range.last, *now)
            else:
                merged.append((family, r.range.first, r.range.last, *now))
    inside = of.inside(WEB, DB)
    return [*merged, (0, 0, 0, inside.may_allow, inside.may_deny)]


def _grows(before: Sequence[Policy], after: Sequence[Policy]) -> bool:
    """Return whether nothing that was allowed, surely or possibly, is lost."""
    return all(
        new[3].covers(old[3]) and not new[4] - old[4]
        for old in _outcome(before)
        for new in _outcome(after)
        if old[0] == new[0] and old[1] <= new[2] and new[1] <= old[2]
    )


@settings(deadline=None, max_examples=30)
@given(BOOKS, V1, rules(Action.ALLOW))
def test_adding_an_allow_rule_to_a_policy_never_shrinks(book: list[Policy], policy: Policy, rule: Rule) -> None:
    more = replace(policy, egress=(*(policy.egress or ()), rule))
    assert _grows([*book, policy], [*book, more])


@settings(deadline=None, max_examples=30)
@given(BOOKS, V1, V1)
def test_adding_a_policy_to_an_isolated_workload_never_shrinks(book: list[Policy], policy: Policy, other: Policy) -> None:
    isolating = replace(policy, subject_pods=EVERYTHING)
    assert _grows([*book, isolating], [*book, isolating, other])


@settings(deadline=None, max_examples=30)
@given(BOOKS, rules(Action.DENY), st.integers(0, 3))
def test_adding_a_deny_never_grows(book: list[Policy], rule: Rule, priority: int) -> None:
    assert _grows([*book, _policy(Tier.ADMIN, [rule], priority)], book)


@settings(deadline=None, max_examples=30)
@given(BOOKS, st.randoms(use_true_random=False))
def test_the_order_of_policies_does_not_matter(book: list[Policy], random: randomness.Random) -> None:
    shuffled = sorted(book, key=lambda _: random.random())
    assert _outcome(shuffled) == _outcome(book)


@settings(deadline=None, max_examples=30)
@given(st.lists(V1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_rules_of_a_network_policy_does_not_matter(book: list[Policy], random: randomness.Random) -> None:
    def turned(policy: Policy) -> Policy:
        return replace(policy, egress=tuple(sorted(policy.egress or (), key=lambda _: random.random())))

    assert _outcome([turned(p) for p in book]) == _outcome(book)


@settings(deadline=None, max_examples=30)
@given(BOOKS, blocks())
def test_a_rule_about_one_family_changes_nothing_of_the_other(book: list[Policy], peer: BlockPeer) -> None:
    rule = Rule(Action.DENY, (peer,), None, "rule", AT)
    other = 6 if peer.family == 4 else 4
    assert _outcome([*book, _policy(Tier.ADMIN, [rule], 0)], [other])[:-1] == _outcome(book, [other])[:-1]


@settings(deadline=None, max_examples=30)
@given(BOOKS)
def test_regions_cover_every_address_once_and_every_connection_has_an_outcome(book: list[Policy]) -> None:
    of = _cluster(book)
    for everywhere in ANYWHERE:
        found = of.regions(WEB, everywhere.family)
        assert [found[0].range.first, found[-1].range.last] == [everywhere.first, everywhere.last]
        assert all(a.range.last + 1 == b.range.first for a, b in itertools.pairwise(found))
        assert all(r.decision.allowed == r.decision.may_allow - r.decision.may_deny for r in found)
