"""Explain sheets, forms and bands of differences, on the schemes that Caofeidian ships."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sandbox import differences, forms
from sandbox.explaining import DOTS, explanation
from sandbox.i18n import dictionary
from scenarios.evaluate import evaluate
from scenarios.kpis import KPIS
from scenarios.linkage import linkage, load_case
from scenarios.scheme import read_scheme
from twin_models.sites import assets_dir, load_site

SCHEMES = assets_dir() / "sites" / "caofeidian" / "schemes"


@pytest.fixture(scope="module")
def results() -> dict[str, object]:
    paths = sorted(SCHEMES.glob("*.json"))
    return {
        path.stem: evaluate(read_scheme(path), bands=True) for path in [*paths[:2], SCHEMES / "baseline.json"]
    }


def session(results: dict, name: str, *, lang: str = "en", own: bool = False) -> SimpleNamespace:
    """What explaining and forms read of a session."""
    result = results[name]
    return SimpleNamespace(
        lang=lang,
        evaluation=result,
        baseline=SimpleNamespace(evaluation=results["baseline"]),
        workspace=SimpleNamespace(active=SimpleNamespace(baseline=own)),
        scheme=result.scheme,
        site=load_site("caofeidian"),
        text=lambda key, **values: dictionary(lang)[key].format(**values),
        state=SimpleNamespace(year=20.0, uses=None),
        drag=SimpleNamespace(origin=None),
    )


def test_every_kpi_can_be_explained_in_both_languages(results: dict) -> None:
    for lang in ("zh", "en"):
        who = session(results, "baseline", lang=lang, own=True)
        for key in KPIS:
            shown = explanation(who, key)
            assert shown["definition"]
            assert shown["formula"]
            assert shown["source"]
            assert shown["inputs"]


@pytest.mark.parametrize("key", ["lcoh_cny_per_gj", "npv_cny", "annual_heat_gj", "spf", "opex_cny_per_year"])
def test_numbers_in_the_formula_give_the_kpi_again(results: dict, key: str) -> None:
    """The line is only shown if its numbers reproduce the KPI to 1e-6; for these five they do."""
    assert "=" in explanation(session(results, "baseline", own=True), key)["numbers"]


def test_futures_are_counted_against_the_baseline(results: dict) -> None:
    name = next(n for n in results if n != "baseline")
    shown = explanation(session(results, name), "npv_cny")["futures"]
    assert 0 <= shown["count"] <= DOTS
    own = explanation(session(results, "baseline", own=True), "npv_cny")["futures"]
    assert own["text"] == dictionary("en")["futures_zero"]
    assert explanation(session(results, "baseline", own=True), "lcoh_cny_per_gj")["futures"] is None


def test_tornado_is_sorted_and_has_five_lines_at_most(results: dict) -> None:
    lines = explanation(session(results, "baseline", own=True), "npv_cny")["tornado"]
    sizes = [max(abs(line["low"]), abs(line["high"])) for line in lines]
    assert 1 <= len(lines) <= 5
    assert sizes == sorted(sizes, reverse=True)


def test_band_of_a_difference_holds_the_difference(results: dict) -> None:
    base = results["baseline"]
    other = next(r for n, r in results.items() if n != "baseline")
    for key in ("npv_cny", "thermal_power_mw", "capex_cny"):
        low, high = differences.band(base, other, key)
        step = other.kpis[key].value - base.kpis[key].value
        assert low is not None
        assert high is not None
        assert low <= step <= high


def test_a_scheme_does_not_differ_from_itself(results: dict) -> None:
    assert differences.band(results["baseline"], results["baseline"], "npv_cny") == (None, None)


def test_common_futures_cancel() -> None:
    """Two schemes that move together by 100 +- 30 differ by 5 in every future: the band has no width."""
    spread = np.linspace(-30.0, 30.0, 21)

    def made(name: str, value: float, draws: np.ndarray) -> SimpleNamespace:
        result = SimpleNamespace(
            scheme=SimpleNamespace(key=lambda: name),
            forecast=SimpleNamespace(engine="test"),
            kpis={"npv_cny": SimpleNamespace(value=value)},
        )
        differences._draws[f"{name}:test"] = {"npv_cny": draws}
        return result

    one, two = made("one", 100.0, 100.0 + spread), made("two", 105.0, 105.0 + spread)
    assert differences.band(one, two, "npv_cny") == pytest.approx((5.0, 5.0))


def test_every_field_names_its_place_in_the_scheme(results: dict) -> None:
    who = session(results, "baseline", lang="zh", own=True)
    forms.fill(who)
    paths = [f["field"] for f in who.state.fields]
    assert len(paths) == len(set(paths))
    assert "economics.discount_rate" in paths
    assert "uses.heating.area_m2" in paths
    assert all(f["label"] for f in who.state.fields)
    rate = next(f for f in who.state.fields if f["path"] == "discount_rate")
    assert (rate["text"], rate["factor"], rate["unit"]) == ("8", 0.01, "%")
    costs = [f for f in who.state.fields if f["group"] == "costs"]
    assert len(costs) > 15
    assert all(f["source"] and f["unit"] for f in costs)


def test_sources_are_told_in_the_language_of_the_page(results: dict) -> None:
    """Economics and assumptions drawers, Explain sheets: in Chinese every source holds Chinese, in English none does."""
    for lang in ("zh", "en"):
        who = session(results, "baseline", lang=lang, own=True)
        forms.fill(who)
        rows = [f for f in who.state.fields if f["part"] == "economics"] + who.state.assumptions
        rows += [line for key in KPIS for line in explanation(who, key)["inputs"]]
        told = {row["source"] for row in rows if row.get("source")}
        assert len(told) > 40
        chinese = {text for text in told if any("\u4e00" <= c <= "\u9fff" for c in text)}
        assert chinese == (told if lang == "zh" else set())


def test_assumptions_and_strata_say_where_they_come_from(results: dict) -> None:
    who = session(results, "baseline", own=True)
    forms.fill(who)
    groups = {a["group"] for a in who.state.assumptions}
    assert {"reservoir", "operation", "economics", "uncertainty", "model"} <= groups
    assert all(a["source"] for a in who.state.assumptions if a["group"] in ("reservoir", "uncertainty"))
    reservoir = [s for s in who.state.strata if s["role"] == "reservoir"]
    assert reservoir
    assert reservoir[0]["facts"]


def test_printed_figures_stand_beside_ours() -> None:
    shown = forms.checked("en")
    printed = linkage(load_case())["printed"]
    assert len(shown["rows"]) == len(printed)
    saving = next(w for w in shown["ways"] if w["key"] == "as_defined_mean")
    assert saving["percent"] == "41.46"  # 1 - 93.67/160, source 004


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("heated area m²", "heated area"),
        ("exchanger approach K", "exchanger approach"),
        ("heat price CNY/GJ", "heat price"),
        ("heat pump COP", "heat pump COP"),
        ("discount rate", "discount rate"),
        ("供暖面积 m²", "供暖面积"),
        ("热价 元/GJ", "热价"),
    ],
)
def test_labels_lose_the_unit_that_stands_beside_the_field(text: str, name: str) -> None:
    assert forms.without_unit(text) == name


def test_number_text_has_no_idle_zeros() -> None:
    assert forms.number_text(18.0) == "18"
    assert forms.number_text(0.5306) == "0.5306"
    assert forms.number_text(None) == ""
    assert forms.number_text(3_100_000, 0) == "3100000"
