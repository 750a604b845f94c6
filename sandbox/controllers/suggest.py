"""Suggest: what is wanted, the search for it, and its ghosts, which are accepted group by group.

The search runs in a thread of its own (``sandbox/suggesting.py``); this keeps what it said last, shows the
part that the active scheme does not have yet, and makes of every acceptance one change with one undo.
"""

from __future__ import annotations

import asyncio
import math
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.controllers import proposals
from sandbox.controllers.choosing import Choosing
from sandbox.places import well_state
from sandbox.suggesting import BUDGET, Found, News, Search, group_names, rows_left
from scenarios import optimise
from scenarios.kpis import KPIS
from scenarios.optimise import portfolios
from scenarios.optimise.ghosts import HEADLINE, ghosts
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

OBJECTIVES = (
    "npv_cny",
    "lcoh_cny_per_gj",
    "annual_heat_gj",
    "temperature_decline_k",
    "lifetime_years",
    "capex_cny",
    "co2_avoided_t_per_year",
)
LIMITED = (*OBJECTIVES, "demand_met_pct", "thermal_power_mw", "reinjection_ratio_pct", "max_drawdown_bar",
           "payback_years", "irr_pct")  # fmt: skip
OPERATORS = (">=", "<=")
MOST_LIMITS, MOST_DOUBLETS = 6, 10
SHOWN_GAINS = ("npv_cny", "lcoh_cny_per_gj", "annual_heat_gj", "temperature_decline_k")


class Suggest(Choosing):
    """Goals, search and ghosts of one session."""

    def __init__(self, session: Session):
        self.session, self.state = session, session.state
        self.search: Search | None = None
        self.news: News | None = None
        self.chosen = 0
        self.site = ""
        self.objective, self.doublets = OBJECTIVES[0], 3
        self.from_nothing = False
        self.limits: list[dict[str, Any]] = []

    # --- what is wanted -----------------------------------------------------------------------

    def show_form(self) -> None:
        self.state.suggest = {
            "objective": self.objective,
            "objectives": list(OBJECTIVES),
            "down": [key for key in OBJECTIVES if KPIS[key].better == "down"],
            "limited": list(LIMITED),
            "limits": [dict(row) for row in self.limits],
            "full": len(self.limits) >= MOST_LIMITS,
            "doublets": self.doublets,
            "from_nothing": self.from_nothing,
            "uses": self.session.proposals.form() if self.session.site.reservoir is not None else [],
        }

    def want(self, objective: str) -> None:
        self.objective = _one_of("suggest.objective", objective, OBJECTIVES)
        self.show_form()

    def extra(self, value: Any) -> None:
        count = _number("suggest.doublets", value)
        if not (0 <= count <= MOST_DOUBLETS and count == int(count)):
            raise _fault(
                "suggest.doublets",
                f"must be a whole number from 0 to {MOST_DOUBLETS}, got {value}",
                f"须为 0 至 {MOST_DOUBLETS} 的整数，实际为 {value}",
            )
        self.doublets = int(count)
        self.show_form()

    def nothing(self, on: bool) -> None:
        """Lay out anew instead of changing the wells there are."""
        self.from_nothing = bool(on)
        self.show_form()

    def limit_add(self) -> None:
        used = {row["key"] for row in self.limits}
        key = next((k for k in ("lcoh_cny_per_gj", "lifetime_years", *LIMITED) if k not in used), LIMITED[0])
        if len(self.limits) < MOST_LIMITS:
            down = KPIS[key].better == "down"
            self.limits.append({"key": key, "op": "<=" if down else ">=", "value": self._now(key)})
        self.show_form()

    def _now(self, key: str) -> float | None:
        """The value of the active scheme: a limit begins as "not worse than now"."""
        kpi = self.session.evaluation.kpis.get(key) if self.session.evaluation is not None else None
        return None if kpi is None else kpi.value

    def limit_set(self, index: int, field: str, value: Any) -> None:
        row = self._row(index)
        if field == "key":
            row["key"] = _one_of(f"suggest.limit.{index}", value, LIMITED)
            row["op"] = "<=" if KPIS[row["key"]].better == "down" else ">="
            row["value"] = self._now(row["key"])
        elif field == "op":
            row["op"] = _one_of(f"suggest.limit.{index}", value, OPERATORS)
        else:
            row["value"] = _number(f"suggest.limit.{index}", value)
        self.show_form()

    def limit_remove(self, index: int) -> None:
        self.limits.remove(self._row(index))
        self.show_form()

    def _row(self, index: int) -> dict[str, Any]:
        if not (isinstance(index, int) and 0 <= index < len(self.limits)):
            raise InputError(Fault("suggest", "unknown", f"no limit number {index}"))
        return self.limits[index]

    # --- the search ---------------------------------------------------------------------------

    def start(self) -> dict[str, Any]:
        for i, row in enumerate(self.limits):
            if row["value"] is None:
                raise _fault(f"suggest.limit.{i}", "needs a number", "请填写数值")
        texts = [f"{row['key']}{row['op']}{row['value']!r}" for row in self.limits]
        try:
            problem = optimise.problem_of(
                self.session.scheme,
                self.objective,
                limits=texts,
                doublets=max(self.doublets, 1) if self.from_nothing else self.doublets,
                from_nothing=self.from_nothing,
            )
            wishes = self.session.proposals.asked()
            if any(wishes):
                portfolios.masks(self.session.scheme, *wishes)
        except InputError as error:
            raise InputError([self._at_field(fault) for fault in error.faults]) from None
        self.clear()
        self.site = self.session.site.name
        if self.state.scale != "field":
            self.state.scale = "field"
        loop, drag = asyncio.get_running_loop(), self.session.drag

        def tell(news: News) -> None:
            with suppress(RuntimeError):  # the loop has closed: the page is gone
                loop.call_soon_threadsafe(self._hear, search, news)

        search = Search(problem, lambda: drag.origin is not None, tell, wishes=wishes)
        self.search = search
        self.news = News("searching")
        self.show()
        search.start()
        return {"budget": BUDGET}

    def _at_field(self, fault: Fault) -> Fault:
        """The fault at the row of the form that it speaks of, with the names people read."""
        place = "suggest"
        if found := re.match(r"constraint\[(\d+)\]", fault.field):
            place = f"suggest.limit.{found[1]}"
        elif fault.field.startswith("constraint "):
            said = fault.field.removeprefix("constraint ")
            for i, row in enumerate(self.limits):
                if optimise.Limit(row["key"], row["op"], float(row["value"])).text() == said:
                    place = f"suggest.limit.{i}"
        elif fault.field in ("objective", "doublets") or fault.field.startswith("uses"):
            place = f"suggest.{fault.field}"
        zh, en = str(fault.context.get("text_zh") or fault.text), fault.text
        for key, row_ in KPIS.items():
            zh, en = zh.replace(key, row_.zh), en.replace(key, row_.en)
        return Fault(place, fault.reason, en, {"text_zh": _signs(zh), "text_en": _signs(en)})

    def stop(self) -> None:
        """End the search; what it has found stays, as estimates. Its thread says when it has stopped."""
        if self.search is not None:
            self.search.stop()
        if self.news is not None and self.news.phase == "searching":
            self.news = replace(self.news, phase="stopping")
        self.show()

    def _hear(self, search: Search, news: News) -> None:
        if search is not self.search:
            return
        if self.news and self.news.phase == "stopping" and news.phase == "searching":
            news = replace(news, phase="stopping")  # said before it heard
        self.news = news
        with self.state:
            self.show()

    # --- ghosts -------------------------------------------------------------------------------

    def clear(self) -> None:
        if self.search is not None:
            self.search.stop()
        self.search = self.news = self.settling = None
        self.chosen = 0
        self.state.ghosts = None

    def choose(self, index: int) -> None:
        offers = self.news.found if self.news else ()
        if not (isinstance(index, int) and 0 <= index < len(offers)):
            raise InputError(Fault("suggest", "unknown", f"no offer number {index}"))
        self.chosen = index
        self.show()

    def accept(self, wells: list[str]) -> dict[str, Any]:
        """Take over some wells as proposed: one change, one undo."""
        session, found = self.session, self._found()
        if found is None or not wells:
            raise _fault("suggest", "there is no proposal to accept", "没有可采纳的建议")
        rest = {row["name"] for row in self._rows(found)}
        wanted = [str(name) for name in wells if name in rest]
        if not wanted:
            raise _fault("suggest", "these wells are as proposed already", "这些井已与建议一致")
        try:
            scheme, edit = optimise.accept(session.scheme, found.scheme, wanted)
        except InputError as error:
            first = error.faults[0]
            raise InputError(Fault("suggest", first.reason, f"{first.field} {first.text}")) from None
        session.commit(scheme, edit)
        return {"wells": wanted}

    def accept_all(self) -> dict[str, Any]:
        found = self._found()
        if found is not None and self._laid_out_anew():
            return self._as_new_scheme(found)
        if self._uses_left() is not None:
            self.accept_uses()
        return self.accept([row["name"] for row in self._rows(found)] if found else [])

    def _rows(self, found: Found) -> list[dict[str, Any]]:
        assert self.search is not None
        if self._laid_out_anew():
            return ghosts(replace(found.scheme, wells=()), found.scheme)
        return rows_left(self.search.problem.start, self.session.scheme, found.scheme)

    def follow(self) -> None:
        """The scheme has changed: what it has by now is no ghost any more; another site has none."""
        self.session.proposals.follow()
        self.show_form()
        if self.news is None:
            return
        if self.site != self.session.site.name:
            self.clear()
        else:
            self.show()

    # --- as page state ------------------------------------------------------------------------

    def show(self) -> None:
        news, found = self.news, self._found()
        if news is None:
            self.state.ghosts = None
            return
        rows = self._rows(found) if found is not None else []
        self.state.ghosts = {
            "phase": news.phase,
            "running": news.phase in ("searching", "stopping"),
            "evaluations": news.evaluations,
            "budget": BUDGET,
            "elapsed_s": round(news.elapsed_s, 1),
            "simulations": news.simulations,
            "objective": self.search.problem.goals.objective.key if self.search else self.objective,
            "error": self._words(news.error),
            "conflicts": list(news.conflicts) if found is None or not found.feasible else [],
            "wells": [self._ghost(row, found) for row in rows] if found else [],
            "groups": self._groups(rows, found) if found and not self._laid_out_anew() else [],
            **self._choice(),
            "best": self._best(found) if found else None,
            "offers": [self._offer(f) for f in news.found] if len(news.found) > 1 else [],
            "chosen": self.chosen,
        }

    def _words(self, error: InputError | None) -> dict[str, str] | None:
        if error is None:
            return None
        fault = self._at_field(error.faults[0])
        return {"zh": str(fault.context["text_zh"]), "en": str(fault.context["text_en"])}

    def _ghost(self, row: dict[str, Any], found: Found) -> dict[str, Any]:
        """Where a proposed well runs, and where it is now."""
        site, now = self.session.site, self.session.scheme
        names = {w.name for w in found.scheme.wells}
        scheme = found.scheme if row["name"] in names else now
        shown = well_state(site, scheme.well(row["name"]), scheme)
        old = next((w for w in now.wells if w.name == row["name"]), None)
        was = None if old is None else well_state(site, old, now)
        return {
            "name": row["name"],
            "action": row["action"],
            "kind": row["kind"],
            **{k: shown[k] for k in ("x_m", "y_m", "top_m", "path")},
            "from": None if was is None else {k: was[k] for k in ("x_m", "y_m", "top_m")},
        }

    def _groups(self, rows: list[dict[str, Any]], found: Found) -> list[dict[str, Any]]:
        by_name = {row["name"]: row for row in rows}
        out = []
        for group in group_names(rows):
            wells = [by_name[name] for name in group]
            out.append(
                {
                    "wells": list(group),
                    "kinds": [w["kind"] for w in wells],
                    "action": wells[0]["action"],
                    "text": {lang: _line([w["text"][lang] for w in wells], lang) for lang in ("zh", "en")},
                    "gain": found.gains.get(group),
                    "why": [{"key": k, "step": v} for k, v in found.whys.get(group, {}).items()],
                }
            )
        if self.news is not None and self.news.phase != "searching":  # rows must not jump under the hand
            out.sort(key=lambda g: -math.inf if g["gain"] is None else g["gain"], reverse=True)
        return out

    def _best(self, found: Found) -> dict[str, Any]:
        key = self.search.problem.goals.objective.key if self.search else self.objective
        keys = dict.fromkeys((key, *SHOWN_GAINS))
        value = found.values.get(key)
        known = found.estimated is not None and value is not None
        return {
            "state": found.state,
            "feasible": found.feasible,
            "rows": [
                {
                    "key": k,
                    "value": found.values.get(k),
                    "before": found.before.get(k),
                    "better": KPIS[k].better,
                }
                for k in keys
                if k in found.values or k in HEADLINE
            ],
            "estimated": found.estimated,
            "gap": found.estimated - value if known else None,  # type: ignore[operator]
        }

    def _offer(self, found: Found) -> dict[str, Any]:
        key = self.search.problem.goals.objective.key if self.search else self.objective
        return {"value": found.values.get(key), "wells": len(self._rows(found))}


def _line(texts: list[str], lang: str) -> str:
    """Changes of one group as a line; a long list of rates is cut with what was left out."""
    if lang == "zh":
        texts = [text.replace(",", "，") for text in texts]
    comma, more = ("；", "；等 {n} 口井") if lang == "zh" else ("; ", "; {n} wells in all")
    if len(texts) <= 3:
        return comma.join(texts)
    return comma.join(texts[:2]) + more.format(n=len(texts))


def _signs(text: str) -> str:
    return text.replace(">=", " ≥ ").replace("<=", " ≤ ")


def _fault(field: str, en: str, zh: str) -> InputError:
    return InputError(Fault(field, "range", en, {"text_zh": zh, "text_en": en}))


def _number(field: str, value: Any) -> float:
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise _fault(field, f"must be a number, got “{value}”", f"须为数字，实际为“{value}”") from None
    if not abs(result) < float("inf"):
        raise _fault(field, "must be finite", "须为有限的数字")
    return result


def _one_of(field: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InputError(Fault(field, "unknown", f"must be one of {', '.join(allowed)}, got {value!r}"))
    return str(value)


def register(session: Session) -> None:
    proposals.register(session)
    own = Suggest(session)
    session.suggest = own
    own.show_form()
    session.actions |= {
        "suggest_objective": own.want,
        "suggest_doublets": own.extra,
        "suggest_limit_add": own.limit_add,
        "suggest_limit_set": own.limit_set,
        "suggest_limit_remove": own.limit_remove,
        "suggest_start": own.start,
        "suggest_stop": own.stop,
        "suggest_choose": own.choose,
        "suggest_accept": own.accept,
        "suggest_accept_all": own.accept_all,
        "suggest_clear": own.clear,
        "suggest_nothing": own.nothing,
        "suggest_uses": own.accept_uses,
        "suggest_point": own.point,
        "suggest_number": own.number,
    }
