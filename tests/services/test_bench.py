"""The bench table: names, what a figure says, and that one failure costs no other figure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services import bench
from twin_models.errors import InputError


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bench.Benchmark]]:
    """An empty table with nothing to load."""
    entries: dict[str, bench.Benchmark] = {}
    monkeypatch.setattr(bench, "BENCHMARKS", entries)
    monkeypatch.setattr(bench, "MODULES", ())
    return entries


def test_a_figure_has_value_unit_aim_and_their_ratio(table: dict[str, bench.Benchmark]) -> None:
    @bench.benchmark("half", "half of the aim", aim=10.0)
    def half() -> bench.Figures:
        return {"value": 5.0, "unit": "ms", "wells": 60}

    told: list[str] = []
    answer = bench.run(told=told.append)
    figure = answer["figures"]["half"]
    assert {k: figure[k] for k in ("value", "unit", "what", "wells", "aim", "value_over_aim")} == {
        "value": 5.0,
        "unit": "ms",
        "what": "half of the aim",
        "wells": 60,
        "aim": 10.0,
        "value_over_aim": 0.5,
    }
    assert told == ["half: half of the aim"]
    assert set(answer["machine"]) == {"cpu", "cores", "memory_gb", "system", "python", "versions"}
    assert answer["machine"]["cores"] >= 1


def test_a_benchmark_that_fails_says_so_and_the_others_go_on(table: dict[str, bench.Benchmark]) -> None:
    @bench.benchmark("broken", "cannot run")
    def broken() -> bench.Figures:
        raise OSError("no browser")

    @bench.benchmark("sound", "runs")
    def sound() -> bench.Figures:
        return {"value": 1, "unit": "s"}

    figures = bench.run()["figures"]
    assert (figures["broken"]["value"], figures["broken"]["error"]) == (None, "OSError: no browser")
    assert figures["sound"]["value"] == 1
    assert list(bench.run(["sound"])["figures"]) == ["sound"]
    with pytest.raises(InputError, match='no benchmark "sonud"; there are broken, sound'):
        bench.run(["sonud"])


def test_a_name_belongs_to_one_module(table: dict[str, bench.Benchmark]) -> None:
    bench.benchmark("same", "first")(lambda: {"value": 1, "unit": ""})

    def elsewhere() -> bench.Figures:
        return {"value": 2, "unit": ""}

    elsewhere.__module__ = "another"
    with pytest.raises(ValueError, match="two benchmarks are named same"):
        bench.benchmark("same", "second")(elsewhere)


def test_median_and_percentile_of_runs() -> None:
    """1 ... 21: median 11; the 95th percentile is entry round(0.95 x 20) = 19 of 0 ... 20, that is 20."""
    figure = bench.spread_of([float(v) for v in range(21, 0, -1)])
    assert (figure["value"], figure["p95"], figure["least"], figure["most"], figure["runs"]) == (
        11,
        20,
        1,
        21,
        21,
    )


def test_the_first_run_is_not_counted() -> None:
    seen: list[int] = []
    assert len(bench.times_ms(seen.append, repeats=3)) == 3
    assert seen == [-1, 0, 1, 2]


def test_the_shipped_table_loads_and_names_what_the_project_promises() -> None:
    with pytest.raises(InputError) as caught:
        bench.run(["?"])
    promised = {"simulation-60-96", "simulation-60-192", "streamline-60", "carpet-first", "carpet-full"}
    promised |= {"doublet-confined", "doublet-bare", "drag-estimate", "release-simulated", "store-write"}
    promised |= {"refined-doublet", "refined-field"}
    assert promised <= set(bench.BENCHMARKS)
    assert all(name in caught.value.faults[0].text for name in promised)


def test_layouts_repeat_and_differ_by_number() -> None:
    from services.bench_models import field, layout

    assert layout(3) == layout(3) != layout(4)
    assert len(layout(0)) == 60 == 2 * sum(w.kind == "producer" for w in layout(0))
    assert all(field(96).contains(w.x_m, w.y_m) for w in layout(0))
    assert field(96).layers[0].permeability_md.shape == (96, 96)
