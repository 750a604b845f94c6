"""State of the uses drawer and of the cascade's picture: what is in the scheme, what it gives, why it does not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sandbox import uses_rows
from scenarios.cascade_view import Place, order_of, view_of
from scenarios.evaluate import Evaluation
from scenarios.use_edits import STARTS
from twin_models.uses import USES
from twin_models.uses.system import Rates

if TYPE_CHECKING:
    from sandbox.session import Session

FIVE = tuple(USES)  # heating, power, drying, agriculture, wellness
PARTS = {"heating": ("heat_pump", "peak_boiler", "cooling")}
SYSTEM = ("tank", "aquifer", "network", "tariff")
OF_PLACE = {"heat_pump": "heating", "cooling": "heating", "aquaculture": "agriculture"}
ICONS = {
    "heating": "radiator",
    "heat_pump": "heatpump",
    "power": "bolt",
    "drying": "wind",
    "agriculture": "leaf",
    "aquaculture": "fish",
    "wellness": "spa",
    "cooling": "snow",
}


def fill(session: Session) -> None:
    """Drawer and picture of the active scheme; numbers alone while a hand drags."""
    result = session.evaluation
    session.state.cascade = cascade(session, result)
    if getattr(session.drag, "origin", None) is None or session.state.uses is None:
        session.state.uses = drawer(session, result)


def cascade(session: Session, result: Evaluation) -> dict[str, Any]:
    """Places of the cascade in the year shown, with temperatures, heat, share and what is met."""
    view = view_of(result, float(session.state.year or 0.0))
    notices = notices_of(session, result)
    return {
        "wellhead": round(view.wellhead_degc, 2),
        "tail": round(view.tail_degc, 2),
        "injected": None if view.injected_degc is None else round(view.injected_degc, 2),
        "flow": round(view.flow_m3_h, 1),
        "tail_pct": round(view.tail_pct, 2),
        "store_gj": round(view.store_gj),
        "places": [_place(session, p, notices) for p in view.places],
    }


def _place(session: Session, p: Place, notices: dict[str, list[str]]) -> dict[str, Any]:
    use = OF_PLACE.get(p.name, p.name)
    return {
        "id": p.name,
        "use": use,
        "icon": ICONS[p.name],
        "name": place_name(session, p.name),
        "kind": p.kind,
        "inlet": round(p.inlet_degc, 2),
        "outlet": round(p.outlet_degc, 2),
        "share": round(p.share_pct, 2),
        "mw": round(p.product_mw, 4),
        "product_gj": round(p.product_gj),
        "met_pct": None if math.isnan(p.met_pct) else round(p.met_pct, 1),
        "days": round(p.days),
        "power_mwh": round(p.power_mwh, 1),
        "income_cny": round(p.income_cny),
        "capex_cny": round(p.capex_cny),
        "warn": notices.get(_field(p.name), []),
        "idle": p.heat_gj <= 0.0,
    }


def place_name(session: Session, name: str) -> str:
    if name == "heat_pump":
        return session.text("heat_pumps")
    if name in ("aquaculture", "agriculture", "heating"):
        return session.text(f"uses_place_{name}")
    return uses_rows.title(session, "heating.cooling" if name == "cooling" else name)


def _field(place: str) -> str:
    return {"cooling": "uses.heating.cooling", "aquaculture": "uses.agriculture"}.get(place, f"uses.{place}")


def notices_of(session: Session, result: Evaluation) -> dict[str, list[str]]:
    """Why uses cannot do what is asked, by field, in the page's language."""
    found: dict[str, list[str]] = {}
    for notice in result.notices:
        text = notice.text_zh if session.lang == "zh" and notice.text_zh else notice.text
        if notice.field.startswith("uses"):
            field = "uses.heating" if notice.field == "uses.heating.supply_degc" else notice.field
            found.setdefault(field, []).append(text)
    return found


def drawer(session: Session, result: Evaluation) -> dict[str, Any]:
    """Cards of the uses in the scheme, hottest first, and what could be added."""
    data = session.scheme.uses_dict()
    plan = result.facts.plan
    parts = result.facts.run.delivery.parts or {"heating": result.facts.run.delivery}
    notices = notices_of(session, result)
    order = [name for name in order_of(plan, parts) if name != "heat_pump"]
    there = [name for name in FIVE if _there(name, order)]
    cards = sorted(there, key=lambda name: _first(name, order))
    return {
        "cards": [card(session, data, name, plan.use, notices, order) for name in cards],
        "available": [
            {"path": name, "name": uses_rows.title(session, name), "icon": ICONS[name]}
            for name in FIVE
            if name not in cards
        ],
        "ordered_by_hand": bool(data.get("order")),
        "places": order,
        "notes": notices.get("uses.order", []) + notices.get("uses", []),
        "system": system(session, data, notices),
        "hours": hours(result),
    }


def _there(use: str, order: list[str]) -> bool:
    return any(OF_PLACE.get(name, name) == use for name in order)


def _first(use: str, order: list[str]) -> int:
    own = [i for i, name in enumerate(order) if OF_PLACE.get(name, name) == use]
    return order.index(use) if use in order else own[0]


def card(
    session: Session,
    data: dict[str, Any],
    name: str,
    use: Any,
    notices: dict[str, list[str]],
    order: list[str],
) -> dict[str, Any]:
    """One of the five uses: its rows, its parts, its notices."""
    field = f"uses.{name}"
    warn = [
        text
        for key, texts in notices.items()
        if key == field or key.startswith(field + ".")
        for text in texts
    ]
    return {
        "id": name,
        "field": field,
        "icon": ICONS[name],
        "name": uses_rows.title(session, name),
        "rows": uses_rows.rows(session, data, name, use if name == "heating" else None),
        "parts": [part(session, data, f"{name}.{key}", use) for key in PARTS.get(name, ())],
        "warn": warn,
        "place": name if name in order else "",
    }


def part(session: Session, data: dict[str, Any], path: str, use: Any) -> dict[str, Any]:
    """A part that can be there or not: its switch, and its rows when it is."""
    key = path.split(".")[-1]
    there = uses_rows.given(data, path) not in (None, False) or getattr(use, key, None) is not None
    values = getattr(use, key, None)
    return {
        "path": path,
        "field": f"uses.{path}",
        "name": uses_rows.title(session, path),
        "on": bool(there),
        "rows": uses_rows.rows(session, data, path, values) if there else [],
    }


def system(session: Session, data: dict[str, Any], notices: dict[str, list[str]]) -> dict[str, Any]:
    """Tank, seasonal store, network, tariff; the tariff's hours of the day."""
    parts = [part(session, data, f"system.{key}", None) for key in SYSTEM]
    given = uses_rows.given(data, "system.tariff")
    usual = Rates()
    own = given if isinstance(given, dict) else {}
    valley = own.get("valley_hours") or list(usual.valley_hours)
    peak = own.get("peak_hours") or list(usual.peak_hours)
    return {
        "parts": parts,
        "tariff_hours": ["valley" if h in valley else "peak" if h in peak else "flat" for h in range(24)]
        if given is not None
        else [],
        "warn": notices.get("uses.system", []),
    }


def hours(result: Evaluation) -> dict[str, float] | None:
    """Heat unmet and curtailed in the first year when hours are followed, MWh."""
    found = result.facts.run.delivery.hours
    if found is None:
        return None
    return {
        key: round(float(found.sums[name][0]))
        for key, name in (("unmet", "unmet_users"), ("curtailed", "curtailed"))
    }


ADDABLE = tuple(STARTS)
