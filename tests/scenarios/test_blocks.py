"""Blocks of source 004: the city's counts, regrouping, and interference against symmetry and superposition."""

from __future__ import annotations

import pytest

from scenarios.blocks import (
    SPACING_M,
    blocks_of,
    breakthrough_years,
    communities,
    counts,
    has_blocks,
    interference_m,
    linked_scheme,
    regroup,
    spacing_m,
    today_rates,
)
from scenarios.evaluate import evaluate
from scenarios.scheme import Scheme, read_scheme, to_dict
from twin_models.errors import InputError
from twin_models.sites import Site, load_site


@pytest.fixture(scope="module")
def city() -> Site:
    return load_site("linqing")


@pytest.fixture(scope="module")
def linked(city: Site) -> Scheme:
    scheme = linked_scheme(city)
    assert scheme is not None
    return scheme


def test_city_counts_of_source_004(city: Site, linked: Scheme) -> None:
    """004, section on the city: 65 wells (one unused), 21 blocks, 30 kept, 26 standby, 30 new injectors, 8 alone."""
    got = counts(blocks_of(linked, city))
    assert got == {
        "wells": 64,
        "blocks": 21,
        "communities": 56,
        "kept": 30,
        "standby": 26,
        "injectors": 30,
        "alone": 8,
        "alone_injectors": 8,
    }


def test_every_injector_belongs_to_the_block_of_the_plan(city: Site, linked: Scheme) -> None:
    blocks = blocks_of(linked, city)
    assert sum(len(b.injectors) for b in blocks) == sum(1 for w in linked.wells if w.kind == "injector")
    for block in blocks:
        assert len(block.injectors) == len(block.kept)
        assert (spacing_m(linked, block) or 0.0) >= SPACING_M


def test_a_site_without_a_table_of_blocks_is_one_block() -> None:
    site = load_site("linqing-ab")
    assert has_blocks(site)
    assert not has_blocks(load_site("nw-shandong"))
    (block,) = blocks_of(read_scheme(site.schemes[1].path), site)
    assert (block.members, block.kept, block.injectors) == (("A", "B"), ("A", "B"), ("RH1",))


def test_regrouping_keeps_the_water_and_the_other_blocks(city: Site, linked: Scheme) -> None:
    old = {b.id: b for b in blocks_of(linked, city)}
    members = [*old["LB05"].members, *old["LB14"].members]
    scheme, edit = regroup(linked, city, members=members, into="new")
    new = {b.id: b for b in blocks_of(scheme, city)}
    assert set(new) == set(old) - {"LB05", "LB14"} | {"LB22"}
    untouched = set(new) - {"LB22"}
    assert all(new[i] == old[i] for i in untouched)
    assert len(edit.params["members"]) == len(members)
    wells = {w.name: w for w in scheme.wells}
    today = today_rates(city)
    own = [n for c in communities(city) if c.id in members for n in c.wells]
    share = sum(w.rate_m3_h for w in linked.wells if w.kind == "producer") / sum(today.values())
    flow = sum(wells[n].rate_m3_h for n in new["LB22"].kept)
    assert flow == pytest.approx(share * sum(today[n] for n in own), abs=0.3)  # rates have one decimal
    assert sum(wells[n].rate_m3_h for n in new["LB22"].injectors) == pytest.approx(flow, abs=1e-9)
    assert all(wells[n].rate_m3_h <= today[n] + 0.05 for n in new["LB22"].kept)
    assert (spacing_m(scheme, new["LB22"]) or 0.0) >= SPACING_M


def test_a_regrouped_scheme_survives_its_file(city: Site, linked: Scheme) -> None:
    scheme, _ = regroup(linked, city, members=["01"], into="alone")
    again = read_scheme(to_dict(scheme))
    assert blocks_of(again, city) == blocks_of(scheme, city)
    back, _ = regroup(again, city, members=["01"], into="LB11")
    members = {b.id: b.members for b in blocks_of(back, city)}
    assert members["LB11"] == {b.id: b.members for b in blocks_of(linked, city)}["LB11"]


@pytest.mark.parametrize(
    ("members", "into", "field"),
    [
        ([], "new", "members"),
        (["nobody"], "new", "members"),
        (["01"], "LB77", "into"),
        (["01"], "LB11", "into"),
    ],
)
def test_refusals_name_the_field(
    city: Site, linked: Scheme, members: list[str], into: str, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        regroup(linked, city, members=members, into=into)
    assert caught.value.faults[0].field == field
    assert caught.value.faults[0].context["text_zh"]


def pair(x_m: float) -> Scheme:
    """A balanced doublet in a uniform square, symmetric about its middle."""
    return read_scheme(
        {
            "format": "geosandbox-scheme/1",
            "name": "pair",
            "reservoir": {
                "extent_m": [4100, 4100], "origin_m": [-2050, -2050], "cell_m": 50, "boundary": "constant_pressure",
                "layers": [{"name": "a", "top_m": 1400, "thickness_m": 100, "porosity": 0.25,
                            "permeability_md": 500, "temperature_degc": 60}],
                "confining": None,
            },
            "wells": [
                {"name": "P", "kind": "producer", "x_m": -x_m, "y_m": 0, "rate_m3_h": 100},
                {"name": "I", "kind": "injector", "x_m": x_m, "y_m": 0, "rate_m3_h": 100, "temperature_degc": 25},
                {"name": "M", "kind": "monitor", "x_m": 0, "y_m": 0},
            ],
            "years": 10,
        }
    )  # fmt: skip


def test_interference_is_what_the_other_well_does() -> None:
    """Mirror image: the injector lifts the producer as much as the producer lowers the injector; none in the middle.

    Farther apart it is less. A lone well feels nothing.
    """
    near, far = interference_m(pair(300.0)), interference_m(pair(600.0))
    assert near["P"] == pytest.approx(-near["I"], rel=1e-6)
    assert near["P"] > far["P"] > 0.0
    assert near["M"] == pytest.approx(0.0, abs=1e-6 * near["P"])
    lone = pair(300.0)
    alone = read_scheme(
        to_dict(lone) | {"wells": [w for w in to_dict(lone)["wells"] if w["kind"] == "producer"]}
    )
    assert interference_m(alone)["P"] == 0.0


def test_breakthrough_of_all_producers_is_the_kpi() -> None:
    doublet = pair(150.0)
    result = evaluate(doublet, "streamline")
    assert result.kpis["breakthrough_years"].value is not None
    assert breakthrough_years(result, ["P"]) == result.kpis["breakthrough_years"].value
    assert breakthrough_years(result, []) is None
