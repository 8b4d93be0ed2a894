"""Which program a command starts, as far as the packet filter is concerned.

What is not known to leave the packet filter alone may do anything to it: the lists here say what does leave it alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FAMILIES_OF: Mapping[str, tuple[int, ...]] = {
    **{f"iptables{variant}": (4,) for variant in ("", "-legacy", "-nft")},
    **{f"ip6tables{variant}": (6,) for variant in ("", "-legacy", "-nft")},
}
"""Address families whose tables a command sets."""
RESTORES: Mapping[str, tuple[int, ...]] = {
    **{f"iptables{variant}-restore": (4,) for variant in ("", "-legacy", "-nft")},
    **{f"ip6tables{variant}-restore": (6,) for variant in ("", "-legacy", "-nft")},
}
STARTERS = frozenset({"sudo", "doas", "command", "builtin", "nice", "nohup", "time"})
"""Programs that start the one behind them."""
NAMES_FILTER = re.compile(r"\b(?:ip6?tables|ipset|nft|ufw|firewall-cmd|netfilter|firewalld)\b")
QUIET = frozenset(
    {
        "echo",
        "printf",
        "true",
        "false",
        ":",
        "test",
        "[",
        "[[",
        "cat",
        "grep",
        "egrep",
        "fgrep",
        "logger",
        "which",
        "type",
        "hash",
    }
    | {"iptables-save", "ip6tables-save", "iptables-legacy-save", "iptables-nft-save", "read", "export", "local", "declare"}
    | {"typeset", "readonly", "unset", "shift", "set", "shopt", "cd", "pwd", "sleep", "wait", "umask", "ulimit", "return", "exit"}
    | {"break", "continue", "mapfile", "readarray", "let", "getopts"}
)
"""Commands that say, test or remember something; what they say may name the packet filter."""
HARMLESS = frozenset(
    {
        "sed",
        "awk",
        "gawk",
        "mawk",
        "cut",
        "tr",
        "sort",
        "uniq",
        "head",
        "tail",
        "wc",
        "jq",
        "yq",
        "dig",
        "host",
        "nslookup",
        "getent",
    }
    | {
        "curl",
        "wget",
        "date",
        "hostname",
        "id",
        "whoami",
        "uname",
        "basename",
        "dirname",
        "readlink",
        "realpath",
        "mkdir",
        "touch",
    }
    | {"rm", "chmod", "chown", "cp", "mv", "ln", "ls", "tee", "aggregate", "ping", "sysctl", "modprobe", "seq", "expr", "stat"}
    | {"pgrep", "kill", "ip", "route", "ifconfig", "nc", "ss", "netstat", "timeout", "mktemp", "column", "paste", "xxd", "base64"}
)
"""Programs that leave the packet filter alone, unless their words name it."""
CANNOT_FAIL = frozenset(
    {"echo", "printf", "true", ":", "export", "local", "declare", "typeset", "readonly", "unset", "set", "sleep"}
)
"""Commands that do not stop a script that ends at the first failure (``set -e``)."""


def base_name(text: str) -> str:
    """Return a program without its folder."""
    return text.rpartition("/")[2]
