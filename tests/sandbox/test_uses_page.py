"""Uses on the page: every change is an edit of the scheme, figures and cascade follow, faults stand at their fields."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sandbox import uses_rows, uses_state, year_state
from sandbox.session import Session
from services.store import Store
from tests.scenarios import test_energy_system, test_uses


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session without a running loop: edits and estimates, no simulation."""
    workers = ThreadPoolExecutor(1)
    made = Session("s-test", "linqing-ab", Store(tmp_path / "data.db"), workers)
    made.lang = "en"
    from sandbox import show

    show.initial(made)
    made.refresh()
    yield made
    workers.shutdown()


def act(session: Session, action: str, **params: Any) -> dict[str, Any]:
    return session.act(action, params)


def places(session: Session) -> list[str]:
    return [p["id"] for p in session.state.cascade["places"]]


def heat(session: Session) -> float:
    return session.state.kpi["annual_heat_gj"]["value"]


def test_uses_come_go_and_come_back_by_undo(session: Session) -> None:
    first, before = places(session), heat(session)
    assert act(session, "use_add", path="wellness")["ok"]
    assert act(session, "use_add", path="agriculture")["ok"]
    assert set(places(session)) == {*first, "wellness", "agriculture"}
    assert heat(session) != before
    cards = {c["id"]: c for c in session.state.uses["cards"]}
    assert set(cards) == {"heating", "wellness", "agriculture"}
    assert {a["path"] for a in session.state.uses["available"]} == {"power", "drying"}
    assert act(session, "set_use", path="wellness.pools_m2", value=300)["ok"]
    row = next(r for r in session.state.uses["cards"][0]["rows"] if r["path"].endswith("_m2"))
    assert row["unit"] == "m²"
    assert session.scheme.uses_dict()["wellness"]["pools_m2"] == 300
    for _ in range(3):
        assert act(session, "undo")["ok"]
    assert places(session) == first and heat(session) == before
    assert "wellness" not in session.scheme.uses_dict()


def test_the_cascade_is_one_stream(session: Session) -> None:
    """Each place begins where the one before ended; shares and tail add up to all heat above the surface temperature."""
    for path in ("wellness", "agriculture", "drying", "heating.cooling"):
        act(session, "use_add", path=path)
    shown = session.state.cascade
    inlet = shown["wellhead"]
    for place in shown["places"]:
        assert place["inlet"] == pytest.approx(inlet, abs=0.011)
        inlet = place["outlet"]
    assert shown["tail"] == pytest.approx(inlet, abs=0.011)
    assert sum(p["share"] for p in shown["places"]) + shown["tail_pct"] == pytest.approx(100.0, abs=0.1)


def test_what_cannot_run_says_why(session: Session) -> None:
    act(session, "use_add", path="power")
    card = next(c for c in session.state.uses["cards"] if c["id"] == "power")
    assert any("90" in text for text in card["warn"])
    place = next(p for p in session.state.cascade["places"] if p["id"] == "power")
    assert place["idle"] and place["warn"] == card["warn"]


def test_sorting_by_hand_and_back(session: Session) -> None:
    act(session, "use_add", path="wellness")
    usual = session.state.uses["places"]
    assert usual == ["wellness", "heating"]
    assert act(session, "use_move", name="heating", step=-1)["ok"]
    assert session.state.uses["places"] == ["heating", "wellness"]
    assert session.state.uses["ordered_by_hand"]
    assert session.scheme.uses_dict()["order"] == ["heating", "wellness"]
    assert act(session, "use_hottest_first")["ok"]
    assert session.state.uses["places"] == usual and not session.state.uses["ordered_by_hand"]


def test_the_last_use_stays_and_a_second_of_a_kind_is_refused(session: Session) -> None:
    refused = act(session, "use_remove", path="heating")
    assert not refused["ok"] and refused["field"] == "uses.heating"
    act(session, "use_add", path="wellness")
    assert act(session, "use_remove", path="heating")["ok"]
    assert places(session) == ["wellness"]
    assert act(session, "use_add", path="wellness")["ok"] is False
    assert act(session, "use_add", path="bakery")["field"] == "uses.bakery"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("wellness.price_cny_per_gj", -5, "uses.wellness.price_cny_per_gj"),
        ("wellness.pools_m2", None, "uses.wellness.pools_m2"),
        ("wellness.pools_m2", "many", "uses.wellness.pools_m2"),
        ("heating.supply_degc", 20, "uses.heating.supply_degc"),
        ("system.tariff.valley_factor", 9, "uses.system.tariff.valley_factor"),
    ],
)
def test_bad_input_is_refused_at_its_field_in_both_languages(
    session: Session, path: str, value: object, field: str
) -> None:
    act(session, "use_add", path="wellness")
    before = session.scheme.key()
    said = {}
    for session.lang in ("en", "zh"):
        answer = act(session, "set_use", path=path, value=value)
        assert (answer["ok"], answer["field"]) == (False, field)
        assert session.state.edit_error["field"] == field
        said[session.lang] = answer["text"]
    assert said["en"] != said["zh"]
    assert session.scheme.key() == before


def test_system_parts_and_tariff_hours(session: Session) -> None:
    for part in ("tank", "aquifer", "network", "tariff"):
        assert act(session, "use_add", path=f"system.{part}")["ok"]
    system = session.state.uses["system"]
    assert all(part["on"] and part["rows"] for part in system["parts"])
    assert session.state.uses["hours"]["unmet"] >= 0
    assert system["tariff_hours"].count("valley") == 8
    assert act(session, "tariff_hour", hour=12)["ok"]  # flat to valley
    assert session.state.uses["system"]["tariff_hours"][12] == "valley"
    act(session, "tariff_hour", hour=12)
    act(session, "tariff_hour", hour=12)
    assert session.state.uses["system"]["tariff_hours"] == system["tariff_hours"]
    for part in ("tank", "aquifer", "network", "tariff"):
        assert act(session, "use_remove", path=f"system.{part}")["ok"]
    assert "system" not in session.scheme.uses_dict()
    assert session.state.uses["hours"] is None


def test_the_dispatched_year_adds_up(session: Session) -> None:
    """Sources of the heating by month are its load less what is unmet; a use's months are its product of the year."""
    act(session, "use_add", path="wellness")
    act(session, "use_add", path="system.tank")
    picture = year_state.picture(session.evaluation, 0)
    stack = picture["stack"]
    total = sum(sum(stack["months"][name]) for name in stack["sources"]) * 1e3
    need = stack["sums"]["load"] + stack["sums"]["network_loss"]
    assert total - stack["sums"].get("tank_in", 0.0) == pytest.approx(need, rel=2e-3)
    place = next(p for p in session.state.cascade["places"] if p["id"] == "wellness")
    assert sum(picture["uses"]["wellness"]["product"]) * 3600 == pytest.approx(place["product_gj"], rel=0.02)
    assert len(stack["need"]) == 24 and len(stack["duration"]["exchange"]) == 100


def test_every_row_is_an_input_that_is_known_to_move_a_figure(session: Session) -> None:
    """Rows of the drawer against the fields of the tests that change every one of them and look at the figures."""
    tested = {".".join(path) for path in test_uses.leaves(test_uses.MOVED)}
    tested |= {"system." + ".".join(path) for path in test_uses.leaves(test_energy_system.MOVED)}
    from tests.scenarios.test_evaluate import INPUTS, leaves

    tested |= {".".join(path[1:]) for path in leaves(INPUTS) if path[0] == "uses"}
    shown = {
        row["path"]
        for part in uses_rows.TABLES
        for row in uses_rows.rows(session, session.scheme.uses_dict(), part)
    }
    untested = {p for p in shown - tested if not p.endswith(("heat_pump.cop", "carnot_fraction"))}
    assert untested == set()
    for path in shown:
        assert uses_state.uses_rows.title(session, path) != f"Uses.{path}", path


def test_equal_labels_in_both_languages(session: Session) -> None:
    names = {}
    for session.lang in ("zh", "en"):
        names[session.lang] = [
            row["label"]
            for part in uses_rows.TABLES
            for row in uses_rows.rows(session, session.scheme.uses_dict(), part)
        ]
    assert not any(text.isascii() for text in names["zh"] if "COP" not in text)
    assert all(text.isascii() or "°" in text or "²" in text for text in names["en"])


@pytest.mark.parametrize(
    ("action", "params", "field"),
    [
        ("campaign_set", {"key": "rigs", "value": 0}, "campaign.rigs"),
        ("campaign_set", {"key": "rigs", "value": 1.5}, "campaign.rigs"),
        ("campaign_set", {"key": "pump_years", "value": "long"}, "campaign.pump_years"),
        ("campaign_apply", {}, "campaign"),
        ("use_add", {"path": "heating.heat_pump"}, "uses.heating.heat_pump"),
    ],
)
def test_refusals_have_two_languages(
    session: Session, action: str, params: dict[str, Any], field: str
) -> None:
    act(session, "use_add", path="heating.heat_pump")
    said = {}
    for session.lang in ("en", "zh"):
        answer = session.act(action, params)
        assert (answer["ok"], answer["field"]) == (False, field)
        said[session.lang] = answer["text"]
    assert said["en"] != said["zh"]


def test_what_a_campaign_tells_the_page(session: Session) -> None:
    """Figures of the three columns, bars of every row within the life, new doublets first."""
    from sandbox.controllers.campaign import SHOWN, result_state
    from scenarios.campaign import outcome

    found = outcome(session.scheme, "streamline", realisations=2, events=("pump_fails",))
    told = result_state(session, found)
    assert [row["key"] for row in told["kpis"]] == list(SHOWN)
    for row in told["rows"]:
        assert all(0 <= bar["day"] <= bar["until"] <= told["span_days"] + 1 for bar in row["bars"])
    assert 0 < told["availability_pct"] <= told["availability_usual_pct"] <= 100
    assert len(told["by_year"]) == len(found.share[0])


def test_the_baseline_in_numbers(session: Session) -> None:
    """A gas boiler by word, then its efficiency by number: one edit each, and emissions follow."""
    assert act(session, "set_term", path="baseline", value="gas_boiler")["ok"]
    before = session.state.kpi["co2_avoided_t_per_year"]["value"]
    assert act(session, "set_baseline", path="baseline.boiler_efficiency", value=0.6)["ok"]
    assert session.scheme.economics_dict()["baseline"] == {"kind": "gas_boiler", "boiler_efficiency": 0.6}
    assert session.state.kpi["co2_avoided_t_per_year"]["value"] > before
    row = next(f for f in session.state.fields if f["path"] == "baseline.boiler_efficiency")
    assert row["own"] and row["text"] == "0.6"
    refused = act(session, "set_baseline", path="baseline.boiler_efficiency", value=-1)
    assert refused["field"] == "economics.baseline.boiler_efficiency"
