"""What is worked out group by group equals what is worked out pair by pair, on clusters that nobody thought out."""

from __future__ import annotations

import random

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, Answers, Closures, SideBySide, Source, read_cluster, read_platform, ways_through
from auditor.network.decision import Decision
from tests.network.rule_sets import documents

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}, namespace: {space}, labels: {{app: a{app}, n: '{n}'}}}}\n---\n"
POLICY = (
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: q{n}, namespace: {space}}}\n"
    "spec: {{podSelector: {chosen}, policyTypes: [{kind}], {way}: [{{{side}: [{peer}], ports: [{{port: {port}}}]}}]}}\n---\n"
)
CALICO = (
    "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {{name: c{n}, namespace: x}}\n"
    "spec: {{selector: \"n in {{'1','3'}}\", types: [Egress],\n"
    "  egress: [{{action: Allow, destination: {{selector: \"n == '{n}'\"}}}}]}}\n---\n"
)


def _cluster(seed: int, changed: int) -> str:
    """Return a cluster of nine pods; ``changed`` chooses one of its policies again."""
    choose = random.Random(seed)  # noqa: S311 -- a repeatable choice, no secret
    again = random.Random(seed * 100 + changed)  # noqa: S311 -- as above
    pods = "".join(POD.format(n=n, space=choose.choice("xy"), app=n % 3) for n in range(9))
    text = [pods, CALICO.format(n=again.randrange(4)) if seed % 3 == 0 else ""]
    for n in range(6):
        pick = again if changed and n == changed % 6 else choose
        peers = ["{podSelector: {matchLabels: {app: a1}}}", "{namespaceSelector: {}}", "{ipBlock: {cidr: 203.0.113.0/24}}"]
        peers += ["{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [a2]}]}}"]
        kind = pick.choice(["Egress", "Ingress"])
        words = {"kind": kind, "way": kind.lower(), "side": "to" if kind == "Egress" else "from", "port": pick.choice([80, 443])}
        chosen = pick.choice(["{}", "{matchLabels: {app: a0}}", "{matchLabels: {app: a2}}"])
        text.append(POLICY.format(n=n, space=pick.choice("xy"), chosen=chosen, peer=pick.choice(peers), **words))
    return "".join(text)


def _answers(text: str) -> Answers:
    platform = read_platform((("cni", "calico" if "projectcalico" in text else "conformant"), ("objects", "complete")))
    return Answers(read_cluster(documents({"objects.yaml": text}), platform))


def _truths(decision: Decision) -> tuple[object, object]:
    return decision.allowed, ALL - decision.may_allow


@pytest.mark.parametrize("seed", range(12))
def test_group_by_group_equals_pair_by_pair(seed: int) -> None:
    old, new = _answers(_cluster(seed, 0)), _answers(_cluster(seed, seed + 1))
    both = SideBySide(old, new)
    sides = [{p.id: p for p in a.cluster.pods} for a in (old, new)]
    for name, first in sides[0].items():
        second = sides[1][name]
        found = {m.destination for m in both.moved(Source.of(first), Source.of(second)) if m.destination in sides[0]}
        expected = {
            other
            for other in sides[0]
            if other != name
            and _truths(old.cluster.inside(first, sides[0][other])) != _truths(new.cluster.inside(second, sides[1][other]))
        }
        assert found == expected, name


@pytest.mark.parametrize("seed", range(12))
def test_closures_equal_the_search_from_each_source(seed: int) -> None:
    answers = _answers(_cluster(seed, 0))
    closures = Closures(answers)
    for pods in answers.cluster.pods:
        assert closures.of(Source.of(pods)) == set(ways_through(answers, (Source.of(pods),)))


@pytest.mark.parametrize("seed", range(12))
def test_pods_of_one_group_have_the_same_answers(seed: int) -> None:
    answers = _answers(_cluster(seed, 0))
    inside = answers.cluster.inside
    for pods in answers.cluster.pods:
        first = answers.group(pods)
        for other in answers.cluster.pods:
            assert _truths(inside(pods, other)) == _truths(inside(first, other))
            assert _truths(inside(other, pods)) == _truths(inside(other, first))
    near = {p.id for p in answers.near(answers.cluster.pods[0])}
    assert near == {p.id for p in answers.alike if inside(answers.group(answers.cluster.pods[0]), p).may_allow}


def test_the_same_network_in_another_file_differs_in_nothing() -> None:
    text = _cluster(1, 0)
    old = _answers(text)
    new = Answers(read_cluster(documents({"moved.yaml": "# moved\n\n" + text}), old.cluster.book.world.platform))
    both = SideBySide(old, new)
    pairs = zip(old.cluster.pods, new.cluster.pods, strict=True)
    assert [m for a, b in pairs for m in both.moved(Source.of(a), Source.of(b)) if m.was is not Truth.UNKNOWN] == []
