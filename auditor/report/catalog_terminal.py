"""What the catalog knows of a product or a host, for a terminal."""

from __future__ import annotations

from auditor.catalog import EndpointEntry, Product
from auditor.catalog.moving import idle_settings
from auditor.catalog.sources import Fact
from auditor.facts.places import Countries, Operator
from auditor.report.catalog_words import condition_words, destination_words, setting_words, stopping
from auditor.report.escape import clean


def render_product(product: Product) -> str:
    """Return a product's flows and settings, each with the grade and date of the fact; ends with a line break."""
    lines = [
        f"{product.title} ({product.id}), {_up_to(product)}",
        "",
        "Flows",
    ]
    for flow in product.flows:
        sends = ", ".join(c.value for c in flow.sends) or "nothing of yours"
        lines.append(f"  {flow.id}: {flow.purpose}; required: {flow.required.value} [{_source(flow.fact)}]")
        lines.append(f"      goes to {destination_words(flow)}")
        lines.append(f"      sends {sends}")
        lines += [f"      exists when {words}"] if (words := condition_words(flow.on)) else []
        lines += [f"      stopped by {', '.join(stops)}"] if (stops := stopping(product, flow)) else []
    lines += ["", "Settings"]
    idle = idle_settings(product)
    for setting in product.settings:
        unused = "; no flow depends on it" if setting.id in idle else ""
        lines += [f"  {setting.id}: {setting.title} [{_source(setting.fact)}]{unused}", f"      {setting_words(setting)}"]
    lines += ["", "Questions that no file answers"]
    lines += [f"  {q.id}: {q.question}" for q in product.facts] or ["  none"]
    return "".join(f"{clean(line)}\n" for line in lines)


def render_host(host: str, entry: EndpointEntry | None, operator: Operator | None) -> str:
    """Return whose host it is and where it processes and stores; a host that nothing covers is said to be unknown."""
    if entry is None:
        return f"{clean(host)}: unknown; no pattern of the catalog covers it\n"
    law = operator.country if operator is not None else "unknown"
    law = f"the law of {law}" if law not in ("", "unknown") else "a law that is not known"
    lines = [
        f"{host}: {entry.title} ({entry.id})",
        f"  operator    {operator.title if operator is not None else entry.operator}, under {law}",
        f"  role        {entry.role.value}, plane {entry.plane.value}",
        f"  processing  {_countries(entry.processing)}{'; ' + entry.processing_reason if entry.processing_reason else ''}",
        f"  storage     {_countries(entry.storage)}",
        f"  source      {_source(entry.fact)}",
    ]
    return "".join(f"{clean(line)}\n" for line in lines)


def _up_to(product: Product) -> str:
    version = product.newest_version
    return f"facts up to version {version}" if version else "facts of which no version is named"


def _countries(countries: Countries) -> str:
    return "unknown" if countries is None else ", ".join(countries) or "nowhere"


def _source(fact: Fact) -> str:
    weak = "" if fact.decides else ", grants no pass"
    return f"{fact.grade.value}, {fact.date or fact.source.date}{weak}"
