"""What the catalog knows of a product or a host, for a terminal."""

from __future__ import annotations

from auditor.catalog import EndpointEntry, Product
from auditor.catalog.moving import idle_settings
from auditor.catalog.sources import Fact
from auditor.facts.places import Countries, Operator
from auditor.report.escape import clean


def render_product(product: Product) -> str:
    """Return a product's flows and settings, each with the grade and date of the fact; ends with a line break."""
    lines = [
        f"{product.title} ({product.id}), facts up to version {product.newest_version or 'not named'}",
        "",
        "Flows",
    ]
    for flow in product.flows:
        sends = ", ".join(c.value for c in flow.sends) or "nothing of yours"
        lines.append(f"  {flow.id}: {flow.purpose}; required: {flow.required.value} [{_source(flow.fact)}]")
        lines.append(f"      sends {sends}")
    lines += ["", "Settings"]
    idle = idle_settings(product)
    lines += [
        f"  {s.id}: {s.title} [{_source(s.fact)}]" + ("; no flow depends on it" if s.id in idle else "") for s in product.settings
    ]
    lines += ["", "Questions that no file answers"]
    lines += [f"  {q.id}: {q.question}" for q in product.facts] or ["  none"]
    return "".join(f"{clean(line)}\n" for line in lines)


def render_host(host: str, entry: EndpointEntry | None, operator: Operator | None) -> str:
    """Return whose host it is and where it processes and stores; a host that nothing covers is said to be unknown."""
    if entry is None:
        return f"{clean(host)}: unknown; no pattern of the catalog covers it\n"
    law = operator.country if operator is not None and operator.country else "unknown"
    lines = [
        f"{host}: {entry.title} ({entry.id})",
        f"  operator    {operator.title if operator is not None else entry.operator}, under the law of {law}",
        f"  role        {entry.role.value}, plane {entry.plane.value}",
        f"  processing  {_countries(entry.processing)}{'; ' + entry.processing_reason if entry.processing_reason else ''}",
        f"  storage     {_countries(entry.storage)}",
        f"  source      {_source(entry.fact)}",
    ]
    return "".join(f"{clean(line)}\n" for line in lines)


def _countries(countries: Countries) -> str:
    return "unknown" if countries is None else ", ".join(countries) or "nowhere"


def _source(fact: Fact) -> str:
    weak = "" if fact.decides else ", grants no pass"
    return f"{fact.grade.value}, {fact.date or fact.source.date}{weak}"
