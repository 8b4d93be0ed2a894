"""Scripts that set a host's packet filter: what is decided is exact, what is not is unknown with its line, nothing is run."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL
from tests.network.bench import tcp, udp
from tests.network.rule_sets import all_governed, governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ALLOWED, OTHER, SIX = "192.0.2.9", "198.51.100.7", "2001:db8::7"
HEAD = "#!/bin/bash\n"
HOOK = "type filter hook output priority 0; policy drop;"
CLOSED = "iptables -P OUTPUT DROP\n"


def answers(script: str, head: str = HEAD) -> tuple[Truth, Truth]:
    """Return whether TCP port 443 of the allowed and of another address is reached under what a script sets."""
    found = governed("host", init__sh=head + script)
    return reaches(found, ALLOWED, tcp(443)), reaches(found, OTHER, tcp(443))


@pytest.mark.parametrize(
    "script",
    [
        "iptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\niptables -P OUTPUT DROP\n",
        "iptables -P OUTPUT DROP; iptables -I OUTPUT -d 192.0.2.0/24 -j ACCEPT",
        "sudo /usr/sbin/iptables -w 5 -t filter -P OUTPUT DROP && iptables -w -A OUTPUT -d192.0.2.0/24 -jACCEPT",
        'NET=192.0.2.0/24\niptables -P OUTPUT DROP\niptables -A OUTPUT -d "$NET" -j ACCEPT\n',
        "for one in 192.0.2.0/25 192.0.2.128/25; do iptables -A OUTPUT -d $one -j ACCEPT; done\n" + CLOSED,
        'NETS=(192.0.2.0/24)\nNETS+=("203.0.113.0/24")\nfor n in "${NETS[@]}"; do\n iptables -A OUTPUT -d "$n" -j ACCEPT\ndone\n'
        + CLOSED,
        "for cmd in iptables ip6tables; do $cmd -P OUTPUT DROP; done\niptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n",
        'allow() {\n  local to="$1"\n  iptables -A OUTPUT -d "$to" -p tcp --dport "$2" -j ACCEPT\n}\n'
        + CLOSED
        + "allow 192.0.2.0/24 443\n",
        "iptables -A OUTPUT -j ACCEPT\niptables -F\niptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n" + CLOSED,
        "iptables -A OUTPUT -j ACCEPT\niptables -D OUTPUT -j ACCEPT\niptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n" + CLOSED,
        "iptables -A OUTPUT -j ACCEPT\niptables -D OUTPUT 1\niptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n" + CLOSED,
        "iptables -N out 2>/dev/null || iptables -F out\niptables -A out -d 192.0.2.0/24 -j ACCEPT\niptables -A OUTPUT -j out\n"
        + CLOSED,
        "iptables -C OUTPUT -d 192.0.2.0/24 -j ACCEPT 2>/dev/null || iptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n" + CLOSED,
        "ipset create ok hash:net\nipset add ok 192.0.2.0/24\niptables -A OUTPUT -m set --match-set ok dst -j ACCEPT\n" + CLOSED,
        "iptables-restore <<EOF\n*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -d 192.0.2.0/24 -j ACCEPT\nCOMMIT\nEOF\n",
        f"nft -f - <<'END'\ntable inet t {{\n chain o {{ {HOOK} ip daddr 192.0.2.0/24 accept\n }}\n}}\nEND\n",
        f"nft add table inet t\nnft 'add chain inet t o {{ {HOOK} }}'\nnft add rule inet t o ip daddr 192.0.2.0/24 accept\n",
        'if [ "$EUID" -ne 0 ]; then\n  echo "run me as root"; exit 1\nfi\niptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n'
        + CLOSED,
        'set -e\n[ "$(id -u)" = 0 ] || exit 1\niptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n'
        + CLOSED
        + 'curl -s x\nexec "$@"\n',
        'M=shut\nif [ "$M" = open ]; then iptables -A OUTPUT -j ACCEPT; fi\niptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n'
        + CLOSED,
        "# iptables -A OUTPUT -j ACCEPT\niptables -A OUTPUT -d 192.0.2.0/24 -m comment --comment '# \"x' -j ACCEPT\n" + CLOSED,
        "iptables -A OUTPUT \\\n  -d 192.0.2.0/24 \\\n  -j ACCEPT >/dev/null 2>&1 || true\n" + CLOSED,
        CLOSED + "iptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n(echo done) | cat\nsleep 5 &\n",
    ],
)
def test_what_a_script_decides_is_exact(script: str) -> None:
    assert answers(script) == (YES, NO)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("if curl -s x; then\niptables -P OUTPUT DROP\nfi\n", "the condition at line 2"),
        ("curl -s x && iptables -P OUTPUT DROP\n", "whether line 2 succeeds"),
        ("iptables -P OUTPUT DROP\nif test -f /etc/open; then iptables -F; iptables -P OUTPUT ACCEPT; fi\n", "line 3"),
        ("case $MODE in\nclosed) iptables -P OUTPUT DROP ;;\nesac\n", "the choice at line 3"),
        ("while read -r x; do iptables -P OUTPUT DROP; done < list\n", "the loop at line 2"),
        ("test -f x || exit 1\n" + CLOSED, "the script may end at line 2"),
        ("set -euo pipefail\nranges=$(curl -s https://api.example)\n" + CLOSED, "the script ends at line 3"),
        ("while true; do sleep 60; done\n" + CLOSED, "the loop at line 2 may not end"),
        (CLOSED + "source /etc/more.sh\n", "source /etc/more.sh"),
        (CLOSED + 'eval "$RULES"\n', "eval $RULES"),
        (CLOSED + "ufw disable\n", "ufw disable"),
        (CLOSED + "X=$(iptables -P OUTPUT $Y)\n", "the policy that is set is not known"),
        (CLOSED + "(sleep 60; iptables -F; iptables -P OUTPUT ACCEPT) &\n", "the background from line 3"),
        (CLOSED + "trap 'iptables -P OUTPUT ACCEPT' EXIT\n", "the trap at line 3"),
        (CLOSED + "iptables-restore < /etc/iptables/rules.v4\n", "not in the script"),
        (CLOSED + 'echo "$RULES" | xargs -L 1 iptables -t filter\n', "xargs"),
        (CLOSED + 'iptables "$@"\n', "the command $@"),
        (CLOSED + "iptables-legacy -P OUTPUT ACCEPT\n", "legacy or nft"),
        (CLOSED + "awk '{system(\"iptables -F\")}' x\n", "awk"),
        (CLOSED + "iptables -I OUTPUT $N -j ACCEPT\n", "$N"),
        (CLOSED + "echo ${X:-$(iptables -P OUTPUT ACCEPT)}\n", "iptables -P OUTPUT ACCEPT"),
        (CLOSED + "nft flush ruleset\n", "flushed the rules of iptables"),
        (CLOSED + "docker run --privileged x\n", "docker run"),
        (CLOSED + "f() { g; }\ng() { f; }\nf\n", "the function"),
    ],
)
def test_what_is_not_decided_is_unknown_and_says_where(script: str, line: str) -> None:
    found = governed("host", init__sh=HEAD + script)
    assert reaches(found, OTHER, tcp(443)) is UNKNOWN
    assert any(line in reason for reason in reasons(found, OTHER)), reasons(found, OTHER)


@pytest.mark.parametrize(
    "fill",
    [
        'for ip in $(dig +short A api.example); do\n  ipset add ok "$ip"\ndone\n',
        "curl -s https://api.example/meta | jq -r '.web[]' | while read -r cidr; do ipset add ok \"$cidr\"; done\n",
        'while read -r cidr; do ipset add ok "$cidr"; done < <(curl -s x | jq -r ".web[]")\n',
        "ipset add ok $NET\n",
        "ipset restore < /etc/ipset.conf\n",
        "iptables -A OUTPUT -p udp -j SET --add-set ok dst\n",
    ],
)
def test_h2_a_set_that_a_program_fills_leaves_what_it_allows_open_and_nothing_else(fill: str) -> None:
    start = "ipset create ok hash:net\niptables -P OUTPUT DROP\niptables -P FORWARD DROP\n"
    rule = "iptables -A OUTPUT -p tcp --dport 443 -m set --match-set ok dst -j ACCEPT\n"
    found = governed("host", init__sh=HEAD + start + fill + rule)
    assert (reaches(found, OTHER, tcp(443)), reaches(found, OTHER, tcp(80)), reaches(found, OTHER, udp(53))) == (UNKNOWN, NO, NO)
    assert "the addresses in ok are those of the moment when the script ran" in found.layers[0].assumed


def test_h1_a_script_of_iptables_says_nothing_of_ipv6() -> None:
    found = governed("host", init__sh=HEAD + CLOSED)
    assert (reaches(found, OTHER, ALL), reaches(found, SIX, ALL)) == (NO, YES)
    both = governed("host", init__sh=HEAD + CLOSED + "ip6tables -P OUTPUT DROP\n")
    assert reaches(both, SIX, ALL) is NO
    perhaps = governed("host", init__sh=HEAD + CLOSED + "if command -v ip6tables >/dev/null; then ip6tables -P OUTPUT DROP; fi\n")
    assert (reaches(perhaps, OTHER, ALL), reaches(perhaps, SIX, ALL)) == (NO, UNKNOWN)


def test_h3_a_script_that_may_end_before_it_denies_leaves_all_open() -> None:
    text = "set -e\niptables -A OUTPUT -p udp --dport 53 -j ACCEPT\ncurl -s https://api.example/meta > /tmp/meta\n" + CLOSED
    assert answers(text) == (UNKNOWN, UNKNOWN)
    assert answers(CLOSED + text) == (NO, NO)


def test_a_script_that_is_lost_may_be_found_again() -> None:
    text = "iptables -F\n" + CLOSED + "iptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n"
    assert answers("sh /tmp/x.sh\niptables -P OUTPUT DROP\n") == (UNKNOWN, UNKNOWN)
    found = governed("host", init__sh=HEAD + 'iptables -A OUTPUT $X\niptables -t filter "$Y" -j ACCEPT\n' + text)
    assert (reaches(found, ALLOWED, tcp(443)), reaches(found, OTHER, tcp(443))) == (YES, NO)


def test_a_word_that_is_not_known_decides_nothing_and_the_others_still_do() -> None:
    script = CLOSED + 'iptables -A OUTPUT -p tcp --dport 443 -d "$PROXY" -j ACCEPT\n'
    found = governed("host", init__sh=HEAD + script)
    assert (reaches(found, OTHER, tcp(443)), reaches(found, OTHER, tcp(80))) == (UNKNOWN, NO)
    assert "-d $PROXY" in " ".join(reasons(found, OTHER))


@pytest.mark.parametrize("rule", ["-p $P -d 192.0.2.0/24 -j DROP", "-o $I -j DROP", "-j $T", "-d 192.0.2.0/24 $MORE -j DROP"])
def test_a_denial_with_a_word_that_is_not_known_is_no_denial(rule: str) -> None:
    found = governed("host", init__sh=HEAD + f"iptables -A OUTPUT {rule}\n")
    assert reaches(found, ALLOWED, tcp(443)) is UNKNOWN


def test_a_variable_that_a_branch_may_change_is_not_known() -> None:
    script = CLOSED + "NET=192.0.2.0/24\nif test -f x; then NET=0.0.0.0/0; fi\niptables -A OUTPUT -d $NET -j ACCEPT\n"
    assert answers(script) == (UNKNOWN, UNKNOWN)
    counted = CLOSED + "i=1\nwhile test $i -lt 9; do iptables -A OUTPUT -d 192.0.2.$i -j ACCEPT; i=$((i+1)); done\n"
    assert answers(counted) == (UNKNOWN, UNKNOWN)
    inner = CLOSED + "N=192.0.2.0/24\nf() { local N=0.0.0.0/0; }\nf\niptables -A OUTPUT -d $N -j ACCEPT\n"
    assert answers(inner) == (UNKNOWN, UNKNOWN)


def test_the_rule_has_the_place_of_its_command() -> None:
    found = governed("host", init__sh=HEAD + "\n" + CLOSED + "iptables -A OUTPUT -d 192.0.2.0/24 -j ACCEPT\n")
    steps = outcome(found, ALLOWED).decision.steps
    assert [(s.location.path, s.location.line) for s in steps if s.location is not None] == [("init.sh", 4)]


def test_a_script_is_a_host_like_any_rule_set_and_says_what_it_takes_for_given() -> None:
    found = all_governed(init__sh=HEAD + CLOSED)
    assert [g.subject.id for g in found] == ["host", "forwarded"]
    assert "the script is run by root on a host that has no rules yet" in found[0].layers[0].assumed[3]
    several = all_governed(
        init__sh=HEAD + CLOSED, rules__v4="# Generated by iptables-save\n*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n"
    )
    assert [g.subject.id for g in several] == ["init.sh/host", "init.sh/forwarded", "rules.v4/host", "rules.v4/forwarded"]


def test_a_hostile_script_ends() -> None:
    loops = "for a in 1 2 3 4 5 6 7 8 9; do " * 8 + "iptables -A OUTPUT -j ACCEPT; " + "done; " * 8
    assert answers(CLOSED + loops) == (UNKNOWN, UNKNOWN)
