"""Rows of the economics drawer that say how long a scheme runs: years of the project, days of a season."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twin_models.types import DAYS_PER_YEAR

if TYPE_CHECKING:
    from sandbox.session import Session

MOST_YEARS = 1000.0
LEAST_DAYS = 1.0


def rows(session: Session) -> list[dict[str, Any]]:
    """Years of operation (a) and days a year at the stated rates, each with what the scheme file allows."""
    from sandbox.forms import number_text, range_text, row

    scheme = session.scheme
    fields = (
        ("years", "assume_years", scheme.years, "a", 0.01, MOST_YEARS),
        ("season_days", "time_season_days", scheme.season_days, "d", LEAST_DAYS, DAYS_PER_YEAR),
    )
    return [
        row(
            session,
            "economics",
            path,
            "time",
            action="set_times",
            field=path,
            label=session.text(name),
            value=value,
            text=number_text(value, 2),
            unit=unit,
            own=True,
            range=range_text(low, high, unit),
        )
        for path, name, value, unit, low, high in fields
    ]
