"""The mine as the page changes it: the shipped figures, one number at a time, bounds in order, refusals in two languages."""

from __future__ import annotations

import pytest

from sandbox import mining
from scenarios.assess.comining import comining
from twin_models.errors import InputError
from twin_models.sites import load_site


@pytest.fixture(scope="module")
def mine() -> dict:
    return mining.shipped("jiaodong")


@pytest.fixture(scope="module")
def told(mine: dict) -> dict:
    return mining.answer(mine)


def test_the_shipped_mine_is_the_case_of_the_method(told: dict) -> None:
    result = comining({"case": "jiaodong-2024"})
    assert told["mean_mw"] == result["total"]["mean_power_mw"]
    assert [row["shaft_share"] for row in told["money"]] == [0.0, 0.1, 1.0]
    assert told["mean_mw"] == pytest.approx(sum(row["mean_mw"] for row in told["levels"]))
    for row in told["levels"]:
        assert row["mean_mw"] == pytest.approx(sum(row["parts"].values()), abs=2e-4)


def test_bounds_stand_in_order(told: dict) -> None:
    bounds = told["bounds"]
    assert bounds["result_mw"] < bounds["conductive_mw"] < bounds["energy_in_place_mw"]


def test_a_roadway_gives_what_facts_4_2_say() -> None:
    """source_numbers 4.2: r 2.5 m, 20 K, k 3, rho c 2.332: 158.3 W/m after 5 years, 125.0 after 20; so the mean of
    the years 5 to 6 lies between them, and a kilometre gives 0.1 to 0.4 MW."""
    bare = mining.shipped("jiaodong")
    bare["levels"] = [
        {"name": "a", "depth_m": 1000.0, "rock_degc": 46.0, "loop_drop_k": 10.0,
         "roadways": [{"length_m": 1000.0, "radius_m": 2.5, "wall_degc": 26.0, "collected_share": 1.0}]}
    ]  # fmt: skip
    power = mining.answer(bare)["levels"][0]["power_mw"]
    assert 0.125 < power[5] < 0.1583
    assert power[19] == pytest.approx(0.125, rel=0.01)


def test_one_change_moves_one_number(mine: dict) -> None:
    new = mining.changed(mine, part="level", key="depth_m", value=1483.0, level=1)
    assert new["levels"][1]["depth_m"] == 1480.0  # in steps of 10 m
    assert mine["levels"][1]["depth_m"] == 1500
    new["levels"][1]["depth_m"] = mine["levels"][1]["depth_m"]
    assert new == mine


def test_deeper_is_warmer_and_longer_gives_more(mine: dict, told: dict) -> None:
    deeper = mining.answer(mining.changed(mine, part="level", key="depth_m", value=1700, level=1))
    assert deeper["levels"][1]["rock_degc"] == pytest.approx(
        told["levels"][1]["rock_degc"] + 6.0
    )  # 200 m x 30 K/km
    assert deeper["levels"][1]["mean_mw"] > told["levels"][1]["mean_mw"]
    assert deeper["levels"][0] == told["levels"][0]
    longer = mining.answer(mining.changed(mine, part="roadways", key="length_m", value=6000, level=2))
    assert longer["levels"][2]["parts"]["roadways"] == pytest.approx(
        2 * told["levels"][2]["parts"]["roadways"], abs=2e-4
    )


def test_mining_needs_a_year_and_loses_it(mine: dict) -> None:
    caved = mining.changed(mine, part="level", key="mining", value="cave", level=1)
    assert caved["levels"][1]["mined_year"] == 10
    assert mining.answer(caved)["levels"][1]["power_mw"][15] == 0.0
    again = mining.changed(caved, part="level", key="mining", value="none", level=1)
    assert "mined_year" not in again["levels"][1]


def test_an_absent_part_begins_as_usual(mine: dict) -> None:
    new = mining.changed(mine, part="holes", key="count", value=12, level=0)
    assert new["levels"][0]["holes"][0]["count"] == 12
    assert mining.answer(new)["levels"][0]["parts"]["holes"] > 0.0


def test_the_shaft_share_shows_both_ends(mine: dict) -> None:
    half = mining.answer(mining.changed(mine, part="economics", key="shaft_share", value=0.5))["money"]
    assert [row["shaft_share"] for row in half] == [0.0, 0.5, 1.0]
    capex = [row["capex_cny"] for row in half]
    assert capex[2] - capex[1] == pytest.approx(capex[1] - capex[0])


@pytest.mark.parametrize(
    ("part", "key", "value", "level"),
    [
        ("level", "depth_m", 9000, 0), ("holes", "pattern", "Z", 1), ("level", "depth_m", 900, 7), ("shaft", "x", 1, 0),
        ("level", "name", 1, 0), ("roadways", "wall_degc", 99, 0),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_both_languages(
    mine: dict, part: str, key: str, value: object, level: int
) -> None:
    with pytest.raises(InputError) as caught:
        mining.changed(mine, part=part, key=key, value=value, level=level)
    context = caught.value.faults[0].context
    assert any("\u4e00" <= c <= "\u9fff" for c in context["text_zh"])
    assert not any("\u4e00" <= c <= "\u9fff" for c in context["text_en"])


def test_the_site_says_that_nothing_is_measured() -> None:
    site = load_site("jiaodong")
    assert mining.has_mine(site.name)
    assert "nothing" in site.measured[0].en
    assert "assumption" in site.provenance.en
