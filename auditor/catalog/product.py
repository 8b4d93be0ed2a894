"""A product as the catalog describes it: the nouns of docs/catalog.md, frozen."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.catalog.conditions import Condition
from auditor.catalog.scopes import Scope
from auditor.catalog.settings import SettingDefinition
from auditor.catalog.sources import Fact
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Party, Plane, Role, Transport

PROPRIETARY = "proprietary"


@dataclass(frozen=True, slots=True)
class Licence:
    """The product's licence."""

    spdx: str
    open_source: Truth
    fact: Fact

    @property
    def name(self) -> str:
        """SPDX expression, ``proprietary`` for a closed product, empty when unknown."""
        return self.spdx or (PROPRIETARY if self.open_source is Truth.NO else "")


@dataclass(frozen=True, slots=True)
class Era:
    """A named range of versions."""

    id: str
    version: str
    title: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A form of values that point at an environment variable."""

    prefix: str
    suffix: str
    """Empty where the name goes to the end of the value."""

    def to(self, name: str) -> str:
        """Return how a value points at the variable ``name``."""
        return f"{self.prefix}{name}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Recognition:
    """One rule by which a process or file is known; exactly one of the patterns is filled."""

    workload: str = ""
    scope: str = ""
    image: str = ""
    env_prefix: str = ""
    command: str = ""
    unless: str = ""
    """A longer command that is another product's."""
    module: str = ""
    """Glob on the source of a Terraform module."""
    env: str = ""
    """One variable, or ``module:<argument>``, that nothing else has."""
    companion: bool = False
    """Whether other products use it just as well (a database): it never shows by itself that the product is there."""
    file: str = ""
    keys: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Where a Helm values file keeps a process's environment, arguments and image (dotted paths)."""

    id: str
    workload: str
    keys: tuple[str, ...]
    env: tuple[str, ...]
    env_from: tuple[str, ...]
    args: tuple[str, ...]
    image: tuple[str, ...]
    tag: tuple[str, ...] = ()
    """Where the image's tag stands when ``image`` holds the repository alone."""
    command: tuple[str, ...] = ()
    """Where a command stands that replaces the image's program."""
    starts: tuple[str, ...] = ()
    """Switches and blocks that start or become another process, which this description does not cover."""
    files: tuple[tuple[str, str], ...] = ()
    """(path, scope id) of blocks that the chart writes into a configuration file of the product as they are."""
    names: tuple[str, ...] = ()
    """What the chart is called in its repository."""


@dataclass(frozen=True, slots=True)
class WorkloadDefinition:
    """Something with addresses."""

    id: str
    title: str
    made_by: str = ""
    """The workload that makes it at run time, so that no input need show it."""


@dataclass(frozen=True, slots=True)
class ComponentDefinition:
    """One plane and one role; ``runs_in`` a workload or ``outside`` at an endpoint."""

    id: str
    title: str
    plane: Plane
    role: Role
    runs_in: str
    outside: str
    operated_by: str
    originates: tuple[DataClass, ...]
    passes_on: bool
    present: Condition
    policy_by: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class FactQuestion:
    """A question that no file answers."""

    id: str
    question: str
    answers: tuple[str, ...]
    who: Party
    settled_by: tuple[str, ...]
    fact: Fact


@dataclass(frozen=True, slots=True)
class Target:
    """Where a flow goes; which fields are filled tells the form (docs/catalog.md, ``to`` forms)."""

    hosts: tuple[str, ...] = ()
    setting: str = ""
    host_template: str = ""
    component: str = ""
    endpoint: str = ""
    for_each: str = ""
    key: str = ""
    url: str = ""
    field: str = ""
    """Item field that ``table`` is looked up by when ``url`` yields nothing."""
    table: str = ""
    derive: str = ""
    runtime: bool = False
    port: int = 0
    transport: Transport = Transport.TCP


@dataclass(frozen=True, slots=True)
class ProcessingRule:
    """How a flow itself decides where its data is processed."""

    derive: str
    model: str
    """Template of the model's id."""
    prefix: str
    """Setting whose value the program puts in front of a model's name; empty for none."""


@dataclass(frozen=True, slots=True)
class CureText:
    """What stops a flow when no setting does."""

    kind: str
    text: str
    fact: str = ""
    """Fact id that a contract changes, with the ``value`` it then has."""
    value: str = ""


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """One purpose that the product has for sending or fetching something."""

    id: str
    purpose: str
    source: str
    to: Target
    sends: tuple[DataClass, ...]
    receives: tuple[DataClass, ...]
    required: Truth
    on: Condition
    redirect: tuple[str, ...]
    end_to_end: bool
    processing: tuple[str, ...]
    processing_from: ProcessingRule | None
    cure: CureText | None
    held_open: bool
    fact: Fact


@dataclass(frozen=True, slots=True)
class StoreDefinition:
    """Data at rest."""

    id: str
    title: str
    component: str
    classes: tuple[DataClass, ...]
    country: tuple[str, ...]
    retention: str
    retention_setting: str
    remote_access: str
    on: Condition
    fact: Fact


@dataclass(frozen=True, slots=True)
class Filter:
    """A switch that limits what a part may reach; shown, not yet judged."""

    id: str
    on: Condition
    covers: tuple[str, ...]
    excepted: tuple[str, ...]
    strength: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Product:
    """Everything that the catalog knows of one product."""

    id: str
    title: str
    vendor: str
    licence: Licence
    file: str
    newest_version: str
    """Newest version that the facts speak of; empty when none is named."""
    eras: tuple[Era, ...]
    recognise: tuple[Recognition, ...]
    charts: tuple[Chart, ...]
    scopes: tuple[Scope, ...]
    """Lowest precedence first."""
    workloads: tuple[WorkloadDefinition, ...]
    components: tuple[ComponentDefinition, ...]
    settings: tuple[SettingDefinition, ...]
    facts: tuple[FactQuestion, ...]
    flows: tuple[FlowDefinition, ...]
    stores: tuple[StoreDefinition, ...]
    tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    references: tuple[Reference, ...]
    """Prefixes of values that name an environment variable: ``os.environ/``."""
    filters: tuple[Filter, ...]

    def setting(self, key: str) -> SettingDefinition | None:
        """Return the setting ``key``, or ``None``."""
        return next((s for s in self.settings if s.id == key), None)

    def component(self, key: str) -> ComponentDefinition | None:
        """Return the component ``key``, or ``None``."""
        return next((c for c in self.components if c.id == key), None)

    def table(self, key: str) -> dict[str, str]:
        """Return the table ``key`` as a mapping, empty when it is not there."""
        return next((dict(rows) for name, rows in self.tables if name == key), {})
