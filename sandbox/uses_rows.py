"""Rows of the uses drawer: every number of a use or a part of the energy system with its unit, range, default and source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scenarios.costs import load_library
from scenarios.labels import label
from twin_models.uses import agriculture, cooling, drying, heating, power, system, wellness
from twin_models.uses.dispatch import PIPE_W_MK

if TYPE_CHECKING:
    from sandbox.session import Session

Limits = Mapping[str, tuple[float, float, float | None]]
# path below ``uses`` -> (fields, choices: field -> (values, default)); a part that is not there shows no rows.
TABLES: dict[str, tuple[Limits, dict[str, tuple[tuple[Any, ...], Any]]]] = {
    "heating": (heating._HEATING, {"mode": (heating.MODES, "exchanger")}),
    "heating.heat_pump": (heating._PUMP, {}),
    "heating.peak_boiler": (heating._BOILER, {"fuel": (heating.FUELS, "gas")}),
    "heating.cooling": (cooling.LIMITS, {}),
    "power": (power.LIMITS, {}),
    "drying": (drying.LIMITS, {"season": (drying.SEASONS, "warm")}),
    "agriculture": (
        agriculture.LIMITS,
        {"cover": (tuple(agriculture.COVERS), "double_polyethylene")},
    ),
    "wellness": (wellness.LIMITS, {}),
    "system.tank": (system.TANK, {}),
    "system.aquifer": (system.AQUIFER, {}),
    "system.network": (system.NETWORK, {"dn": (tuple(PIPE_W_MK), 150)}),
    "system.tariff": (system.TARIFF, {"own_power": (system.OWN_POWER, "use_first")}),
}
SKIPPED = {"station_x_m", "station_y_m"}  # set where the station stands on the map
UNITS = (
    ("_m2k", "W/(m² K)"),
    ("load_w_m2", "W/m²"),
    ("_degc", "℃"),
    ("_m2", "m²"),
    ("_m3", "m³"),
    ("_pct_per_day", "%/d"),
    ("_pct_per_month", "%/M"),
    ("_pct", "%"),
    ("_mw", "MW"),
    ("_k", "K"),
    ("per_h", "1/h"),
    ("kwh_per_t_water", "kWh/t"),
    ("kwh_per_mwh", "kWh/MWh"),
    ("t_per_day", "t/d"),
    ("visitors_per_day", "1/d"),
    ("l_per_visitor", "L"),
    ("_pa_per_m", "Pa/m"),
    ("season_days", "d"),
    ("cny_per_gj", "CNY/GJ"),
    ("cny_per_kwh", "CNY/kWh"),
    ("_m", "m"),
)
PRICED = {
    "heating.cooling": "cold_cny_per_gj",
    "power": "power_cny_per_kwh",
    "drying": "process_heat_cny_per_gj",
    "agriculture": "greenhouse_heat_cny_per_gj",
    "wellness": "spa_heat_cny_per_gj",
}


def span(low: float, high: float) -> str:
    """What is allowed, without an upper end that only guards against slips."""
    text = f"≥ {low:g}" if high >= 1e5 else f"{low:g} – {high:g}"
    return text.replace("-", "\u2212")


def unit_of(name: str) -> str:
    return next((unit for end, unit in UNITS if name.endswith(end)), "–")


def given(data: Mapping[str, Any], path: str) -> Any:
    """Value at a dotted path, ``None`` where the scheme leaves it open."""
    inner: Any = data
    for key in path.split("."):
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    return inner


def rows(session: Session, data: Mapping[str, Any], part: str, values: Any = None) -> list[dict[str, Any]]:
    """Rows of one part. ``values``: what is in force where the scheme is silent (an object with those attributes)."""
    from sandbox.forms import number_text, row, unit

    limits, choices = TABLES[part]
    found = []
    for name, (values_of, default) in choices.items():
        path = f"{part}.{name}"
        own = given(data, path)
        found.append(
            row(
                session,
                "uses",
                path,
                part,
                value=default if own is None else own,
                own=own is not None,
                choices=[{"value": v, "text": choice_text(session, name, v)} for v in values_of],
            )
        )
    for name, (low, high, default) in limits.items():
        if name in SKIPPED:
            continue
        path = f"{part}.{name}"
        own = given(data, path)
        known, source = _usual(session, part, name, default)
        if known is None and values is not None:
            known = getattr(values, name, None)
        known = own if own is not None else known
        found.append(
            row(
                session,
                "uses",
                path,
                part,
                value=known,
                text=number_text(known),
                unit=unit(session, unit_of(name)),
                own=own is not None,
                range=span(low, high),
                fallback=session.text("uses_auto"),
                source=source,
            )
        )
    return found


def _usual(session: Session, part: str, name: str, default: float | None) -> tuple[float | None, str]:
    """Default of a field and where it comes from."""
    if name.startswith("price_") and part in PRICED:
        price = load_library().prices[PRICED[part]]
        return price.value, price.source_in(session.lang)
    if default is None:
        return None, ""
    return default, session.text("uses_default", value=f"{default:g}")


def choice_text(session: Session, field: str, value: Any) -> str:
    key = f"uses_{field}_{value}"
    try:
        return session.text(key)
    except KeyError:
        return f"DN{value}" if field == "dn" else str(value)


def title(session: Session, path: str) -> str:
    """Name of a use or part as the drawer says it."""
    zh, en = label(f"uses.{path}")
    return zh if session.lang == "zh" else en[:1].upper() + en[1:]
