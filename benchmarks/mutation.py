"""Mutation testing of the evaluator: a changed operator, quantifier, default or condition must make some test fail.

Run: ``python -m benchmarks.mutation [--every N] [--tests PATH…] [MODULE…]``, as ``evaluate.quantifiers``. Printed are the
mutants that no test noticed, those that none can, and the score. No file is written.

The tests are collected once. A first run traces which test reaches which line; a mutant then gets only the tests that reach
its lines, the quickest first, in a fork in which the code of the changed function was exchanged, and ends with the first failure.
A change outside functions (a default, a table) is seen at import only: it runs in an interpreter of its own. Tests over thousands
of random worlds are left out, so the score is a lower bound: what only they would notice lives on.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from benchmarks.equivalents import EQUIVALENT
from benchmarks.mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
EVALUATOR = (
    "facts.truth",
    "evaluate.matching",
    "evaluate.row_index",
    "evaluate.presence",
    "evaluate.component_rules",
    "evaluate.flow_rules",
    "evaluate.shared_calls",
    "evaluate.flow_items",
    "evaluate.path_rules",
    "evaluate.store_rules",
    "evaluate.quantifiers",
    "evaluate.wholly",
    "evaluate.conditions",
    "evaluate.scopes",
    "evaluate.judging",
    "evaluate.outcome",
    "evaluate.doubts",
    "evaluate.contradictions",
    "evaluate.resolving",
    "evaluate.parameters",
    "evaluate.sufficiency",
    "evaluate.traffic_sufficiency",
    "evaluate.exercise",
    "evaluate.ages",
    "evaluate.plausibility",
    "evaluate.exceptions",
    "evaluate.expiry",
    "evaluate.verdicts",
)
"""What decides a verdict, in the order in which it is asked."""
_SECONDS = 100
"""Processor time after which a mutant counts as hanging, and as noticed."""
_TOLD = 20
"""After so many mutants the run says where it is."""
_NAMED = 400
"""More tests than this are named by their files: a command line has an end."""
_CACHE = type(functools.cache(len))
_SEARCHING = ("test_refinement.py", "test_properties.py")
"""Files of tests over random worlds, left out: they take longer than all others together."""
_QUICK = "tests of mutants"
_IMPORTER = """
import importlib.machinery, importlib.util, marshal, sys
NAME, PATH = sys.argv[1], sys.argv[2]
CODE = marshal.loads(sys.stdin.buffer.read())

class Mutated(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        return CODE

class Finder:
    @staticmethod
    def find_spec(fullname, path=None, target=None):
        if fullname == NAME:
            return importlib.util.spec_from_file_location(NAME, PATH, loader=Mutated(NAME, PATH))

sys.meta_path.insert(0, Finder)
from benchmarks.mutation import quick_properties
quick_properties()
import pytest
from benchmarks.mutation import OPTIONS
sys.exit(pytest.main(["-x", *OPTIONS, *sys.argv[3:]]))
"""
OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def quick_properties() -> None:
    """Make property tests end at the first counterexample, whatever the load of the machine."""
    settings.register_profile(
        _QUICK,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    os.environ["HYPOTHESIS_PROFILE"] = _QUICK


@dataclass
class Reach:
    """What one test reaches, and how long it takes."""

    test: str
    seconds: float = 0.0
    lines: dict[str, set[int]] = field(default_factory=dict)


class Session:
    """A plugin of pytest that runs the mutants in place of the tests."""

    def __init__(self, chosen: Sequence[Mutant]) -> None:
        self.chosen = chosen
        self.out = os.fdopen(os.dup(1), "w")
        """Where results go: what pytest prints of its tests is not shown."""
        self.alive: list[Mutant] = []
        self.equivalent: list[Mutant] = []
        self.excusing: set[tuple[str, str, str]] = set()
        """Entries of the list of equivalent mutants that a mutant needed."""
        self.broken: list[str] = []
        """Tests that fail without any mutant: then nothing is proven."""
        self.complete = False
        self.keen: Counter[tuple[str, str]] = Counter()
        """How many mutants of a module each test noticed: such tests are asked first."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Trace the tests, then run every mutant."""
        live = _functions({m.module for m in self.chosen})
        paths = {str(m.path) for m in self.chosen}
        reaches, self.broken = _traced(session, paths)
        if self.broken:
            return True
        gc.collect()
        gc.freeze()
        caches = [thing for thing in gc.get_objects() if isinstance(thing, _CACHE)]
        for number, mutant in enumerate(self.chosen, 1):
            items = [session.items[at] for at in _reaching(mutant, reaches, self.keen)]
            exchange = _exchange(mutant, live)
            if exchange is None:
                caught = _noticed_at_import(mutant, items)
            else:
                caught, by = _noticed_in_fork(session, items, exchange, caches)
                self.keen[mutant.module, by] += 1
            self._tell(mutant, len(items), caught=caught)
            if number % _TOLD == 0:
                print(f"{number} of {len(self.chosen)}, {len(self.alive)} alive", file=self.out, flush=True)
        self.complete = True
        return True

    def _tell(self, mutant: Mutant, reached: int, *, caught: bool) -> None:
        if caught:
            return
        entry, reason = _why_equivalent(mutant)
        if reason:
            self.excusing.add(entry)
            self.equivalent.append(mutant)
            print(f"equivalent: {mutant.module} {mutant.name}: {reason}", file=self.out, flush=True)
        else:
            self.alive.append(mutant)
            print(f"alive: {mutant.module} {mutant.name} ({reached} tests reach it)", file=self.out, flush=True)


def _why_equivalent(mutant: Mutant) -> tuple[tuple[str, str, str], str]:
    """Return the entry that says why nobody can notice the mutant, and the reason; nothing where it is not listed."""
    found = (
        (entry, reason)
        for entry, reason in EQUIVALENT.items()
        if entry[0] == mutant.module and entry[1] in mutant.source and entry[2] in mutant.change
    )
    return next(found, (("", "", ""), ""))


def _functions(modules: set[str]) -> dict[tuple[str, object], list[types.FunctionType]]:
    """Return the living functions of the modules by the place of their code."""
    found: dict[tuple[str, object], list[types.FunctionType]] = {}
    names = {f"auditor.{module}" for module in modules}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__module__ in names:
            found.setdefault((thing.__code__.co_filename, _place(thing.__code__)), []).append(thing)
    return found


def _place(code: types.CodeType) -> object:
    return code.co_qualname, code.co_firstlineno, next((p for p in code.co_positions() if p[2]), None)


def _outermost(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the code of the functions of a module and of its classes, without what lies in functions."""
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            is_class = not part.co_flags & 0x2  # CO_NEWLOCALS without CO_OPTIMIZED
            if is_class or not part.co_flags & 0x1:
                yield from _outermost(part)
            else:
                yield part


def _exchange(mutant: Mutant, live: dict[tuple[str, object], list[types.FunctionType]]) -> Callable[[], None] | None:
    """Return what puts the mutant's code into the living functions; nothing where the change lies outside functions."""
    name = str(mutant.path)
    before = compile(mutant.text, name, "exec")
    pairs = list(zip(_outermost(before), _outermost(compile(mutant.tree, name, "exec")), strict=True))
    changed = [(old, new) for old, new in pairs if old != new]
    found = [(function, new) for old, new in changed for function in live.get((name, _place(old)), ())]
    if len(changed) != 1 or not found or any(f.__code__.co_freevars != new.co_freevars for f, new in found):
        return None

    def put() -> None:
        for function, new in found:
            function.__code__ = new

    return put


def _traced(session: pytest.Session, paths: set[str]) -> tuple[list[Reach], list[str]]:
    """Run all tests in a fork and return what each reaches, and which fail."""
    with tempfile.TemporaryFile("w+") as report:
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                _trace_into(session, paths, report.fileno())
                os._exit(0)
            os._exit(1)
        if os.waitpid(child, 0)[1]:
            raise SystemExit("The tests could not be traced.")
        report.seek(0)
        reaches = [Reach(item.nodeid) for item in session.items]
        broken = []
        for line in report:
            kind, number, *rest = line.split("\t")
            at = int(number)
            if kind == "seconds":
                reaches[at].seconds = float(rest[0])
                if rest[1].strip() == "failed":
                    broken.append(session.items[at].nodeid)
            else:
                reaches[at].lines[rest[0]] = {int(n) for n in rest[1].split()}
    return reaches, broken


def _trace_into(session: pytest.Session, paths: set[str], report: int) -> None:
    reached: dict[str, set[int]] = {}

    def local(frame: types.FrameType, event: str, _: object) -> object:
        if event == "line":
            reached[frame.f_code.co_filename].add(frame.f_lineno)
        return local

    def trace(frame: types.FrameType, event: str, _: object) -> object:
        if event == "call" and frame.f_code.co_filename in reached:
            reached[frame.f_code.co_filename].add(frame.f_lineno)
            return local
        return None

    _silence()
    for at, item in enumerate(session.items):
        for path in paths:
            reached[path] = set()
        before, started = session.testsfailed, time.process_time()
        sys.settrace(trace)  # type: ignore[arg-type]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        sys.settrace(None)
        state = "failed" if session.testsfailed > before else "passed"
        lines = [f"seconds\t{at}\t{time.process_time() - started}\t{state}\n"]
        lines.extend(f"lines\t{at}\t{path}\t{' '.join(map(str, sorted(seen)))}\n" for path, seen in reached.items() if seen)
        os.write(report, "".join(lines).encode())


def _silence() -> None:
    """Let pytest print nothing."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def _reaching(mutant: Mutant, reaches: Sequence[Reach], keen: Counter[tuple[str, str]]) -> list[int]:
    """Return the tests that reach the lines of the mutant: those that noticed others of its module first, then the quickest."""
    lines = set(range(mutant.first_line, mutant.last_line + 1))
    reached = [(at, reach.lines[str(mutant.path)]) for at, reach in enumerate(reaches) if str(mutant.path) in reach.lines]
    found = [at for at, seen in reached if not mutant.in_function or not lines.isdisjoint(seen)]
    return sorted(found, key=lambda at: (-keen[mutant.module, reaches[at].test], reaches[at].seconds))


def _noticed_in_fork(
    session: pytest.Session, items: Sequence[pytest.Item], put: Callable[[], None], caches: Sequence[Any]
) -> tuple[bool, str]:
    """Return whether a test fails in a fork in which ``put`` was called, or the fork ends by itself; and which test."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS + 5))
            put()
            for cache in caches:
                cache.cache_clear()
            failed = _first_failure(session, items)
            os.write(theirs, failed.encode())
            code = 1 if failed else 0
        os._exit(code)
    os.close(theirs)
    with os.fdopen(ours) as told:
        by = told.read()
    return os.waitpid(child, 0)[1] != 0, by


def _first_failure(session: pytest.Session, items: Sequence[pytest.Item]) -> str:
    for item in items:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if session.testsfailed:
            return item.nodeid
    return ""


def _noticed_at_import(mutant: Mutant, items: Sequence[pytest.Item]) -> bool:
    """Return whether a test fails, or none can run, in an interpreter that imports the mutant in place of its module."""
    import marshal

    nodes = [item.nodeid for item in items]
    if len(nodes) > _NAMED:
        nodes = sorted({node.split("::")[0] for node in nodes})
    if not nodes:
        return False
    code = marshal.dumps(compile(mutant.tree, str(mutant.path), "exec"))
    command = [sys.executable, "-c", _IMPORTER, f"auditor.{mutant.module}", str(mutant.path), *nodes]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, input=code, cwd=ROOT, env=environment, capture_output=True, check=False, preexec_fn=_limited)
    return done.returncode != 0


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (3 * _SECONDS, 3 * _SECONDS + 5))


def main() -> None:
    """Print the mutants that live on and the score."""
    parser = argparse.ArgumentParser(description="Mutation testing of the evaluator.")
    parser.add_argument("--every", type=int, default=1, help="take each N-th mutant")
    parser.add_argument("--tests", nargs="+", default=_tests())
    parser.add_argument("modules", nargs="*", default=EVALUATOR)
    given = parser.parse_args()
    quick_properties()
    chosen = [m for module in given.modules for m in mutants(module, _path(module))][:: given.every]
    session = Session(chosen)
    _silence()
    pytest.main(
        [*OPTIONS, "-m", "not slow and not browser and not root", *(str(ROOT / test) for test in given.tests)], plugins=[session]
    )
    if session.broken:
        print(f"Nothing is proven: without a mutant these tests fail: {', '.join(session.broken)}", file=session.out, flush=True)
        raise SystemExit(1)
    if not session.complete:
        print("Nothing is proven: the run broke off. The cause shows without _silence().", file=session.out, flush=True)
        raise SystemExit(1)
    for entry in EQUIVALENT if given.every == 1 else ():
        if entry[0] in given.modules and entry not in session.excusing:
            print(f"listed as equivalent, and needed by no mutant: {entry}", file=session.out)
    for module in (*given.modules, ""):
        made, equivalent, alive = (
            sum(module in ("", m.module) for m in some) for some in (chosen, session.equivalent, session.alive)
        )
        print(
            f"{module or 'all'}: {made - equivalent - alive} of {made} noticed, {equivalent} equivalent, {alive} alive",
            file=session.out,
        )
    session.out.flush()


def _tests() -> list[str]:
    files = (path.relative_to(ROOT) for path in sorted((ROOT / "tests" / "evaluate").glob("test_*.py")))
    return [*(str(path) for path in files if path.name not in _SEARCHING), "tests/test_facts.py"]


def _path(module: str) -> Path:
    return ROOT.joinpath("auditor", *module.split(".")).with_suffix(".py")


if __name__ == "__main__":
    main()
