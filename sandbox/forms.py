"""What can be set and what is assumed, as rows of the economics, surface and assumptions drawers.

Every row names its path in the scheme, its value in force, its unit, the range it is thought to lie in and
where that comes from; nothing is computed here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox import term_rows, time_rows, uses_state
from scenarios.costs import Cost, Factor, load_library
from scenarios.economics import BASELINES, Terms
from scenarios.labels import label
from scenarios.linkage import linkage, load_case
from twin_models.uses import heating
from twin_models.uses.heating import HeatingUse

if TYPE_CHECKING:
    from sandbox.session import Session

# Heating: path below ``uses``, attribute, unit, decimals.
_HEATING = (
    ("area_m2", "area_m2", "m²", 0),
    ("load_w_m2", "load_w_m2", "W/m²", 2),
    ("design_load_w_m2", "design_load_w_m2", "W/m²", 2),
    ("season_days", "season_days", "d", 1),
    ("supply_degc", "supply_degc", "℃", 1),
    ("return_degc", "return_degc", "℃", 1),
    ("approach_k", "approach_k", "K", 1),
    ("network_loss_pct", "network_loss_pct", "%", 1),
)
_PUMP = (("tail_degc", "tail_degc", "℃", 1), ("cop", "cop", "–", 2), ("capacity_mw", "capacity_mw", "MW", 2))
_UNCERTAIN = {
    "thickness_pct": "%",
    "permeability_pct": "%",
    "temperature_k": "K",
    "demand_pct": "%",
    "heat_price_pct": "%",
    "capex_pct": "%",
    "electricity_price_pct": "%",
}


def fill(session: Session) -> None:
    """All rows of the active scheme and site into page state."""
    evaluation = session.evaluation
    state = session.state
    state.strata = strata(session)
    if evaluation is None:
        return
    use, terms = evaluation.use, evaluation.terms
    state.fields = [*time_rows.rows(session), *economics(session, use, terms), *uses(session, use)]
    state.assumptions = assumptions(session, use, terms)
    state.linkage = checked(session.lang) if session.site.name.startswith("linqing") else None
    uses_state.fill(session)


def number_text(value: float | None, digits: int = 4) -> str:
    """A number as it stands in a field: no grouping, at most ``digits`` figures behind the point."""
    if value is None:
        return ""
    return f"{float(value):.{digits}f}".rstrip("0").rstrip(".") if digits else f"{float(value):.0f}"


def range_text(low: float, high: float, unit: str = "") -> str:
    return "" if low == high else f"{low:g} – {high:g} {unit}".strip()


def named(session: Session, prefix: str, key: str) -> str:
    """Word for a row of the tables; one that has none yet is shown by its key, so that tables may grow."""
    try:
        return session.text(f"{prefix}_{key}")
    except KeyError:
        return key.replace("_", " ")


def without_unit(text: str) -> str:
    """The name of a value without the unit at its end, which stands beside the field."""
    name, _, last = text.rpartition(" ")
    return name if name and (last in ("K", "MW", "m", "元", "CNY") or set(last) & set("/%°²³")) else text


def row(session: Session, part: str, path: str, group: str, **values: Any) -> dict[str, Any]:
    """One settable value; ``values`` overrides what is usual."""
    root = "uses" if part == "uses" else "economics"
    zh, en = label(f"{root}.{path}")
    return {
        "part": part,
        "group": group,
        "path": path,
        "field": f"{root}.{path}",
        "action": "set_use" if root == "uses" else "set_term",
        "label": without_unit(zh if session.lang == "zh" else en),
        "unit": "",
        "factor": 1,
        "fallback": "",
        "range": "",
        "source": "",
        "own": False,
        "choices": None,
        "slider": False,
        **values,
    }


def _given(data: dict[str, Any], path: str) -> Any:
    """Value at a dotted path, ``None`` where the scheme leaves it open."""
    inner: Any = data
    for key in path.split("."):
        inner = inner.get(key) if isinstance(inner, dict) else None
    return inner


def economics(session: Session, use: HeatingUse, terms: Terms) -> list[dict[str, Any]]:
    """Prices, finance, reference, unit costs, factors."""
    library = load_library()
    data = session.scheme.economics_dict()
    basis, price = terms.heat_price(use.price_basis)
    zh = session.lang == "zh"
    heat = f"heat_price_cny_per_{'m2' if basis == 'm2' else 'gj'}"
    rows = [
        _priced(
            session, data, heat, price, library.prices[f"heat_cny_per_{'m2' if basis == 'm2' else 'gj'}"]
        ),
        _priced(
            session,
            data,
            "electricity_price_cny_per_kwh",
            terms.electricity_price_cny_per_kwh,
            library.prices["electricity_cny_per_kwh"],
        ),
        _money(
            session, data, "resource_tax_cny_per_m3", terms.resource_tax_cny_per_m3, unit(session, "CNY/m3")
        ),
        _money(
            session,
            data,
            "subsidy_cny",
            terms.subsidy_cny,
            "万元" if zh else "M CNY",
            factor=1e4 if zh else 1e6,
        ),
        row(
            session,
            "economics",
            "discount_rate",
            "finance",
            value=terms.discount_rate,
            text=number_text(100 * terms.discount_rate, 2),
            factor=0.01,
            unit="%",
            own="discount_rate" in data,
            source=session.text("year_end"),
        ),
        *term_rows.options(session, data, terms),
        row(
            session,
            "economics",
            "staff",
            "finance",
            value=terms.staff,
            text=number_text(terms.staff, 1),
            fallback=session.text("by_size"),
            own="staff" in data,
        ),
        _choice(session, "include_existing", "finance", terms.include_existing, (True, False)),
        _choice(session, "baseline", "baseline", terms.baseline.kind, BASELINES),
        *term_rows.baseline(session, data, terms),
        _choice(session, "grid", "baseline", terms.grid, tuple(library.grid)),
    ]
    rows += [_cost(session, data, cost, terms.costs[key]) for key, cost in library.costs.items()]
    rows += [_factor(session, data, f, terms.factors[key]) for key, f in library.factors.items()]
    return rows


def _priced(session: Session, data: dict[str, Any], path: str, value: float, known: Factor) -> dict[str, Any]:
    shown = unit(session, known.unit)
    return row(
        session,
        "economics",
        path,
        "prices",
        value=value,
        text=number_text(value, 3),
        unit=shown,
        own=_given(data, path) is not None,
        range=range_text(known.low, known.high),
        source=known.source_in(session.lang),
    )


def _money(
    session: Session, data: dict[str, Any], path: str, value: float, shown: str, *, factor: float = 1.0
) -> dict[str, Any]:
    return row(
        session,
        "economics",
        path,
        "prices",
        value=value,
        text=number_text(value / factor, 2),
        unit=shown,
        factor=factor,
        own=_given(data, path) is not None,
    )


def _choice(session: Session, path: str, group: str, value: Any, values: tuple[Any, ...]) -> dict[str, Any]:
    return row(
        session,
        "economics",
        path,
        group,
        label=session.text(f"field_{path}"),
        value=value,
        choices=[{"value": v, "text": named(session, f"choice_{path}", str(v).lower())} for v in values],
    )


def _cost(session: Session, data: dict[str, Any], cost: Cost, value: float) -> dict[str, Any]:
    path = f"costs.{cost.key}"
    known = session.text(f"evidence_{cost.evidence}")
    return row(
        session,
        "economics",
        path,
        "costs",
        label=cost.label_zh if session.lang == "zh" else cost.label_en,
        value=value,
        text=number_text(value, 3),
        unit=unit(session, cost.unit),
        own=_given(data, path) is not None,
        range=range_text(cost.low, cost.high),
        source=f"{known} · {cost.year} · {cost.source_in(session.lang)}",
    )


def _factor(session: Session, data: dict[str, Any], factor: Factor, value: float) -> dict[str, Any]:
    path = f"factors.{factor.key}"
    return row(
        session,
        "economics",
        path,
        "factors",
        label=named(session, "factor", factor.key),
        value=value,
        text=number_text(value, 4),
        unit=unit(session, factor.unit),
        own=_given(data, path) is not None,
        range=range_text(factor.low, factor.high),
        source=factor.source_in(session.lang),
    )


def uses(session: Session, use: HeatingUse) -> list[dict[str, Any]]:
    """Heating and heat pumps; two of them as sliders of the operating strategy."""
    data = session.scheme.uses_dict()
    rows = [
        row(
            session,
            "uses",
            f"heating.{path}",
            "use",
            value=getattr(use, name),
            text=number_text(getattr(use, name), digits),
            unit=shown,
            fallback=session.text("from_uses_short"),
            own=_given(data, f"heating.{path}") is not None,
        )
        for path, name, shown, digits in _HEATING
    ]
    pump = use.heat_pump
    if pump is not None:
        rows += [
            row(
                session,
                "uses",
                f"heating.heat_pump.{path}",
                "use",
                value=getattr(pump, name),
                text=number_text(getattr(pump, name), digits),
                unit=shown,
                fallback=session.text("from_uses_short"),
                own=_given(data, f"heating.heat_pump.{path}") is not None,
            )
            for path, name, shown, digits in _PUMP
        ]
    for entry in rows:
        _as_slider(entry, pump is not None)
    return rows


def _as_slider(entry: dict[str, Any], pumped: bool) -> None:
    """Load, and the temperature at which water goes back, can be slid."""
    tail = "heating.heat_pump.tail_degc" if pumped else "heating.return_degc"
    span = {tail: (5.0, 45.0, 1.0), "heating.load_w_m2": (15.0, 60.0, 0.5)}.get(entry["path"])
    if span is not None and entry["value"] is not None:
        entry |= {"slider": True, "min": span[0], "max": span[1], "step": span[2]}


UNITS_ZH = (
    ("CNY", "元"),
    ("season", "季"),
    ("well", "口"),
    ("pad", "个"),
    ("person", "人"),
    ("year", "a"),
)


def unit(session: Session, text: str) -> str:
    """A unit of the tables as the page writes it."""
    text = text.replace("m2", "m²").replace("m3", "m³").replace("degC", "℃").replace("pct", "%")
    if session.lang == "zh":
        for en, zh in UNITS_ZH:
            text = text.replace(en, zh)
    return text


# --- what is taken for granted ------------------------------------------------------------------------


def fact(group: str, key: str, name: str, text: str, shown: str = "", **more: str) -> dict[str, Any]:
    return {
        "group": group,
        "key": key,
        "label": name,
        "text": text,
        "unit": shown,
        "range": "",
        "source": "",
        **more,
    }


def _spread(values: Any, digits: int, scale: float = 1.0) -> tuple[str, str]:
    """Mean and range of a scalar or a raster, as texts."""
    array = np.asarray(values, dtype=float) * scale
    low, high = float(np.nanmin(array)), float(np.nanmax(array))
    mean = number_text(float(np.nanmean(array)), digits)
    return mean, "" if low == high else f"{number_text(low, digits)} – {number_text(high, digits)}"


def assumptions(session: Session, use: HeatingUse, terms: Terms) -> list[dict[str, Any]]:
    """Ground, operation, convention and uncertainty that every figure rests on."""
    scheme, site = session.scheme, session.site
    provenance = site.provenance.get(session.lang)
    rows = []
    for layer in scheme.ground().layers:
        for key, shown, digits, scale in (
            ("thickness_m", "m", 1, 1.0),
            ("net_to_gross", "–", 3, 1.0),
            ("porosity", "%", 1, 100.0),
            ("permeability_md", "mD", 0, 1.0),
            ("temperature_degc", "℃", 1, 1.0),
            ("conductivity_w_mk", "W/(m K)", 2, 1.0),
            ("rock_heat_capacity_mj_m3k", "MJ/(m³ K)", 2, 1.0),
        ):
            text, span = _spread(getattr(layer, key), digits, scale)
            name = f"{layer.name} · {session.text('rock_' + key)}"
            rows.append(
                fact("reservoir", f"{layer.name}.{key}", name, text, shown, range=span, source=provenance)
            )
    ground = scheme.ground()
    rows += [
        fact("operation", "years", session.text("assume_years"), number_text(scheme.years, 1), "a"),
        fact(
            "operation",
            "season_days",
            session.text("assume_season"),
            number_text(scheme.season_days, 1),
            "d/a",
        ),
        fact(
            "operation",
            "boundary",
            session.text("assume_boundary"),
            session.text(f"boundary_{ground.boundary}"),
        ),
        fact("economics", "convention", session.text("assume_convention"), session.text("year_end")),
        fact("economics", "money", session.text("assume_money"), session.text("real_money")),
        fact(
            "economics",
            "baseline",
            session.text("assume_baseline"),
            session.text(f"choice_baseline_{terms.baseline.kind}"),
        ),
    ]
    rows += _uncertain(session, terms)
    rows += [
        fact("model", "live", session.text("assume_live"), session.text("engine_streamline")),
        fact("model", "settled", session.text("assume_settled"), session.text("engine_simulation")),
    ]
    return rows


def _uncertain(session: Session, terms: Terms) -> list[dict[str, Any]]:
    known = load_library().uncertainty
    return [
        fact(
            "uncertainty",
            key,
            session.text(f"vary_{key}"),
            f"{terms.uncertainty[key][0]:+g} / {terms.uncertainty[key][1]:+g}".replace("-", "\u2212"),
            shown,
            range="P10 / P90",
            source=known[key].source_in(session.lang) if key in known else "",
        )
        for key, shown in _UNCERTAIN.items()
    ]


def strata(session: Session) -> list[dict[str, Any]]:
    """Layers from the surface down; the reservoir with its properties."""
    lang = session.lang
    ground = session.site.reservoir
    rows = []
    for s in session.site.strata:
        entry: dict[str, Any] = {
            "id": s.id,
            "name": s.name.get(lang),
            "top_m": max(s.top_m, 0.0),
            "base_m": s.base_m,
            "colour": s.colour,
            "role": s.role,
            "facts": [],
        }
        if s.role == "reservoir" and ground is not None:
            layer = next(
                (x for x in ground.layers if s.top_m - 1 <= x.top_m <= s.base_m + 1), ground.layers[0]
            )
            for key, shown, digits, scale in (
                ("porosity", "%", 1, 100.0),
                ("permeability_md", "mD", 0, 1.0),
                ("temperature_degc", "℃", 1, 1.0),
            ):
                text, span = _spread(getattr(layer, key), digits, scale)
                entry["facts"].append(
                    {"label": session.text(f"rock_{key}"), "text": f"{span or text} {shown}"}
                )
        rows.append(entry)
    return rows


# --- source 004 beside ours ---------------------------------------------------------------------------


@lru_cache(maxsize=2)
def checked(lang: str) -> dict[str, Any]:
    """Every printed figure of source 004 beside ours, and its saving under each way of comparing."""
    result = linkage(load_case())
    rows = [
        {
            "key": r["key"],
            "label": r[lang],
            "unit": r["unit"].replace("m2", "m²").replace("m3", "m³"),
            "printed": f"{r['printed']:.{r['digits']}f}",
            "recomputed": f"{r['recomputed']:.{r['digits']}f}",
            "verdict": r["verdict"],
            "where": r["where"],
            "note": r[f"note_{lang}"],
        }
        for r in result.get("printed", [])
    ]
    ways = [
        {"key": key, "flow": f"{way['flow_m3_h']:.2f}", "percent": f"{way['percent']:.2f}", "text": way[lang]}
        for key, way in result["reduction"].items()
    ]
    return {"rows": rows, "ways": ways, "notes": [note[lang] for note in result["notes"]]}


__all__ = ["assumptions", "checked", "economics", "fill", "heating", "strata", "uses"]
