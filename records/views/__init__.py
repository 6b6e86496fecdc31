"""What people look at, one file a screen. Reads only; screens never ask Temporal (docs/decisions 12)."""

from records.views.cases import (
    MASKS,
    CaseLine,
    CaseSheet,
    Counts,
    Customer,
    Filters,
    TurnLine,
    by_ends,
    case_counts,
    case_sheet,
    cases_of,
    list_cases,
    mask_contact,
    mask_name,
    turns_of,
)

__all__ = [
    "MASKS",
    "CaseLine",
    "CaseSheet",
    "Counts",
    "Customer",
    "Filters",
    "TurnLine",
    "by_ends",
    "case_counts",
    "case_sheet",
    "cases_of",
    "list_cases",
    "mask_contact",
    "mask_name",
    "turns_of",
]
