"""Rows of the economics drawer that are options: taxes and subsidies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios.economics import Terms

if TYPE_CHECKING:
    from sandbox.session import Session


def options(session: Session, data: dict[str, Any], terms: Terms) -> list[dict[str, Any]]:
    """Taxes and subsidies, off by default."""
    from sandbox.forms import number_text, row, unit

    fields = (
        ("heat_subsidy_cny_per_gj", unit(session, "CNY/GJ")),
        ("heat_subsidy_years", "a"),
        ("income_tax_pct", "%"),
        ("depreciation_years", "a"),
    )
    return [
        row(
            session,
            "economics",
            path,
            "finance",
            value=getattr(terms, path),
            text=number_text(getattr(terms, path), 3),
            unit=shown,
            own=path in data,
        )
        for path, shown in fields
    ]
