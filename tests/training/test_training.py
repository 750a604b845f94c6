"""Generator, network, export and promotion, on schemes small enough to simulate here."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from twin_models.surrogates import head
from twin_models.surrogates.lines import FAR, RASTER
from twin_models.surrogates.network import Surrogate
from twin_models.training import adapt, dataset, evaluate, export, generate, promote, train
from twin_models.training.dataset import STEPS, Example, example_of
from twin_models.training.domain import DOMAIN, LAYERED_FROM, WIDE_FROM, scheme_of
from twin_models.training.net import Network, curves
from twin_models.types import Layer, Reservoir


def examples(count: int) -> list[Example]:
    """The first ``count`` small schemes with their truth."""
    out, index = [], 0
    while len(out) < count:
        scheme = scheme_of(3, index)
        if len(scheme.wells) <= 12 and not scheme.layered:
            out.append(example_of(3, index, generate.truth_of(scheme)))
        index += 1
    return out


@pytest.fixture(scope="module")
def few() -> list[Example]:
    return examples(12)


def test_a_number_always_gives_the_same_scheme() -> None:
    one, two = scheme_of(3, 5), scheme_of(3, 5)
    assert one.reservoir.key == two.reservoir.key and one.wells == two.wells
    assert scheme_of(3, 6).reservoir.key != one.reservoir.key


def test_schemes_keep_to_the_domain() -> None:
    for index in range(30):
        scheme = scheme_of(3, index)
        assert DOMAIN["wells"][0] <= len(scheme.wells) <= DOMAIN["wells"][1]
        assert scheme.reservoir.cell_m <= 27.5
        height = sum(layer.thickness_m for layer in scheme.reservoir.layers)
        assert DOMAIN["thickness_m"][0] <= height <= DOMAIN["thickness_m"][1]
        net = sum(w.signed_rate_m3_h for w in scheme.wells)
        assert net == pytest.approx(0.0, abs=1e-6)
        for well in scheme.wells:
            assert scheme.reservoir.contains(well.x_m, well.y_m)
            if well.kind == "producer":
                assert DOMAIN["rate_m3_h"][0] <= well.rate_m3_h <= DOMAIN["rate_m3_h"][1]
            else:
                assert DOMAIN["injection_degc"][0] <= well.temperature_degc <= DOMAIN["injection_degc"][1]


def test_an_interrupted_generation_goes_on_and_repeats(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(generate, "PER_SHARD", 2)
    generate.generate(tmp_path / "a", schemes=4)
    first = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "a").glob("*.npz")}
    generate.shard_path(tmp_path / "a", 2).unlink()
    generate.generate(tmp_path / "a", schemes=4)
    kept = generate.shard_path(tmp_path / "a", 0)
    assert kept.stat().st_mtime_ns == first[kept.name]
    generate.generate(tmp_path / "b", schemes=4)
    _, one = generate.read_truth(tmp_path / "a")
    _, two = generate.read_truth(tmp_path / "b")
    assert one.keys() == two.keys() == {0, 1, 2, 3}
    for index, curve in one.items():
        np.testing.assert_array_equal(curve, two[index])


def test_several_workers_answer_as_one() -> None:
    jobs = [(float(n),) for n in range(6)]
    assert sorted(generate.in_parallel(math.sqrt, jobs, 2)) == list(generate.in_parallel(math.sqrt, jobs, 1))


def test_tokens_are_kept_and_made_anew_where_they_are_missing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(generate, "PER_SHARD", 1)
    generate.generate(tmp_path, schemes=2)
    one = dataset.build(tmp_path)
    kept = sorted(tmp_path.glob("tokens-*.npz"))
    assert len(kept) == 2
    when = kept[0].stat().st_mtime_ns
    kept[1].unlink()
    two = dataset.build(tmp_path)
    assert kept[0].stat().st_mtime_ns == when and kept[1].exists()
    for a, b in zip(one, two, strict=True):
        assert a.index == b.index
        np.testing.assert_array_equal(a.tokens.producer, b.tokens.producer)


def test_schemes_of_several_layers_are_only_learned_from(few: list[Example]) -> None:
    """From ``LAYERED_FROM`` on all have layers and up to 16 producers; no test or calibration holds one."""
    drawn = [scheme_of(3, LAYERED_FROM + n) for n in range(12)]
    assert all(s.layered and len(s.reservoir.layers) > 1 for s in drawn)
    assert max(sum(w.kind == "producer" for w in s.wells) for s in drawn) > 8
    more = [replace(e, index=LAYERED_FROM + n) for n, e in enumerate(few[:3])]
    parts = promote.split([*few, *more])
    assert {e.index for e in more} <= {e.index for e in parts.training}
    for name in ("validation", "calibration", "test", "best", "wide"):
        assert all(e.index < LAYERED_FROM for e in getattr(parts, name))


def test_torch_and_runtime_heads_agree() -> None:
    """The same raw outputs give the same curves in training and in the product."""
    rng = np.random.default_rng(0)
    sharp, smeared = (np.sort(rng.random((5, RASTER)), axis=1) for _ in range(2))
    sharp[:, 0] = smeared[:, 0] = 0.0
    out = rng.standard_normal((3, 5, head.SAYS))
    at = torch.linspace(0.0, 1.0, head.STEPS, dtype=torch.float64)
    both = torch.tensor(sharp)[None], torch.tensor(smeared)[None]
    of_torch = curves(*both, torch.tensor(out)[None], at, FAR)[0].numpy()
    rising = np.maximum.accumulate(of_torch, axis=-1)
    np.testing.assert_allclose(head.curves(sharp, smeared, out), rising, atol=1e-9)


def test_padding_changes_nothing(few: list[Example]) -> None:
    """A scheme alone and the same scheme in a batch with larger ones."""
    torch.manual_seed(0)
    net = Network(train.sizes(few), members=2).eval()
    train.set_scales(net, few)
    small = min(few, key=lambda e: len(e.truth))
    large = max(few, key=lambda e: len(e.truth))
    assert len(small.truth) < len(large.truth)
    alone = net(*train.pad([small], torch.device("cpu"))[0])
    both = net(*train.pad([large, small], torch.device("cpu"))[0])
    n = len(small.truth)
    torch.testing.assert_close(both[1, :, :n], alone[0], rtol=1e-4, atol=1e-5)


def test_order_of_wells_does_not_matter(few: list[Example]) -> None:
    torch.manual_seed(0)
    net = Network(train.sizes(few), members=2).eval()
    e = max(few, key=lambda x: len(x.truth))
    inputs = train.pad([e], torch.device("cpu"))[0]
    p = torch.randperm(inputs[0].shape[1])
    i = torch.randperm(inputs[1].shape[1])
    turned = (
        inputs[0][:, p], inputs[1][:, i], inputs[2][:, p][:, :, i], inputs[3][:, p][:, :, i],
        inputs[4][:, i][:, :, p],
    )  # fmt: skip
    torch.testing.assert_close(net(*turned), net(*inputs)[:, :, p], rtol=1e-4, atol=1e-5)


def test_training_learns_and_goes_on_after_an_interruption(few: list[Example], tmp_path: Path) -> None:
    settings = train.Settings(members=2, width=16, epochs=60, batch=4, rate=2e-3)
    straight = train.fit(few, few, settings, tmp_path / "one.npz")
    train.fit(few, few, replace(settings, epochs=5), tmp_path / "two.npz")
    with np.load(tmp_path / "two.npz", allow_pickle=False) as kept:
        assert int(kept["epoch"]) == 5
    train.fit(few, few, settings, tmp_path / "two.npz")
    fresh = Network(train.sizes(few), members=2, width=16)
    train.set_scales(fresh, few)
    checked = [train.pad(few, torch.device("cpu"))]
    assert train._validate(straight, checked) < train._validate(fresh, checked)


def test_a_candidate_is_exported_calibrated_and_reported(few: list[Example], tmp_path: Path) -> None:
    parts = promote.Split(few[:6], few[6:8], few[8:10], few[10:], few[:1], few[1:2])
    args = argparse.Namespace(members=2, width=8, epochs=2, seed=0, version="0")
    model = promote.candidate(parts, tmp_path, args)
    assert model.card["sha256"] and model.limits.factor_90 >= model.limits.factor_80 > 0.0
    found = evaluate.report(model, parts.test, parts.best, 3, wide=parts.wide)
    assert found["numbers"]["test"] == [e.index for e in parts.test] and "flags" in found["wide"]
    assert set(found["variants"]) == {
        "null",
        "streamline",
        "coarse simulation of the surrogate",
        "surrogate",
        "coarse simulation, 100 m",
    }
    net = Network(train.sizes(few), members=2, width=8)
    with np.load(tmp_path / "train.npz", allow_pickle=False) as kept:
        net.load_state_dict({k[5:]: torch.tensor(kept[k]) for k in kept.files if k.startswith("best/")})
    e = few[10]
    with torch.no_grad():
        of_torch = net.eval()(*train.pad([e], torch.device("cpu"))[0])[0].numpy()
    np.testing.assert_allclose(Surrogate(tmp_path).run(e.tokens)[0], of_torch, atol=1e-4)


def test_the_wide_part_is_more_and_slower_wells_on_uneven_rock() -> None:
    schemes = [scheme_of(3, WIDE_FROM + n) for n in range(25)]
    assert max(len(s.wells) for s in schemes) > DOMAIN["wells"][1]
    assert min(w.rate_m3_h for s in schemes for w in s.wells if w.kind == "producer") < DOMAIN["rate_m3_h"][0]
    for s in schemes:
        degc = s.reservoir.layers[0].temperature_degc
        assert 0.1 < np.ptp(degc) <= 24.1
        assert all(s.reservoir.contains(w.x_m, w.y_m) for w in s.wells)


def test_a_site_tunes_the_network_and_keeps_what_it_knew(few: list[Example], tmp_path: Path) -> None:
    """Two runs on a ground of our own: kept on disk, the network nearer to them, the flags' ranges only wider."""
    home = tmp_path / "home"
    parts = promote.Split(few[:6], few[6:8], few[8:10], few[10:], [], [])
    args = argparse.Namespace(members=2, width=8, epochs=2, seed=0, version="0")
    shipped = promote.candidate(parts, home, args)
    layer = Layer("sand", 1500.0, 60.0, permeability_md=400.0, temperature_degc=75.0)
    ground = Reservoir((4000.0, 4000.0), (0.0, 0.0), 40.0, (layer,))
    runs = adapt.runs_on(tmp_path / "site", ground, range(2))
    first = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "site").glob("run-*.npz")}
    again = adapt.runs_on(tmp_path / "site", ground, range(2))
    assert first == {p.name: p.stat().st_mtime_ns for p in (tmp_path / "site").glob("run-*.npz")}
    np.testing.assert_array_equal(runs[0].tokens.producer, again[0].tokens.producer)
    model = adapt.adapted(runs, home, tmp_path / "tuned")
    before, after = (
        np.sqrt((adapt.errors_of(runs, [p["curve"] for p in evaluate.predictions(m, runs)]) ** 2).mean())
        for m in (shipped, model)
    )
    assert after < before
    assert model.limits == shipped.limits and model.card["sha256"] != shipped.card["sha256"]
    _, ranges = export.read_weights(tmp_path / "tuned" / "weights.npz")
    _, old = export.read_weights(home / "weights.npz")
    assert np.all(ranges["low"] <= old["low"]) and np.all(ranges["high"] >= old["high"])
    assert not any(a["answer"].outside for a in evaluate.predictions(model, runs))


def test_time_of_a_fall_is_interpolated() -> None:
    """A straight fall of 4 K over 40 years passes 1 K after 10 years."""
    drop = np.linspace(0.0, 4.0, STEPS)[None]
    assert evaluate.fall_time(drop, 40.0)[0] == pytest.approx(10.0)
    assert np.isnan(evaluate.fall_time(0.2 * drop, 40.0)[0])


def test_a_champion_comes_back_unless_it_is_of_another_make(
    few: list[Example], tmp_path: Path, monkeypatch
) -> None:
    """One with an input less than the program makes is refused, and nothing is touched."""
    args = argparse.Namespace(members=2, width=8, epochs=1, seed=0, version="0")
    parts = promote.Split(few[:6], few[6:8], few[8:10], few[10:], [], [])
    champions, home = tmp_path / "champions", tmp_path / "models" / promote.MODEL
    promote.candidate(parts, champions / "7", args)
    cut = [replace(e, tokens=replace(e.tokens, producer=e.tokens.producer[:, :-1])) for e in few]
    narrow = Network(train.sizes(cut), members=2, width=8)
    train.set_scales(narrow, cut)
    (champions / "6").mkdir()
    export.export(narrow, export.ranges_of(cut), cut[0], champions / "6" / "model.onnx")
    promote.write_limits(champions / "6", champions / "7", None)
    monkeypatch.setattr(promote, "assets_dir", lambda: tmp_path)
    promote.roll_back("7", champions)
    assert Surrogate(home).card["sha256"] == Surrogate(champions / "7").card["sha256"]
    for version, said in (("6", "other inputs"), ("5", "no champion 5; kept are 6, 7")):
        with pytest.raises(SystemExit, match=said):
            promote.roll_back(version, champions)
    assert Surrogate(home).card["sha256"] == Surrogate(champions / "7").card["sha256"]
