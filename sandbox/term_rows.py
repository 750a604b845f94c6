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


def baseline(session: Session, data: dict[str, Any], terms: Terms) -> list[dict[str, Any]]:
    """What would be done otherwise, in numbers: figures count above it."""
    from sandbox.forms import number_text, row, unit

    fields = (
        ("boiler_efficiency", "–"),
        ("electricity_kwh_per_gj", "kWh/GJ"),
        ("income_cny_per_year", unit(session, "CNY/year")),
        ("cost_cny_per_year", unit(session, "CNY/year")),
    )
    given = data.get("baseline") if isinstance(data.get("baseline"), dict) else {}
    return [
        row(
            session,
            "economics",
            f"baseline.{path}",
            "baseline",
            action="set_baseline",
            value=getattr(terms.baseline, path),
            text=number_text(getattr(terms.baseline, path), 3),
            unit=shown,
            own=path in given,
        )
        for path, shown in fields
    ]
