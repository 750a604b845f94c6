"""A field from the basin model: its layers and temperature, a doublet to be drilled, the assessment's ranges."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.assess.handover import spreads_of, with_uncertainty
from scenarios.evaluate import evaluate
from scenarios.scheme import read_scheme
from services.importer.from_basin import name_of, site_from_basin
from twin_models.sites import load_site, site_names

PLACE = (-20_000.0, -30_000.0)


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "sites"
    monkeypatch.setenv("GEOSANDBOX_SITES", str(folder))
    return folder


def test_names_say_where() -> None:
    assert name_of("HM", -20_300.0, 4_600.0) == "hm-w20-n5"


def test_a_field_stands_where_the_basin_model_says(sites: Path) -> None:
    basin = load_site("nw-shandong")
    facts = {
        k: float(basin.raster_at(k, *PLACE)) for k in ("top_m", "thickness_m", "temperature_degc", "porosity")
    }
    unit = next(u for u in basin.units if u.id == "HM")
    spreads = spreads_of(unit, thickness_m=facts["thickness_m"], temperature_degc=facts["temperature_degc"])
    given = {
        "unit": "HM",
        "unit_name": ("惠民", "Huimin"),
        "place_m": PLACE,
        "facts": facts,
        "uncertainty": spreads,
        "sites": sites,
    }
    name = site_from_basin("nw-shandong", **given)
    site = load_site(name)
    assert name in site_names()
    assert site.parent == "nw-shandong"
    layer = site.reservoir.layers[0]
    assert layer.top_m == pytest.approx(facts["top_m"], abs=0.06)
    assert layer.thickness_m == pytest.approx(facts["thickness_m"], abs=0.11)
    assert site.world_origin_m[0] - basin.world_origin_m[0] == pytest.approx(PLACE[0], abs=1.0)
    assert site.world_origin_m[1] - basin.world_origin_m[1] == pytest.approx(PLACE[1], abs=1.0)
    scheme = read_scheme(site.schemes[0].path)
    assert [w.existing for w in scheme.wells] == [False, False]
    result = evaluate(scheme, "streamline")
    for key, ends in spreads.items():
        assert result.terms.uncertainty[key] == tuple(ends)
    assert result.kpis["capex_cny"].value > 2e6  # two wells of over a thousand metres are paid for
    assert site_from_basin("nw-shandong", **given) == name  # a second time finds it


def test_spreads_are_the_units_own_seen_from_the_place() -> None:
    """Huimin: t (52, 56, 60), symmetric: P10 = 52 + sqrt(0.1 x 8 x 4) = 53.789, P90 = 58.211 (triangular quantile)."""
    unit = next(u for u in load_site("nw-shandong").units if u.id == "HM")
    got = spreads_of(unit, thickness_m=353.0, temperature_degc=56.0)
    assert got["temperature_k"] == pytest.approx([-2.21, 2.21])
    assert got["thickness_pct"][0] < 0.0 < got["thickness_pct"][1]
    rim = spreads_of(unit, thickness_m=353.0, temperature_degc=59.5)
    assert rim["temperature_k"][1] == 0.0
    assert rim["temperature_k"][0] == pytest.approx(53.789 - 59.5, abs=0.01)


def test_the_schemes_bands_follow_the_assessment() -> None:
    scheme = read_scheme(load_site("linqing-ab").schemes[1].path)
    wide = with_uncertainty(scheme, {"thickness_pct": [-60.0, 60.0], "temperature_k": [-8.0, 8.0]})
    assert wide.key() != scheme.key()
    spread = []
    for s in (scheme, wide):
        kpi = evaluate(s, "streamline", bands=True).kpis["thermal_power_mw"]
        spread.append(kpi.high - kpi.low)
    assert spread[1] > 2.0 * spread[0]
