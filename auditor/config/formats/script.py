"""Commands of shell scripts: containers that they start, programs that they call, and the variables that those get.

Nothing is run. A variable that is assigned once and to a text counts, with defaults (``${X:-y}``) as in compose files; any
other leaves open what depends on it. All branches are read: what a condition decides may run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source, Word
from auditor.config.formats.common import bind, bind_mapping
from auditor.config.formats.script_container import ContainerCommand, container_command
from auditor.documents.commands import MAXIMUM_SCRIPT, parse_commands
from auditor.documents.interpolation import interpolate
from auditor.documents.tree import Node, NodeKind

_BEFORE = frozenset({"sudo", "exec", "nohup", "command", "time", "env", "doas", "npx", "bunx", "uvx", "pnpx", "setsid"})
"""Words before a program that start it and say nothing else; ``npx`` and the like fetch it first."""
_EXPORTS = frozenset({"export", "declare", "typeset"})
_QUIET = frozenset(
    {"echo", "printf", "cd", "set", "if", "true", "false", "exit", "return", "[", "[[", "test", "local", "shift", "read"}
)
_STEP = "Supply what the script starts as a compose file, a unit or a manifest, or state in the manifest what it sets"


def read_script(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the processes of a script document."""
    return read_statements(Commands(source, library), source.document.root)


def read_statements(commands: Commands, root: Node) -> tuple[Launch, ...]:
    """Return the processes that the statements of a parsed script start, and what it exports besides."""
    commands.assigned = Counter(name for name, _ in _assignments(root))
    return (*commands.of(root), *commands.exported_alone())


def read_commands(commands: Commands, text: str) -> tuple[Launch, ...]:
    """Return the processes that commands inside another document start; text that is no shell script as it stands has none."""
    root = parse_commands(text) if commands.source.document.size <= MAXIMUM_SCRIPT else None
    return read_statements(commands, root) if root is not None else ()


@dataclass(slots=True)
class Commands:
    """Reads the statements of one script in their order."""

    source: Source
    library: Library
    env: dict[str, Binding] = field(default_factory=dict)
    """What it exports, or was started with."""
    known: dict[str, str] = field(default_factory=dict)
    at: Node | None = None
    """Where all of it stands, when it is text inside another document."""
    what: str = "the script"
    assigned: Counter[str] = field(default_factory=Counter)
    secret: set[str] = field(default_factory=set)
    given: frozenset[str] = frozenset()
    """Names that it was started with, and does not export itself."""

    def of(self, node: Node) -> Iterator[Launch]:
        """Yield the processes of a statement, a list of them or a compound."""
        run = node.get("run")
        if run is not None:
            yield from self._simple(node, run)
            return
        for _, value in node.entries:
            if value.kind is not NodeKind.SCALAR:
                yield from self.of(value)
        for item in node.items:
            if item.kind is not NodeKind.SCALAR:
                yield from self.of(item)

    def exported_alone(self) -> Iterator[Launch]:
        """Yield the exports as an environment without a process: whatever the user starts there gets them."""
        own = {name: bound for name, bound in self.env.items() if name not in self.given}
        if own:
            evidence = next(iter(own.values())).evidence
            yield Launch(self.source, self.what, Packaging.ENV_FILE, "", (), own, (), complete=False, evidence=evidence)

    def _simple(self, node: Node, run: Node) -> Iterator[Launch]:
        given = node.get("set")
        words = [self._word(item) for item in run.items]
        if not words:
            self._assign(given)
        elif words[0].text in _EXPORTS:
            for item, word in zip(run.items[1:], words[1:], strict=True):
                self._export(item, word)
        else:
            prefix = {k.text: self._bound(k.text, v, self._word(v)) for k, v in given.entries} if given is not None else {}
            yield from self._start(words, prefix)

    def _assign(self, given: Node | None) -> None:
        for name, value in given.entries if given is not None else ():
            word = self._word(value)
            if self.assigned[name.text] == 1 and "$" not in word.text:
                self.known[name.text] = word.text
                self.secret.update({name.text} if word.redacted else ())
            if name.text in self.env:
                self.env[name.text] = self._bound(name.text, value, word)

    def _export(self, item: Node, word: Word) -> None:
        name, equals, value = word.text.partition("=")
        if name.startswith("-") or not name.isidentifier():
            return
        if equals and self.assigned[name] == 1 and "$" not in value:
            self.known[name] = value
        text = value if equals else self.known.get(name, "$")
        self.env[name] = self._bound(name, item, Word(text, word.evidence, word.redacted or name in self.secret))

    def _bound(self, name: str, node: Node, word: Word) -> Binding:
        """Return a variable; a value of which the script decides a part when it runs is not known."""
        place = self._place(node)
        if "$" in word.text and not word.redacted:
            return bind(self.source, name, place, None, "the script decides it when it runs")
        bound = bind(self.source, name, place, word.text)
        return Binding(name, bound.value, bound.evidence, word.redacted, bound.reason, bound.surely)

    def _start(self, words: list[Word], prefix: Mapping[str, Binding]) -> Iterator[Launch]:
        env = dict(prefix)
        while words and (words[0].text.rpartition("/")[2] in _BEFORE or words[0].text.startswith("-") or _is_variable(words[0])):
            if _is_variable(words[0]):
                name, _, value = words[0].text.partition("=")
                word = Word(value, words[0].evidence, words[0].redacted)
                env[name] = self._open_or(name, word)
            words = words[1:]
        if not words or words[0].text in _QUIET:
            return
        container = container_command(words)
        if container is not None:
            yield self._container(container, words)
        elif container is None:
            yield self._launch(words[0].text, "", words, {**self.env, **env}, words[0], ())

    def _container(self, found: ContainerCommand, words: Sequence[Word]) -> Launch:
        env: dict[str, Binding] = {}
        opaque = [self._opaque(w, f"what {w.text} adds to the options of a container is open") for w in found.open]
        linked: list[str] = []
        for word in found.env_files:
            file = self.library.env_file(self.source.document.path, word.text)
            if file is None:
                opaque.append(self._opaque(word, f"--env-file takes {word.text}, which is not in the inputs"))
            else:
                env |= bind_mapping(file, file.document.root)
                linked.append(file.document.path)
        for word in found.env:
            name, equals, value = word.text.partition("=")
            env[name] = self._open_or(name, Word(value, word.evidence, word.redacted)) if equals else self._from_shell(name, word)
        image = found.image
        name = found.name or (image.text.rpartition("/")[2].partition(":")[0] if image is not None else "container")
        program = tuple(found.entrypoint)
        launch = self._launch(name, image.text if image is not None else "", [*program, *found.words], env, words[0], opaque)
        return Launch(
            source=launch.source,
            name=launch.name,
            packaging=launch.packaging,
            image="" if "$" in launch.image else launch.image,
            words=launch.words,
            env=env,
            opaque=launch.opaque,
            complete=True,
            evidence=(image or words[0]).evidence,
            linked=tuple(linked),
            program=program,
            hidden=launch.hidden,
        )

    def _launch(
        self, name: str, image: str, words: Sequence[Word], env: dict[str, Binding], first: Word, opaque: Sequence[Opaque]
    ) -> Launch:
        hidden = self._opaque(first, f"{self.what} starts {name}: what it sets or starts besides is open")
        return Launch(
            source=self.source,
            name=name,
            packaging=Packaging.SCRIPT,
            image=image,
            words=tuple(words),
            env=env,
            opaque=tuple(opaque),
            complete=True,
            evidence=first.evidence,
            hidden=(hidden,),
        )

    def _open_or(self, name: str, word: Word) -> Binding:
        if "$" in word.text and not word.redacted:
            return Binding(name, None, word.evidence, reason="the script decides it when it runs", surely=False)
        return Binding(name, word.text, word.evidence, word.redacted)

    def _from_shell(self, name: str, word: Word) -> Binding:
        if name in self.env:
            return self.env[name]
        return Binding(
            name, None, word.evidence, reason="its value is taken from the shell that starts the container", surely=False
        )

    def _opaque(self, word: Word, reason: str) -> Opaque:
        return Opaque(reason, _STEP, word.evidence)

    def _word(self, node: Node) -> Word:
        """Return a word with what is known of its variables; whatever a run decides keeps its dollar sign."""
        parts = node.get("joined")
        text, redacted = node.text, node.redacted
        if parts is not None:
            text = "".join(self._part(part) for part in parts.items)
            redacted = any(part.redacted or self._is_secret(part) for part in parts.items)
        elif node.kind is NodeKind.SEQUENCE:
            text = "$"
        return Word(text, self.source.evidence(self._place(node), text), redacted)

    def _part(self, part: Node) -> str:
        variable, unread = part.get("variable"), part.get("unknown")
        if variable is not None:
            name = variable.text
            return self.known.get(name, _value(self.env.get(name)) or "${" + name + "}")
        if unread is not None:
            values = {**{n: v for n, b in self.env.items() if (v := _value(b))}, **self.known}
            return interpolate(unread.text, values)[0] if unread.text.startswith("${") else unread.text
        return part.text if part.kind is NodeKind.SCALAR else "$(…)"

    def _is_secret(self, part: Node) -> bool:
        variable = part.get("variable")
        bound = self.env.get(variable.text) if variable is not None else None
        return variable is not None and (variable.text in self.secret or (bound is not None and bound.redacted))

    def _place(self, node: Node) -> Node:
        return self.at or node


def _value(bound: Binding | None) -> str:
    return bound.value if bound is not None and bound.value is not None else ""


def _is_variable(word: Word) -> bool:
    name, equals, _ = word.text.partition("=")
    return bool(equals) and name.isidentifier()


def _assignments(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield every assignment of a script; a variable of ``for`` or ``read`` counts as many."""
    for _, each in node.walk():
        given, run, loop = each.get("set"), each.get("run"), each.get("for")
        yield from ((k.text, v) for k, v in given.entries) if given is not None else ()
        if loop is not None:
            yield from ((loop.text, loop), (loop.text, loop))
        if run is None or not run.items:
            continue
        for item in run.items[1:] if run.items[0].text in (*_EXPORTS, "local", "readonly") else ():
            first = item.text if item.get("joined") is None else item.at("joined", 0)
            text = first if isinstance(first, str) else first.text if first is not None else ""
            if "=" in text:
                yield text.partition("=")[0], item
        if run.items[0].text == "read":
            yield from ((item.text, item) for item in run.items[1:] for _ in range(2))
