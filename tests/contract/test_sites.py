"""What every site promises. New folders under ``assets/sites`` are found and tested by themselves."""

from __future__ import annotations

import math
import re

import pytest

from scenarios.scheme import Scheme, read_scheme
from twin_models.sites import Site, load_site, site_names, summaries

HAN = re.compile(r"[\u4e00-\u9fff]")
MAX_ARRAYS_BYTES = 1_000_000
NAMES = site_names()


@pytest.fixture(params=NAMES)
def site(request: pytest.FixtureRequest) -> Site:
    return load_site(request.param)


def schemes(site: Site) -> list[Scheme]:
    return [read_scheme(file.path) for file in site.schemes]


def test_the_three_scales_are_there() -> None:
    assert {load_site(name).scale for name in NAMES} == {"basin", "field", "site"}


def test_texts_are_in_their_languages(site: Site) -> None:
    texts = [site.title, site.provenance, *site.measured, *site.schematic]
    texts += [part.name for part in (*site.strata, *site.faults)]
    texts += [t for s in site.schemes for t in (s.title, s.note)] + [rule.text for rule in site.rules]
    texts += [info.label for info in site.raster_info.values()] + [layer.label for layer in site.context]
    for text in texts:
        assert HAN.search(text.zh), text
        assert not HAN.search(text.en), text


def test_provenance_says_schematic_in_both_languages(site: Site) -> None:
    assert "示意" in site.provenance.zh
    assert "schematic" in site.provenance.en.lower()


def test_every_table_and_layer_is_named_in_sources(site: Site) -> None:
    """Each file of ``tables/`` by name (a .geojson beside a .csv of one name counts with it)."""
    sources = (site.folder / "SOURCES.md").read_text(encoding="utf-8")
    for file in sorted((site.folder / "tables").iterdir()):
        assert file.stem in sources, file.name
    for name in ("fields.npz",):
        assert not (site.folder / name).exists() or name in sources


def test_arrays_are_small(site: Site) -> None:
    assert sum(p.stat().st_size for p in site.folder.glob("*.npz")) < MAX_ARRAYS_BYTES


def test_parent_exists_and_is_coarser(site: Site) -> None:
    order = ["basin", "field", "site"]
    if site.parent is not None:
        assert order.index(load_site(site.parent).scale) < order.index(site.scale)


def test_reservoir_is_among_the_painted_layers(site: Site) -> None:
    if site.reservoir is None:
        return
    painted = [s for s in site.strata if s.role == "reservoir"]
    for layer in site.reservoir.layers:
        assert any(s.top_m <= layer.top_m + 1 and layer.base_m - 1 <= s.base_m for s in painted), layer.name


def test_rasters_lie_inside_their_colour_scales(site: Site) -> None:
    """A scale that most of its raster leaves would show one colour."""
    for name, info in site.raster_info.items():
        raster = site.rasters[name]
        known = raster[raster == raster]
        inside = ((known >= info.low) & (known <= info.high)).mean()
        assert inside > 0.99, (name, inside)


def test_wells_and_schemes_stand_inside_the_box_and_the_area(site: Site) -> None:
    for scheme in schemes(site):
        for well in scheme.wells:
            assert site.reservoir is not None and site.reservoir.contains(well.x_m, well.y_m), well.name
            assert site.area is None or site.area.contains(well.x_m, well.y_m), well.name


def test_shipped_schemes_break_no_hard_rule(site: Site) -> None:
    """Between wells and to faults; measured here, not by the app's own checks."""
    hard = {rule.kind: rule.value_m for rule in site.rules if rule.severity == "hard"}
    for scheme in schemes(site):
        active = [w for w in scheme.wells if w.kind != "monitor"]
        for i, a in enumerate(active):
            for b in active[:i]:
                gap = math.dist((a.x_m, a.y_m), (b.x_m, b.y_m))
                assert gap >= hard.get("well_spacing", 0.0), (scheme.name, a.name, b.name)
            for fault in site.faults:
                assert fault.distance_m(a.x_m, a.y_m) >= hard.get("fault_distance", 0.0), (a.name, fault.id)


# Shipped tight on purpose, and said so in the scheme's note: what a planner mends first.
TIGHT = {("two more pads", "P-17", "I-25")}


def test_shipped_schemes_keep_producers_and_injectors_apart(site: Site) -> None:
    """450 m, source 004 (a soft rule in the app, kept by all that is shipped but for the lesson above)."""
    tight = set()
    for scheme in schemes(site):
        for a in (w for w in scheme.wells if w.kind == "producer"):
            for b in (w for w in scheme.wells if w.kind == "injector"):
                if math.dist((a.x_m, a.y_m), (b.x_m, b.y_m)) < 450.0:
                    tight.add((scheme.name, a.name, b.name))
    assert tight == (TIGHT if site.name == "caofeidian" else set())


def test_first_scheme_is_the_baseline_and_holds_the_existing_wells(site: Site) -> None:
    if not site.schemes:
        assert site.reservoir is None
        return
    assert site.schemes[0].id == "baseline"
    baseline = read_scheme(site.schemes[0].path)
    assert [w.name for w in baseline.wells] == [w.name for w in site.wells if w.existing]
    for own in baseline.wells:
        listed = site.well_by_name[own.name]
        assert (own.kind, own.rate_m3_h, own.x_m) == (listed.kind, listed.rate_m3_h, listed.x_m)


def test_scheme_defaults_make_a_readable_scheme(site: Site) -> None:
    if not site.scheme_defaults:
        assert site.reservoir is None
        return
    wells = [{"name": "P", "kind": "producer", "x_m": 0, "y_m": 0, "rate_m3_h": 80}]
    scheme = read_scheme(
        {"format": "geosandbox-scheme/1", "site": site.name, "wells": wells, **site.scheme_defaults}
    )
    assert scheme.season_days == site.scheme_defaults["season_days"]


def test_summaries_have_what_the_command_prints() -> None:
    for summary in summaries():
        assert {"name", "title", "scale", "measured", "schematic"} <= summary.keys()
        assert summary["measured"] and summary["schematic"]
