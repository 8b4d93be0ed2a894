"""A register of information: the columns of template B_02.02 of DORA, as far as they are facts of the assessment.

Commission Implementing Regulation (EU) 2024/2956, Annex I, "Contractual arrangements, specific information", 18 columns. What
only the contract says comes from ``contracts:`` of the manifest, and is empty where its author says nothing; so is a country that
is not known, and ``open`` says so. The columns behind the eighteen say from where the facts are.
"""

from __future__ import annotations

from auditor.facts.assessment import Assessment, ContractRecord
from auditor.report.names import Names
from auditor.report.tables import Row, Table, several
from auditor.report.view_flows import INSIDE, ledger
from auditor.report.view_ledger import LedgerGroup

B_02_02 = (
    *(
        "B_02.02.0010 contractual arrangement",
        "B_02.02.0020 LEI of the user",
        "B_02.02.0030 provider",
        "B_02.02.0040 type of code",
    ),
    *("B_02.02.0050 function", "B_02.02.0060 type of ICT services", "B_02.02.0070 start", "B_02.02.0080 end"),
    *("B_02.02.0090 reason of ending", "B_02.02.0100 notice by the entity", "B_02.02.0110 notice by the provider"),
    *("B_02.02.0120 governing law", "B_02.02.0130 country of provision", "B_02.02.0140 storage of data"),
    *("B_02.02.0150 location of data at rest", "B_02.02.0160 location of processing", "B_02.02.0170 sensitiveness"),
    "B_02.02.0180 reliance",
)
BEHIND = ("provider_name", "provider_law", "sub_processor", "data", "retention", "channels", "evidence", "stated_at", "open")
_EMPTY = ""


def register_table(assessment: Assessment) -> Table:
    """Return one line a provider outside, contract, country at rest and country of processing: the register wants one of each.

    A contract with a provider that no flow is known to reach has a line of its own, which says so.
    """
    names = Names(assessment)
    groups = [group for group in ledger(assessment, names) if group.where != INSIDE]
    rows = [row for group in groups for row in _rows(group, names)]
    reached = {group.operator_id for group in groups}
    rows += [_unreached(c, names) for c in assessment.contracts if c.provider not in reached]
    return Table((*B_02_02, *BEHIND), tuple(rows))


def _rows(group: LedgerGroup, names: Names) -> list[Row]:
    processing = group.countries.split(", ") if group.countries != "not known" else []
    law = group.law.removeprefix("law of ") if group.law.startswith("law of ") else ""
    contracts = names.contracts.get(group.operator_id, [])
    lacking = {
        "contract": contracts,
        "location at rest": group.storage,
        "location of processing": processing,
        "law of the provider": law,
    }
    stored = "Yes" if group.retention else _EMPTY
    rows: list[Row] = []
    for contract in contracts or (None,):
        own = [group.hosted_by] if group.hosted_by else []
        behind: Row = (
            group.operator,
            law,
            several((*own, *(names.sub_processors(contract) if contract else ()))),
            group.data,
            several(group.retention),
            len(group.channels),
            several(reference.label for channel in group.channels for reference in channel.evidence),
            _stated_at(contract),
            several(name for name, known in lacking.items() if not known),
        )
        rows += [
            (*_line(contract, stored, at_rest, processed), *behind)
            for at_rest in group.storage or (_EMPTY,)
            for processed in processing or [_EMPTY]
        ]
    return rows


def _line(contract: ContractRecord | None, stored: str, at_rest: str, processed: str) -> Row:
    """Return the eighteen columns: of the contract what its author states, of the data what the assessment knows."""
    if contract is None:
        return (*[_EMPTY] * 13, stored, at_rest, processed, _EMPTY, _EMPTY)
    c = contract
    return (
        *(c.reference, c.entity_lei, c.provider_code, c.code_type, c.function, c.service, c.start, c.end, c.ended_because),
        *(c.notice_entity, c.notice_provider, c.governing_law, c.provision, stored, at_rest, processed, c.sensitiveness),
        c.reliance,
    )


def _unreached(contract: ContractRecord, names: Names) -> Row:
    operator, law = names.operator(contract.provider), names.operator_country(contract.provider)
    chain = several(names.sub_processors(contract))
    said = "no flow to this provider is known"
    return (*_line(contract, _EMPTY, _EMPTY, _EMPTY), operator, law, chain, "", "", 0, "", _stated_at(contract), said)


def _stated_at(contract: ContractRecord | None) -> str:
    return f"{contract.path}:{contract.line}" if contract else _EMPTY
