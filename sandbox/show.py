"""Results into page state: one function per region of the page, nothing computed that physics depends on.

Each function writes state keys; callers wrap them in one ``with state`` block, so that a change reaches
the browser as one message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox import forms
from sandbox.i18n import dictionary
from sandbox.model_card import flag_of
from sandbox.places import SCALES, site_state, wells_of
from scenarios.checks import check_layout
from scenarios.evaluate import Evaluation
from scenarios.kpis import KPIS, Kpi
from scenarios.scheme import Scheme, to_dict
from scenes.container import frames_bytes
from twin_models.errors import InputError
from twin_models.sites import Site, load_site, site_names

if TYPE_CHECKING:
    from sandbox.compute import Settled
    from sandbox.session import Session

LETTERS = ("", "A", "B", "C", "D", "E", "F", "G", "H")
KEPT_FRAMES = 12


def letter_style(letter: str) -> dict[str, str]:
    """Colour tokens of a scheme letter; after E the hues repeat (with dashes in charts)."""
    if letter in ("", "0"):
        return {"color": "var(--s0)", "ink": "var(--s0)"}
    hue = "ABCDE"[(ord(letter[0]) - ord("A")) % 5]
    return {"color": f"var(--s{hue})", "ink": f"var(--s{hue}-ink)"}


def initial(session: Session) -> None:
    """Everything the page needs before the first result."""
    site = session.site
    state = session.state
    lang = session.lang
    state.update(
        {
            "lang": lang,
            "t": dictionary(lang),
            "theme": session.store.preference(session.sid, "theme") or "light",
            "scale": site.scale if site.scale in SCALES else "field",
            "workspace": "explore",
            "drawer": "wells" if site.scale != "basin" else "layers",
            "dock": "temperature" if site.scale != "site" else "process",
            "dock_open": True,
            "selected": "",
            "year": landing_year(session),
            "playing": False,
            "speed": 2,
            "kpi_seq": 0,
            "carpet": None,
            "carpet_key": "npv_cny",
            "correction": {},
            "toast": None,
            "busy": None,
            "edit_error": None,
            "frames": None,
            "compare": None,
            "replay": None,
            "explain": None,
            "model_card": None,
            "model_flag": None,
            "resource": None,
            "suit_place": None,
            "quality": None,
            "printed": None,
            "assessing": [],
            "station": None,
            "status": {"engine": "", "ms": 0, "text": ""},
            "saved": "saved",
            "sid": session.sid,
            "ve": None,
            "place_mode": "",
            "help_open": False,
            "outline_open": False,
            "colour_by": "temperature",
            "layers": {
                "faults": True,
                "labels": True,
                "grid": True,
                "wells": True,
                "rivers": True,
                "counties": True,
            },
        }
    )
    state.sites = [{"name": n, "title": load_site(n).title.get(lang)} for n in site_names()]
    state.site = site_state(site, lang)
    state.trame__title = dictionary(lang)["product"]


def landing_year(session: Session) -> float:
    """Two thirds through the life: cold water round the injectors can be seen, and there is room on both sides."""
    return float(round(2.0 * session.workspace.active.scheme.years / 3.0))


def schemes(session: Session) -> None:
    """Chips, and what undo and redo would do."""
    ws = session.workspace
    lang = session.lang
    session.state.schemes = [
        {
            "id": e.id,
            "letter": (dictionary(lang)["baseline_letter"] if e.baseline else e.letter),
            "name": e.title(lang),
            **letter_style("0" if e.baseline else e.letter),
            "active": e.id == ws.active_id,
            "baseline": e.baseline,
            "state": "simulated" if session.compute.cached(e.scheme) else "stale",
        }
        for e in ws.entries
    ]
    session.state.scheme_id = ws.active_id
    undo, redo = ws.undo_label(lang), ws.redo_label(lang)
    session.state.history = {
        "undo": undo or "",
        "redo": redo or "",
        "can_undo": undo is not None,
        "can_redo": redo is not None,
    }
    session.state.saved = "saved"


def scheme(session: Session) -> None:
    """Wells, pads, rules broken, and the scheme's own terms."""
    state, active = session.state, session.scheme
    state.wells = wells_of(session.site, active)
    pads: dict[str, dict[str, Any]] = {}
    for well in active.wells:
        if well.pad:
            pad = pads.setdefault(well.pad, {"id": well.pad, "xs": [], "ys": [], "wells": []})
            pad["xs"].append(well.head_x_m)
            pad["ys"].append(well.head_y_m)
            pad["wells"].append(well.name)
    state.pads = [
        {"id": p["id"], "x_m": float(np.mean(p["xs"])), "y_m": float(np.mean(p["ys"])), "wells": p["wells"]}
        for p in pads.values()
    ]
    state.life_years = active.years
    state.scheme_json = to_dict(active)
    state.terms = {
        "uses": active.uses_dict(),
        "economics": active.economics_dict(),
        "season_days": active.season_days,
    }
    if session.state.selected and session.state.selected not in {w.name for w in active.wells}:
        state.selected = ""
    findings(session, active)


def findings(session: Session, scheme: Scheme) -> None:
    """Layout rules that are broken, worst first."""
    lang = session.lang
    found = [f for f in check_layout(scheme, session.site) if f.severity != "ok"]
    found.sort(key=lambda f: (f.severity != "hard", f.distance_m if f.distance_m is not None else 0.0))
    session.state.findings = [
        {
            "rule": f.rule,
            "severity": f.severity,
            "well": f.well,
            "other": f.other,
            "distance_m": f.distance_m,
            "limit_m": f.limit_m,
            "text": f.text_zh if lang == "zh" else f.text_en,
        }
        for f in found[:40]
    ]


def kpi_state(session: Session, evaluation: Evaluation, state: str) -> dict[str, Any]:
    """KPIs with the state word of the page, their value before the change and in the baseline."""
    base = session.baseline.evaluation.kpis if session.baseline else {}
    before = session.before or {}
    shown = {}
    for row in KPIS.values():
        kpi = evaluation.kpis[row.key]
        # while a simulation is on its way the word is "refining"; what it refines is said beside (``flag``)
        word = "out_of_range" if kpi.state == "out_of_range" and state != "refining" else state
        low, high = carried(kpi, session.settled_kpis.get(row.key))
        shown[row.key] = {
            "value": kpi.value,
            "unit": kpi.unit,
            "low": low,
            "high": high,
            "state": word,
            "baseline": base[row.key].value if row.key in base else None,
            "before": before.get(row.key, {}).get("value"),
            "better": row.better,
        }
    return shown


def carried(kpi: Kpi, settled: Kpi | None) -> tuple[float | None, float | None]:
    """Band of a KPI; an estimate has none of its own and takes the last simulation's along with its value."""
    if kpi.low is not None or kpi.value is None or settled is None or settled.value is None:
        return kpi.low, kpi.high
    if settled.low is None or settled.high is None:
        return kpi.low, kpi.high
    if settled.value > 0.0 and kpi.value > 0.0:
        share = kpi.value / settled.value
        return settled.low * share, settled.high * share
    step = kpi.value - settled.value
    return settled.low + step, settled.high + step


def evaluation(
    session: Session,
    result: Evaluation,
    *,
    state: str,
    elapsed_ms: float,
    estimate: Evaluation | None = None,
    seq: int | None = None,
) -> None:
    """KPI panel, curves, station, warnings and status of one evaluation."""
    s = session.state
    s.kpi = kpi_state(session, result, state)
    if seq is not None:
        s.kpi_seq = seq
    s.status = {
        "engine": result.forecast.engine,
        "ms": round(elapsed_ms, 1),
        "text": result.forecast.engine_version,
    }
    s.correction = corrections(result, estimate) if state == "simulated" and estimate else {}
    if state == "simulated":
        s.schemes = [{**e, "state": "simulated" if e["active"] else e["state"]} for e in s.schemes or []]
    s.curves = curves(session, result)
    s.events = events(session, result)
    station(session, result)
    warnings(session, result)
    s.model_flag = flag_of(result.forecast, session.lang)
    forms.fill(session)


def corrections(result: Evaluation, estimate: Evaluation) -> dict[str, float]:
    """Percent by which the estimate lay above the simulated value, where it lay outside its band."""
    if estimate.forecast.engine == result.forecast.engine:
        return {}
    off = {}
    for key, kpi in result.kpis.items():
        guess = estimate.kpis[key].value
        if kpi.value and guess is not None and abs(guess - kpi.value) > 0.005 * abs(kpi.value):
            off[key] = round(100.0 * (guess - kpi.value) / abs(kpi.value), 1)
    return off


def flow_mean(result: Evaluation) -> list[float]:
    """Flow-weighted production temperature (degC) at the forecast years."""
    producers = [
        w for w in result.wells if w.kind == "producer" and w.name in result.forecast.temperature_degc
    ]
    rates = np.array([w.rate_m3_h for w in producers])
    if not producers or rates.sum() <= 0:
        return []
    table = np.array([result.forecast.temperature_degc[w.name] for w in producers])
    return [round(float(v), 3) for v in rates @ table / rates.sum()]


def curves(session: Session, result: Evaluation) -> dict[str, Any]:
    """Yearly temperatures per well for labels and markers; the charts draw the same numbers."""
    base = session.baseline.evaluation if session.baseline else None
    return {
        "years": [float(y) for y in result.forecast.years],
        "wells": {
            name: [round(float(v), 2) for v in series]
            for name, series in result.forecast.temperature_degc.items()
        },
        "mean": flow_mean(result),
        "baseline_mean": flow_mean(base) if base else [],
    }


def events(session: Session, result: Evaluation) -> list[dict[str, Any]]:
    """Marks above the timeline: start, first breakthrough, end of the pump's life."""
    marks = [{"year": 0, "kind": "drilling", "text": session.text("event_start")}]
    kpi = result.kpis["breakthrough_years"]
    if kpi.value is not None:
        name = first_well_through(result, kpi.value)
        marks.append(
            {"year": kpi.value, "kind": "breakthrough", "text": session.text("event_breakthrough", well=name)}
        )
    return marks


def first_well_through(result: Evaluation, year: float) -> str:
    """The producer that has cooled most by the year of the first breakthrough."""
    years = np.asarray(result.forecast.years, dtype=float)
    worst, most = "", -1.0
    for well in result.wells:
        series = result.forecast.temperature_degc.get(well.name)
        if well.kind == "producer" and series is not None:
            values = np.asarray(series, dtype=float)
            drop = float(np.max(values) - np.interp(max(year, years[0]), years, values))
            if drop > most:
                worst, most = well.name, drop
    return worst


def station(session: Session, result: Evaluation) -> None:
    """Live temperatures, flows and duties of the energy station."""
    session.state.station = station_page(result, session.lang, year=float(session.state.year or 0.0))


def station_page(result: Evaluation, lang: str, *, year: float) -> dict[str, Any]:
    """The station in one year: temperatures, flows, duties, powers, wells and the list of equipment."""
    state = result.station
    now = {part: {k: round(v, 2) for k, v in values.items()} for part, values in state.at(year).items()}
    row = int(min(np.searchsorted(state.years, year), len(state.years) - 1))
    return {
        "temps": now["temperatures_degc"],
        "flows": now["flows_m3_h"],
        "duties": now["duties_kw"],
        "powers": now["powers_kw"],
        "sizes": {k: round(float(v), 1) for k, v in state.sizes_kw.items()},
        "wells": {name: round(float(series[row]), 2) for name, series in state.wellhead_degc.items()},
        "year": year,
        "items": [
            {
                "id": item.key,
                "name": item.zh if lang == "zh" else item.en,
                "hot": [round(v, 1) for v in item.hot],
                "cold": [round(v, 1) for v in item.cold],
                "hot_flow": round(item.hot_flow_m3_h, 1),
                "cold_flow": round(item.cold_flow_m3_h, 1),
                "duty_kw": round(item.duty_kw),
                "power_kw": round(item.power_kw, 1),
                "size_kw": round(item.size_kw),
            }
            for item in state.equipment(year)
        ],
    }


def warnings(session: Session, result: Evaluation) -> None:
    """Layout rules first, then what the engines say; the page shows the count and the worst."""
    lang = session.lang
    shown = [
        {
            "severity": f["severity"],
            "text": f["text"],
            "well": f["well"],
            "fix": {"action": "mend", "params": {"well": f["well"]}} if f["well"] else None,
        }
        for f in (session.state.findings or [])
    ]
    shown += [
        {"severity": n.severity, "text": n.text_zh if lang == "zh" and n.text_zh else n.text, "well": ""}
        for n in result.notices
    ]
    session.state.warnings = shown[:40]


def words(session: Session) -> None:
    """Everything of the site that is said in words."""
    lang = session.lang
    session.state.sites = [{"name": n, "title": load_site(n).title.get(lang)} for n in site_names()]
    session.state.site = site_state(session.site, lang)
    if session.state.resource is not None:
        session.state.resource = session.assess.resource(session.state.resource.get("id", ""))


def said_again(session: Session, result: Evaluation) -> None:
    """Words that come with a result, in the session's language."""
    session.state.events = events(session, result)
    station(session, result)
    warnings(session, result)
    session.state.model_flag = flag_of(result.forecast, session.lang)
    forms.fill(session)


def colour_range(site: Site) -> tuple[float, float]:
    """Ends of the temperature scale (degC), the same for every scheme of a site so that views can be compared."""
    info = site.raster_info.get("temperature_degc")
    if info is not None:
        return info.low, info.high
    warm = (
        max(float(np.max(layer.temperature_degc)) for layer in site.reservoir.layers)
        if site.reservoir
        else 90.0
    )
    return 30.0, 10.0 * float(np.ceil(warm / 10.0))


def frames_of(session: Session, settled: Settled) -> dict[str, Any] | None:
    """Offer a simulation's maps under the scheme's content key; where the page finds them."""
    fields = settled.evaluation.forecast.fields
    if fields is None:
        return None
    key = settled.evaluation.scheme.key()
    if key not in session.frames:
        session.frames[key] = frames_bytes(fields)
        while len(session.frames) > KEPT_FRAMES:
            session.frames.pop(next(iter(session.frames)))
    low, high = colour_range(session.site)
    years = [float(y) for y in fields.years]
    return {"key": key, "url": f"frames/{key}.bin", "years": years, "tmin": low, "tmax": high}


def frames(session: Session, settled: Settled) -> None:
    session.state.frames = frames_of(session, settled) or session.state.frames


def resource(session: Session, unit: str) -> dict[str, Any]:
    return session.assess.resource(unit)


def fault(session: Session, error: InputError) -> None:
    """A scheme that cannot be computed: say where and why; nothing of the work is lost."""
    first = error.faults[0]
    session.state.edit_error = {"field": first.field, "text": first.text}
    session.state.kpi = {k: {**v, "state": "stale"} for k, v in (session.state.kpi or {}).items()}
    session.state.warnings = [
        {"severity": "hard", "text": f"{f.field}: {f.text}", "well": ""} for f in error.faults
    ]


def failure(session: Session) -> None:
    """An unexpected failure of a computation: numbers are marked stale and a retry is offered."""
    session.state.kpi = {k: {**v, "state": "stale"} for k, v in (session.state.kpi or {}).items()}
    session.state.status = {"engine": "", "ms": 0, "text": session.text("compute_failed")}
    session.state.busy = None
