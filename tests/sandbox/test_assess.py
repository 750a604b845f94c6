"""What the page says of assessments equals what the methods say, and every text has two languages."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from sandbox import basin, quality, suitability
from scenarios.assess.suitability_map import load_stack
from twin_models.errors import InputError


@pytest.fixture(scope="module")
def published() -> suitability.Painted:
    return suitability.painted(suitability.presets()[0]["published"])


def test_raster_holds_class_driver_and_sign_of_every_cell(published: suitability.Painted) -> None:
    stack = load_stack(suitability.BASIN)
    sent = suitability.raster(published)
    cells = np.frombuffer(base64.b64decode(sent["cells"]), dtype=np.uint8).reshape(sent["ny"], sent["nx"])
    assert (cells[~stack.mask] == 0).all()
    inside = cells[stack.mask]
    assert (inside & 7 == published.painting.classes).all()
    assert ((inside >> 3) & 15 == published.painting.driver).all()
    assert ((inside > 127) == (published.painting.driver_sign > 0)).all()
    assert len(sent["names"]) == 9 <= 15  # four bits


def test_numerals_stand_on_cells_of_their_class(published: suitability.Painted) -> None:
    marks = suitability.raster(published)["marks"]
    assert {m["n"] for m in marks} == {1, 2, 3, 4, 5}
    for mark in marks:
        assert suitability.place_state(published, mark["x_m"], mark["y_m"])["n"] == mark["n"]


def test_shares_add_to_one_hundred(published: suitability.Painted) -> None:
    state = suitability.page_state(published, preset="published")
    assert sum(c["share_pct"] for c in state["classes"]) == pytest.approx(100.0)
    for unit in state["units"]:
        assert sum(unit["shares"]) == pytest.approx(100.0, abs=0.05)
        assert unit["good_pct"] == pytest.approx(unit["shares"][3] + unit["shares"][4], abs=0.02)
    assert sum(r["share_pct"] for r in state["rows"]) == pytest.approx(100.0)
    assert [u["good_pct"] for u in state["units"]] == sorted(
        (u["good_pct"] for u in state["units"]), reverse=True
    )


def test_one_weight_alone_paints_its_own_indicator() -> None:
    """Only temperature counts: the class rises with temperature and everything is driven by it."""
    stack = load_stack(suitability.BASIN)
    alone = np.array([1.0 if key == "temperature" else 0.0 for key in stack.ids])
    result = suitability.painted(alone)
    warm = stack.values[stack.ids.index("temperature")]
    means = [float(warm[result.painting.classes == n].mean()) for n in range(1, 6)]
    assert means == sorted(means)
    assert (result.painting.driver == stack.ids.index("temperature")).all()
    assert (result.steady == 1.0).all()  # one weight scaled to 1 cannot move


def test_a_place_is_explained_by_what_adds_to_its_index(published: suitability.Painted) -> None:
    place = suitability.place_state(published, -61_000.0, -6_000.0)
    assert place is not None
    assert place["roman"] == "V"
    assert place["suitable"]
    assert sum(p["above_mean"] for p in place["parts"]) == pytest.approx(
        100.0 * (place["index"] - float(published.painting.index.mean())), abs=0.01
    )
    assert place["field"]["name"] == "linqing"
    assert place["field"]["near"]
    assert place["known"]["temperature_degc"] == pytest.approx(58.0, abs=3.0)
    assert suitability.place_state(published, 1e6, 1e6) is None


def test_no_field_is_pretended_far_away(published: suitability.Painted) -> None:
    place = suitability.place_state(published, -20_000.0, -30_000.0)
    assert place is not None
    assert place["field"]["away_km"] == pytest.approx(
        np.hypot(41.347, 23.443), abs=0.01
    )  # from Linqing's centre
    assert not place["field"]["near"]


def test_recovery_scales_and_keeps_the_draws() -> None:
    a, b = basin.statistics(recovery=0.2)["sums"], basin.statistics(recovery=0.4)["sums"]
    assert b["recoverable_j"] == pytest.approx(2.0 * a["recoverable_j"])
    assert b["recoverable_p95_j"] == pytest.approx(2.0 * a["recoverable_p95_j"])
    assert a["bars"] == b["bars"]
    assert a["recoverable_p5_j"] < a["recoverable_j"] < a["recoverable_p95_j"]


def test_exceedance_falls_from_one_to_nothing_through_the_median() -> None:
    sums = basin.statistics()["sums"]
    curve = np.array(sums["exceedance"])
    levels = np.linspace(sums["low_j"], sums["high_j"], curve.size)
    assert curve[0] == 1.0
    assert curve[-1] == 0.0
    assert (np.diff(curve) <= 0.0).all()
    assert np.interp(sums["p50_j"], levels, curve) == pytest.approx(0.5, abs=0.02)


def test_quality_is_the_published_case_and_follows_the_temperature() -> None:
    """F = 0.787 (source 002, eq. 26); grade 0.7 in place of 0.4 with weight 0.08 adds 0.024."""
    state = quality.quality_state("caofeidian")
    assert state["score"] == pytest.approx(0.787)
    assert state["class"]["id"] == "II-1"
    assert len(state["rows"]) == 16
    assert quality.quality_state("caofeidian", 89.9)["score"] == pytest.approx(0.787)
    warm = quality.quality_state("caofeidian", 90.0)
    assert warm["score"] == pytest.approx(0.811)
    assert warm["class"]["id"] == "I-2"
    assert quality.quality_state("linqing") is None


def test_every_matrix_names_its_index_and_c4_its_fault() -> None:
    rows = {m["id"]: m for m in quality.quality_state("caofeidian")["matrices"]}
    assert {m["index"] for m in rows.values()} == {"paper-002"}
    assert rows["B1"]["cr"] == pytest.approx(0.0423, abs=1e-4)
    assert len(rows["C4"]["faults"]) == 1
    assert not rows["A"]["faults"]


def test_one_cell_changed_carries_its_inverse() -> None:
    """C4 as its own upper half has it: the fault is gone and CR is the one the method gives for that repair."""
    printed = {m["id"]: m for m in quality.quality_state("caofeidian")["matrices"]}["C4"]
    changed = quality.judged_anew(printed["matrix"], 1, 3, "1/2")
    assert changed[3][1] == pytest.approx(2.0)
    state = quality.quality_state("caofeidian", None, {"C4": changed})
    row = {m["id"]: m for m in state["matrices"]}["C4"]
    assert row["faults"] == []
    assert row["cr"] == pytest.approx(printed["repairs"][0])
    assert state["weight_sum_pct"] == pytest.approx(100.0)
    assert state["edited"] == ["C4"]


@pytest.mark.parametrize("value", ["0", "10", "1/10", "a", "", "1/0", "-2"])
def test_a_comparison_outside_the_scale_is_refused(value: str) -> None:
    with pytest.raises(InputError) as caught:
        quality.ratio(value)
    assert caught.value.faults[0].field == "cell"
    assert caught.value.faults[0].context["text_zh"]


def test_every_text_of_an_assessment_has_both_languages(published: suitability.Painted) -> None:
    def texts(value: object) -> list[dict[str, str]]:
        if isinstance(value, dict):
            own = [value] if "zh" in value and "en" in value else []
            return own + [t for v in value.values() for t in texts(v)]
        return [t for v in value for t in texts(v)] if isinstance(value, list) else []

    state = [
        suitability.page_state(published, preset="published"),
        suitability.place_state(published, -61_000.0, -6_000.0),
        quality.quality_state("caofeidian"),
        *(quality.printed_rows(part) for part in quality.PRINTED),
    ]
    found = texts(state)
    assert len(found) > 200
    assert not [t for t in found if any("\u4e00" <= c <= "\u9fff" for c in t["en"])]
    assert not [t for t in found if bool(t["zh"]) != bool(t["en"])]
