"""Every switch of every product, turned both ways: exactly the flows that appear, move or vanish.

``switches/<product>.yaml`` says what leaves as the product comes (``start``) and what each turn of one switch changes
(``turns``). What has to be turned is read from the catalog: a switch, an answer or a flow without a turn fails here.
"""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.catalog import Product
from auditor.catalog.settings import SettingDefinition
from auditor.config.paths import steps
from auditor.config.values import is_truthy
from auditor.facts.settings import SettingState
from auditor.facts.truth import Truth
from tests.catalog.dependants import Dependence, dependences, excepted_flows, umbrella_flows
from tests.catalog.switchboard import FACT, Board, State, Value, Way, catalog, snapshot, ways

TABLES = Path(__file__).parent / "switches"
PRODUCTS = catalog().products()


@dataclass(frozen=True)
class Change:
    """What one turn does to what leaves."""

    appears: dict[str, str]
    moves: dict[str, str]
    """Ends of what goes elsewhere, or becomes certain or uncertain."""
    vanishes: list[str]
    carries: dict[str, list[str]]
    processed: dict[str, str]
    told: dict[str, str]
    """Purposes that read otherwise: a model becomes a fallback."""

    @classmethod
    def between(cls, before: dict[str, State], after: dict[str, State]) -> Change:
        """Return the change from one state of a deployment to another."""
        both = [key for key in after if key in before]
        return cls(
            appears={k: s.end for k, s in after.items() if k not in before},
            moves={k: after[k].end for k in both if after[k].end != before[k].end},
            vanishes=sorted(k for k in before if k not in after),
            carries={k: _moved(before[k], after[k]) for k in both if after[k].carries != before[k].carries},
            processed={k: after[k].processed for k in both if after[k].processed != before[k].processed},
            told={k: after[k].purpose for k in both if after[k].purpose != before[k].purpose},
        )

    @classmethod
    def of(cls, turn: dict[str, Any]) -> Change:
        """Return the change that a row of a table tells."""
        return cls(
            turn.get("appears", {}),
            turn.get("moves", {}),
            sorted(turn.get("vanishes", [])),
            turn.get("carries", {}),
            turn.get("processed", {}),
            turn.get("told", {}),
        )

    @property
    def touched(self) -> set[str]:
        """What is not as it was: flow ids without the item, components, stores, ``carries <flow>``."""
        keys = {*self.appears, *self.moves, *self.vanishes, *self.processed, *self.told}
        return {_effect(k) for k in keys} | {f"carries {_effect(k)}" for k in self.carries}


def _moved(before: State, after: State) -> list[str]:
    return [f"+{c}" for c in after.carries if c not in before.carries] + [
        f"-{c}" for c in before.carries if c not in after.carries
    ]


def _effect(key: str) -> str:
    return key if key.startswith(("component ", "store ")) else key.partition(":")[0]


@functools.cache
def table(product: str) -> dict[str, Any]:
    """Return the table of a product; a product without one fails every test of it."""
    tree: dict[str, Any] = yaml.safe_load((TABLES / f"{product}.yaml").read_text(encoding="utf-8"))
    return tree


def _rows() -> Iterator[Any]:
    for path in sorted(TABLES.glob("*.yaml")):
        for number, turn in enumerate(table(path.stem)["turns"]):
            given = "+".join(turn.get("given", {}))
            name = f"{path.stem}-{number}-{turn['turn']}" + (f"-given-{given}" if given else "")
            yield pytest.param(path.stem, turn, id=name)


def _state(product: str, values: dict[str, Value]) -> dict[str, State]:
    with tempfile.TemporaryDirectory() as folder:
        return snapshot(catalog().product(product), values, Path(folder))


@functools.cache
def _start(product: str) -> dict[str, State]:
    return _state(product, {})


@functools.lru_cache(maxsize=8)
def _before(product: str, given: str) -> dict[str, State]:
    """Return the state before a turn; rows that are given the same follow one another."""
    return _state(product, json.loads(given))


def test_every_product_has_a_table_and_every_table_a_product() -> None:
    assert sorted(p.stem for p in TABLES.glob("*.yaml")) == list(PRODUCTS)


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_leaves_as_the_product_comes(product: str) -> None:
    assert {key: state.end for key, state in _start(product).items()} == table(product)["start"]


@pytest.mark.parametrize(("product", "turn"), list(_rows()))
def test_a_turn_changes_exactly_what_the_table_says(product: str, turn: dict[str, Any]) -> None:
    given = turn.get("given", {})
    before = _before(product, json.dumps(given)) if given else _start(product)
    after = _state(product, {**given, turn["turn"]: turn["to"]})
    assert Change.between(before, after) == Change.of(turn)


@pytest.mark.parametrize("product", PRODUCTS)
def test_whatever_a_switch_decides_is_seen_to_change_by_it_alone(product: str) -> None:
    described = catalog().product(product)
    wanted = {d for d in dependences(described) if not _only_marks(described, d)}
    assert sorted(wanted - _proven(product, wanted)) == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_boolean_is_turned_on_and_off_and_every_answer_given(product: str) -> None:
    described = catalog().product(product)
    deciding = {d.switch for d in dependences(described)}
    turned: dict[str, set[Value]] = {}
    for turn in table(product)["turns"]:
        if not isinstance(turn["to"], list):
            turned.setdefault(turn["turn"], set()).add(turn["to"])
    for setting in described.settings:
        if setting.id in deciding and setting.is_bool:
            truths = {is_truthy(str(v), setting.truthiness) for v in turned[setting.id]}
            # What is on as soon as it is there has no other way of being off than not to be there.
            unset = {Truth.NO} if setting.truthiness.value in ("presence", "any_nonempty") else set()
            assert truths | unset >= {Truth.YES, Truth.NO}, setting.id
    answers = {f"{FACT}{f.id}": set(f.answers) for f in described.facts if f"{FACT}{f.id}" in deciding}
    assert {key: turned.get(key) for key in answers} == answers


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_only_marks_data_as_opted_out_stops_nothing(product: str) -> None:
    marks = {s.id for s in catalog().product(product).settings if s.marks_opted_out}
    rows = [t for t in table(product)["turns"] if t["turn"] in marks]
    assert {t["turn"] for t in rows} == marks
    assert [t for t in rows if Change.of(t).touched] == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_an_umbrella_stops_no_flow_that_it_excepts(product: str) -> None:
    described = catalog().product(product)
    for setting in described.settings:
        if setting.umbrella is None:
            continue
        rows = [Change.of(t) for t in table(product)["turns"] if t["turn"] == setting.id]
        stopped = {_effect(k) for change in rows for k in change.vanishes}
        assert stopped & excepted_flows(described, setting) == set(), setting.id
        assert stopped >= umbrella_flows(described, setting), setting.id


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_name_of_every_setting_is_read(product: str, tmp_path: Path) -> None:
    """Each environment variable, flag, path and Helm value gives the setting its value."""
    described = catalog().product(product)
    unread = []
    for number, batch in enumerate(_batches(described)):
        board = Board(described)
        for setting, way in batch:
            board.put(way, setting, _some(setting))
        found = {s.key: s for s in board.write(tmp_path / str(number), described.newest_version or "1.0", {}).settings}
        for setting, way in batch:
            effective = found[setting.id]
            if not any(source.name == way.name and source.scope == way.scope.id for source in effective.chain):
                unread.append((setting.id, way.kind, way.name, way.scope.id, effective.state is SettingState.SET))
    assert unread == []


def _batches(product: Product) -> list[list[tuple[SettingDefinition, Way]]]:
    """Return every way of every setting in few deployments: settings that share a name, or a stem in a file, never in one."""
    found: list[tuple[set[tuple[str, ...]], list[tuple[SettingDefinition, Way]]]] = []
    moving = {s.found_at.env for s in product.scopes if s.found_at is not None}
    for setting in product.settings:
        names: set[tuple[str, ...]] = {
            ("name", n) for n in (setting.id, *setting.names.env, *setting.names.path, *setting.names.flag)
        }
        for way in ways(product, setting):
            stems = names | ({(way.scope.id, steps(way.name)[0])} if way.kind == "path" else set())
            if way.name in moving or way.kind in ("helm", "module") or way.name.startswith(("*", "[")):
                found.append(({("alone",)}, [(setting, way)]))
                continue
            free = (b for b in found if not (b[0] & stems or ("alone",) in b[0]))
            chosen = next(free, None)
            if chosen is None:
                found.append((stems, [(setting, way)]))
            else:
                chosen[0].update(stems)
                chosen[1].append((setting, way))
    return [batch for _, batch in found]


def _some(setting: SettingDefinition) -> Value:
    """Return a value of the setting's shape."""
    if any(n.endswith("*") for n in setting.names.env):
        return [{"key": "x", "value": "v"}]
    if setting.is_list and setting.item:
        return [{"key": "x", **{f.name: "https://x.example.net" if f.url else "v" for f in setting.item}}]
    return ["https://x.example.net"] if setting.is_list else "1"


def _only_marks(product: Product, dependence: Dependence) -> bool:
    setting = product.setting(dependence.switch)
    return setting is not None and setting.marks_opted_out


def _proven(product: str, wanted: set[Dependence]) -> set[Dependence]:
    found = set()
    for turn in table(product)["turns"]:
        switches = {turn["turn"], *_fields(turn)}
        touched = Change.of(turn).touched
        found |= {d for d in wanted if d.switch in switches and (d.effect in touched or _through(d, touched, wanted))}
    return found


def _through(dependence: Dependence, touched: set[str], wanted: set[Dependence]) -> bool:
    """Return whether a default that the switch decides was seen by something that its setting decides."""
    setting = dependence.effect.removeprefix("default of ")
    return setting != dependence.effect and any(d.switch == setting and d.effect in touched for d in wanted)


def _fields(turn: dict[str, Any]) -> set[str]:
    """Return the one field by which two lists of the same entries differ, as ``<list>[].<field>``."""
    before, after = turn.get("given", {}).get(turn["turn"]), turn["to"]
    if not isinstance(before, list) or not isinstance(after, list) or len(before) != len(after):
        return set()
    different = {
        key
        for old, new in zip(before, after, strict=True)
        if isinstance(old, dict) and isinstance(new, dict)
        for key in {*old, *new}
        if old.get(key) != new.get(key)
    }
    return {f"{turn['turn']}[].{key}" for key in different} if len(different) == 1 else set()
