"""The catalog: products, endpoints and operators, parsed when they are asked for."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Mapping
from pathlib import Path

from auditor.catalog.endpoints import EndpointEntry, Region, RegionTables, best_pattern, in_region, parse_endpoints, region_in
from auditor.catalog.library import Library, read_library
from auditor.catalog.parsing import parse_product, parse_recognition
from auditor.catalog.product import Product, Recognition
from auditor.catalog.reading import parse_text, section
from auditor.catalog.sources import Fact, source_table
from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.evidence import Evidence
from auditor.facts.hosts import normalise_host
from auditor.facts.places import Operator
from auditor.facts.vocabulary import Basis


class Catalog:
    """What is known of products and places; a pure function of its files, answers kept once given."""

    def __init__(self, library: Library) -> None:
        """Keep the files; nothing is parsed yet."""
        self._library = library
        self._products: dict[str, Product] = {}
        self._endpoints: dict[str, tuple[EndpointEntry, ...]] = {}
        self._hosts: dict[str, EndpointEntry | None] = {}

    @functools.cached_property
    def sha256(self) -> str:
        """Digest over every shipped and overlay file."""
        return self._library.sha256()

    def products(self) -> tuple[str, ...]:
        """Return the ids of every product, sorted."""
        return self._library.names("products")

    def product(self, identifier: str) -> Product:
        """Return the product; its file is parsed on the first call.

        Raises:
            InvalidInputError: no such product; the message names the nearest ones.
        """
        if identifier not in self._products:
            trees = self._library.trees(f"products/{identifier}.yaml")
            if not trees:
                raise InvalidInputError(
                    Diagnostic(
                        what=f'the catalog knows no product "{identifier}"',
                        why=f"it knows {', '.join(self.products())}",
                        next_step=_suggestion(identifier, self.products()),
                    )
                )
            self._products[identifier] = parse_product(*trees[-1])
        return self._products[identifier]

    def recognitions(self, identifier: str) -> tuple[Recognition, ...]:
        """Return the rules that recognise a product, without parsing the rest of its file."""
        if identifier in self._products:
            return self._products[identifier].recognise
        name = f"products/{identifier}.yaml"
        text = section(self._library.overlay.get(name) or self._library.shipped.get(name, ""), "recognise")
        return parse_recognition(parse_text(text, f"catalog/{name}")["recognise"]) if text else ()

    def endpoint_for_host(self, host: str) -> EndpointEntry | None:
        """Return the endpoint whose most specific pattern covers ``host``, region and countries filled; ``None`` for none."""
        name = normalise_host(host)
        if name not in self._hosts:
            self._hosts[name] = self._find(name)
        return self._hosts[name]

    def endpoint(self, identifier: str) -> EndpointEntry | None:
        """Return the endpoint ``<operator>/<role>[@qualifier]``, or ``None``."""
        entries = {e.id: e for e in self._entries(identifier.split("/", 1)[0])}
        if identifier in entries:
            return entries[identifier]
        base, _, region = identifier.partition("@")
        known = entries.get(base)
        if known is None or region not in self._regions.get(known.region_table, {}):
            return None
        return in_region(known, region, self._regions)

    def regions(self, table: str) -> Mapping[str, str]:
        """Return region → country of a region table (``unknown`` where only a weak source says it), empty for none of that id."""
        found = self._regions.get(table, {})
        return {name: region.country if region.fact.decides else "unknown" for name, region in found.items()}

    def operator(self, identifier: str) -> Operator | None:
        """Return the organisation, or ``None``."""
        return self._operators.get(identifier)

    @staticmethod
    def evidence(fact: Fact, text: str, basis: Basis = Basis.DECLARED) -> Evidence:
        """Return ``fact`` as located evidence that says ``text``."""
        return Evidence(basis, fact.location(), text)

    def _find(self, host: str) -> EndpointEntry | None:
        found: list[tuple[tuple[int, int], str, EndpointEntry]] = []
        for operator in self._library.operators_of(".".join(host.split(".")[-2:])):
            for entry in self._entries(operator):
                best = best_pattern(entry, host)
                if best is not None:
                    found.append((*best, entry))
        if not found:
            return None
        _, pattern, entry = max(found, key=lambda f: (f[0], f[2].id))
        return in_region(entry, region_in(pattern, host), self._regions)

    def _entries(self, operator: str) -> tuple[EndpointEntry, ...]:
        if operator not in self._endpoints:
            entries: dict[str, EndpointEntry] = {}
            for tree, file in self._library.trees(f"endpoints/{operator}.yaml"):
                entries |= {e.id: e for e in parse_endpoints(tree, file)}
            self._endpoints[operator] = tuple(entries[key] for key in sorted(entries))
        return self._endpoints[operator]

    @functools.cached_property
    def _operators(self) -> Mapping[str, Operator]:
        found: dict[str, Operator] = {}
        for tree, file in self._library.trees("operators.yaml"):
            table = source_table(tree, file)
            for entry in tree["operators"]:
                fact = table.fact(f"operators.{entry['id']}", entry)
                said = "" if entry["country"] == "unknown" else entry["country"]
                stated = (
                    f"{entry['title']} is under the law of {said}" if said else f"the country of {entry['title']} is not known"
                )
                # What only a weak source says grants no pass: the country then counts as unknown.
                country = said if fact.decides else ""
                found[entry["id"]] = Operator(entry["id"], entry["title"], country, (self.evidence(fact, stated),))
        return found

    @functools.cached_property
    def _regions(self) -> RegionTables:
        found: dict[str, dict[str, Region]] = {}
        for tree, file in self._library.trees("regions.yaml"):
            sources = source_table(tree, file)
            for table in tree["tables"]:
                found[table["id"]] = {
                    r["region"]: Region(r["country"], sources.fact(f"tables.{table['id']}.{r['region']}", r))
                    for r in table["regions"]
                }
        return found


def load_catalog(overlay: Path | None = None) -> Catalog:
    """Return the shipped catalog with the files of ``overlay`` laid over it; cheap, products are parsed on demand.

    Raises:
        InvalidInputError: a malformed overlay.
    """
    return Catalog(read_library(overlay))


def _suggestion(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(re.sub(r"[^a-z0-9._-]", "-", word.lower()), known, n=3, cutoff=0.4)
    return f"did you mean {' or '.join(near)}?" if near else "see docs/catalog.md for adding one with --catalog"
