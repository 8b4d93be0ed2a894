"""Shell scripts to located trees: what stands where, nothing of it run. Sources: POSIX.1-2024, 2.10; bash(1).

The root is a sequence of statements, a statement a mapping:

* ``run`` (words), with ``set`` (assignments), ``from`` and ``into`` (where input comes from and output goes) and ``given`` (a
  here-document; null where the shell would replace something in it);
* ``and``, ``or`` (two statements), ``pipe``, ``not``, ``behind`` (in the background), ``group``, ``subshell``, ``unknown``;
* ``if`` (conditions and branches by turns, an ``else`` last); ``for``, ``in``, ``do``; ``while`` or ``until``, ``do``;
  ``case``, ``choices``; ``function``, ``do``.

Words are as in ``shell_words``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from auditor.documents.build import Builder, Parsed
from auditor.documents.shell_scanner import ShellScanner
from auditor.documents.shell_words import entry
from auditor.documents.tree import Node, NodeKind

_DEEPEST = 40
"""Statements inside statements; each costs the reader about a dozen calls."""
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*(?:\[[^\]\s]*\])?\+?)=")
_FUNCTION = re.compile(r"(?:function[ \t]+([\w.:-]+)[ \t]*(?:\([ \t]*\))?|([A-Za-z_][\w.:-]*)[ \t]*\([ \t]*\))\s*(?=[{(])")


def parse_shell(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of a script.

    Raises:
        FaultError: what is not closed, or stands where the grammar has no place for it.
    """
    reader = _Reader(Builder.of(text))
    root = reader.builder.sequence(0, list(reader.statements(frozenset(), "")))
    return (Parsed(root, reader.builder.spans),)


class _Reader(ShellScanner):
    def statements(self, until: frozenset[str], close: str) -> Sequence[Node]:
        """Return the statements up to one of some reserved words or a closing character, which are left standing."""
        outer, self._close = self._close, close
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._fault("the script is nested too deeply")
        found: list[Node] = []
        while True:
            self._skip(lines=True)
            if self._at >= len(self._text):
                if until or close:
                    raise self._fault(f"{close or ' or '.join(sorted(until))} is missing")
                break
            if self._text[self._at] == close or self._reserved() in until:
                break
            start, statement = self._at, self._list()
            if self._takes("&"):
                statement = entry(self.builder, start, ("behind", statement))
            elif not self._takes(";") and self._text[self._at : self._at + 1] not in ("", "\n", close):
                raise self._fault("this is not expected here")
            found.append(statement)
        self._depth -= 1
        self._close = outer
        return found

    def _nested(self, at: int, close: str) -> tuple[Sequence[Node], int]:
        """Return the statements inside a substitution, and the place behind it."""
        outer, self._at = self._at, at
        found = self.statements(frozenset(), close)
        end, self._at = self._at + 1, outer
        return found, end

    def _list(self) -> Node:
        start, left = self._at, self._pipeline()
        while True:
            self._skip()
            sign = self._text[self._at : self._at + 2]
            if sign not in ("&&", "||"):
                return left
            self._at += 2
            self._skip(lines=True)
            pair = self.builder.sequence(start, [left, self._pipeline()])
            left = entry(self.builder, start, ("and" if sign == "&&" else "or", pair))

    def _pipeline(self) -> Node:
        start = self._at
        negated = self._reserved() == "!"
        if negated or self._reserved() == "time":
            self._word()
            self._skip()
        parts = [self._command()]
        self._skip()
        while self._text[self._at : self._at + 1] == "|" and self._text[self._at : self._at + 2] != "||":
            self._at += 2 if self._text[self._at : self._at + 2] == "|&" else 1
            self._skip(lines=True)
            parts.append(self._command())
            self._skip()
        found = parts[0] if len(parts) == 1 else entry(self.builder, start, ("pipe", self.builder.sequence(start, parts)))
        return entry(self.builder, start, ("not", found)) if negated else found

    def _command(self) -> Node:
        start = self._at
        if start >= len(self._text):
            raise self._fault("a command is missing")
        function = _FUNCTION.match(self._text, start)
        if function is not None:
            self._at = function.end()
            line, column = self.builder.table.at(start)
            name = Node(NodeKind.SCALAR, line, column, text=function[1] or function[2])
            return entry(self.builder, start, ("function", name), ("do", self.builder.sequence(start, [self._command()])))
        reserved = self._reserved()
        if self._text.startswith("((", start):
            self._at = self._after("))")
            found = self._unread(start)
        elif self._text[start] == "(":
            self._at += 1
            found = self._group(start, "subshell", ")")
        elif reserved in ("", "!", "time", "in"):
            return self._simple()
        elif reserved == "[[":
            found = self._test(start)
        else:
            self._word()
            found = self._compound(start, reserved)
        return self._redirected(found, start)

    def _compound(self, start: int, word: str) -> Node:
        if word == "{":
            return self._group(start, "group", "}")
        if word == "if":
            return self._if(start)
        if word in ("while", "until"):
            return entry(self.builder, start, (word, self._until(start, "do")), ("do", self._until(start, "done")))
        if word in ("for", "select"):
            return self._for(start)
        if word == "case":
            return self._case(start)
        raise self._fault(f"{word} is not expected here", start)

    def _group(self, start: int, name: str, close: str) -> Node:
        found = self.statements(frozenset("}") if close == "}" else frozenset(), "" if close == "}" else close)
        self._at += 1
        return entry(self.builder, start, (name, self.builder.sequence(start, list(found))))

    def _until(self, start: int, *words: str) -> Node:
        """Return the statements up to one of some reserved words, which is taken."""
        found = self.statements(frozenset(words), "")
        self._word()
        return self.builder.sequence(start, list(found))

    def _if(self, start: int) -> Node:
        parts = [self._until(start, "then")]
        while True:
            parts.append(self.builder.sequence(self._at, list(self.statements(frozenset({"elif", "else", "fi"}), ""))))
            word = self._reserved()
            self._word()
            if word == "fi":
                return entry(self.builder, start, ("if", self.builder.sequence(start, parts)))
            parts.append(self._until(start, "fi" if word == "else" else "then"))
            if word == "else":
                return entry(self.builder, start, ("if", self.builder.sequence(start, parts)))

    def _for(self, start: int) -> Node:
        self._skip()
        if self._text.startswith("((", self._at):
            begun, self._at = self._at, self._after("))")
            self._skip(lines=True)
            self._takes(";")
            heading = self.builder.sequence(begun, [self._unread(begun)])
            self._skip(lines=True)
            self._expect("do")
            return entry(self.builder, start, ("while", heading), ("do", self._until(start, "done")))
        name, words = self._word(), []
        self._skip(lines=True)
        if self._reserved() == "in":
            self._word()
            words = self._words()
        else:
            line, column = self.builder.table.at(start)
            arguments = entry(self.builder, start, ("variable", Node(NodeKind.SCALAR, line, column, text="@", quoted=True)))
            words = [entry(self.builder, start, ("joined", self.builder.sequence(start, [arguments])))]
        self._takes(";")
        self._skip(lines=True)
        self._expect("do")
        listed = self.builder.sequence(start, words)
        return entry(self.builder, start, ("for", name), ("in", listed), ("do", self._until(start, "done")))

    def _case(self, start: int) -> Node:
        self._skip()
        word, choices = self._word(), []
        self._skip(lines=True)
        self._expect("in")
        self._skip(lines=True)
        while self._reserved() != "esac":
            self._takes("(")
            while not self._takes(")"):
                if self._at >= len(self._text):
                    raise self._fault("esac is missing", start)
                self._skip()
                self._at += 1 if self._text[self._at : self._at + 1] == "|" else 0
                self._skip()
                if self._text[self._at : self._at + 1] != ")":
                    self._word()
                self._skip()
            choices.append(self._choice())
            self._skip(lines=True)
        self._word()
        return entry(self.builder, start, ("case", word), ("choices", self.builder.sequence(start, choices)))

    def _choice(self) -> Node:
        start, found = self._at, []
        while True:
            self._skip(lines=True)
            if self._reserved() == "esac":
                break
            ending = re.match(r";;&|;;|;&", self._text[self._at : self._at + 3])
            if ending is not None:
                self._at += ending.end()
                break
            found.append(self._list())
            if self._text[self._at : self._at + 2] not in (";;", ";&"):
                self._takes(";")
        return self.builder.sequence(start, found)

    def _test(self, start: int) -> Node:
        words = [self._word()]
        while True:
            self._skip(lines=True)
            if self._at >= len(self._text):
                raise self._fault("]] is missing", start)
            if self._text[self._at] in "()|<>&;":
                self._at += 1
                continue
            words.append(self._word())
            if words[-1].text == "]]":
                return entry(self.builder, start, ("run", self.builder.sequence(start, words)))

    def _simple(self) -> Node:
        start = self._at
        assigned: list[tuple[Node, Node]] = []
        words: list[Node] = []
        sides: dict[str, list[Node]] = {"from": [], "into": [], "given": []}
        while True:
            self._skip()
            if self._redirection(sides):
                continue
            if self._at >= len(self._text) or self._text[self._at] in f"\n;&|(){self._close}":
                break
            name = _ASSIGNMENT.match(self._text, self._at) if not words else None
            if name is None:
                words.append(self._word())
                continue
            key = self.builder.scalar(self._at, name.end(1), name[1])
            self._at = name.end()
            assigned.append((key, self._value()))
        if not words and not assigned and not any(sides.values()):
            raise self._fault("a command is missing", start)
        pairs = [("run", self.builder.sequence(start, words))]
        if assigned:
            pairs.append(("set", self.builder.mapping(start, assigned, repeats=True)))
        return entry(self.builder, start, *pairs, *self._sides(start, sides))

    def _value(self) -> Node:
        if not self._takes("("):
            return self._word()
        start = self._at
        words = self._words(lines=True)
        if not self._takes(")"):
            raise self._fault("the list is not closed", start)
        return self.builder.sequence(start, words)

    def _redirected(self, found: Node, start: int) -> Node:
        sides: dict[str, list[Node]] = {"from": [], "into": [], "given": []}
        self._skip()
        while self._redirection(sides):
            self._skip()
        if not any(sides.values()):
            return found
        line, column = found.line, found.column
        more = entry(self.builder, start, *self._sides(start, sides))
        return Node(NodeKind.MAPPING, line, column, entries=(*found.entries, *more.entries))
