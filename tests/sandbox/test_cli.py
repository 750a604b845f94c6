"""The command line as people script against it: section 1 of the outside contract."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox import cli
from sandbox.commands import around
from scenarios.economics import cash_flow_metrics
from scenarios.evaluate import evaluate
from scenarios.kpis import KPIS
from scenarios.scheme import read_scheme
from tests.sandbox import small
from twin_models.errors import InputError
from twin_models.sites import site_names

SCRIPT = Path(sys.executable).with_name("geosandbox")
SCHEME = small.doublet(half_m=200, extent_m=(1200, 1000), years=10, output_years=[2.5, 10])


def written(folder: Path, file_name: str = "a.json", /, **changes: Any) -> Path:
    return small.written(folder, {**SCHEME, **changes}, file_name)


def script(
    *args: object, stdin: bytes | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The installed console script, run from another folder than the repository."""
    return subprocess.run(
        [str(SCRIPT), *map(str, args)], input=stdin, capture_output=True, cwd=cwd, timeout=120, check=False
    )


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, list[str]]:
    """``main`` in this process: exit status, standard output, lines on standard error."""
    status = cli.main([str(a) for a in args])
    out, err = capsys.readouterr()
    return status, out, err.splitlines()


# --- the console script itself -----------------------------------------------------------------------


def test_forecast_prints_section_3(tmp_path: Path) -> None:
    done = script("forecast", written(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert list(answer)[:4] == ["engine", "engine_version", "model", "years"]
    assert (answer["engine"], answer["model"], answer["years"]) == ("simulation", None, [2.5, 10])
    assert list(answer["wells"]) == ["P1", "I1", "M1"]
    producer, injector, monitor = answer["wells"].values()
    assert set(producer) == {"temperature_degc", "pressure_change_bar", "wellhead_temperature_degc"}
    assert set(injector) == set(monitor) == {"temperature_degc", "pressure_change_bar"}
    assert injector["temperature_degc"] == [25.0, 25.0]
    assert 25.0 < producer["temperature_degc"][1] < producer["temperature_degc"][0] <= 70.0
    assert producer["pressure_change_bar"][0] < 0.0 < injector["pressure_change_bar"][0]
    assert all(
        w < b
        for w, b in zip(producer["wellhead_temperature_degc"], producer["temperature_degc"], strict=True)
    )
    # rho c Q (T - T_inj) = 4.18 MJ/m3K x 60 m3/h x (T - 25 K) / 3600 s/h
    for power, degc in zip(answer["thermal_power_mw"], producer["temperature_degc"], strict=True):
        assert power == pytest.approx(4.18 * 60 * (degc - 25) / 3600, abs=1e-5)
    assert answer["in_range"] is True and answer["warnings"] == [] and answer["elapsed_ms"] > 0
    assert "low" not in answer and "high" not in answer


def test_evaluate_is_the_library_call_and_python_m_is_the_script(tmp_path: Path) -> None:
    file = written(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "evaluate", str(file)],
        capture_output=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    expected = evaluate(read_scheme(file), "simulation", bands=True)
    assert set(answer["kpis"]) == set(KPIS)
    for key, kpi in expected.kpi_dict().items():
        assert answer["kpis"][key] == json.loads(json.dumps(kpi)), key
    assert answer["kpis"]["npv_cny"]["state"] == "simulated"
    assert answer["forecast"]["production_temperature_degc"][0] == pytest.approx(70.0, abs=0.5)


def test_one_line_for_each_fault_exit_2_and_nothing_written(tmp_path: Path) -> None:
    bad = copy.deepcopy(SCHEME["wells"])
    bad[1]["rate_m3_h"] = -5
    bad[0]["kid"] = bad[0].pop("kind")
    target = tmp_path / "out.json"
    done = script("evaluate", written(tmp_path, wells=bad), "-o", target)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [
        'error: wells[0].kid: unknown key; did you mean "kind"?',
        "error: wells[0].kind: is missing",
        "error: wells[1].rate_m3_h: must be between 0 and 1000, got -5",
    ]
    assert not target.exists() and [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_standard_input_and_a_reader_that_leaves(tmp_path: Path) -> None:
    text = json.dumps(SCHEME).encode()
    assert (
        json.loads(script("forecast", "-", "--engine", "streamline", stdin=text).stdout)["engine"]
        == "streamline"
    )
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        left = subprocess.run(
            [str(SCRIPT), "sites"], stdout=gone, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (left.returncode, left.stderr) == (141, b"")


def test_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    """More than a pipe holds goes in, so the command surely reads when the interrupt arrives."""
    with subprocess.Popen(
        [str(SCRIPT), "forecast", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a shell's background job is born deaf to interrupts; the command must not be
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b" " * 200_000)
        process.stdin.flush()
        # one that falls between two system calls is noticed at the next: press again, as a person would
        for _ in range(100):
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.3)
                break
        assert process.returncode == 130
        assert process.stdout is not None and process.stderr is not None
        assert (process.stdout.read(), process.stderr.read()) == (b"", b"")


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1"])
def test_chinese_goes_out_as_utf8_whatever_the_terminal_says(locale: str) -> None:
    environment = {**os.environ, "LC_ALL": locale, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [str(SCRIPT), "sites"], capture_output=True, env=environment, timeout=60, check=True
    )
    assert "曹妃甸" in done.stdout.decode("utf-8")


# --- sites, models, economics, assess, compare ---------------------------------------------------------


def test_sites_say_what_is_measured_and_what_is_schematic(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "sites")
    assert (status, err) == (0, [])
    shipped = json.loads(out)["sites"]
    assert [s["name"] for s in shipped] == site_names()
    assert all(s["title"]["zh"] and s["scale"] and s["measured"] and s["schematic"] for s in shipped)


def test_models_lists_the_predictors_and_verifies_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "models")
    assert status == 0
    assert {p["name"] for p in json.loads(out)["predictors"]} >= {"simulation", "streamline"}
    status, out, _ = run(capsys, "models", "verify")
    assert (status, set(json.loads(out))) == (0, {"verified"})


def test_a_model_file_that_is_not_the_cards_is_named(tmp_path: Path) -> None:
    """sha256 of "abc": FIPS 180-4, appendix of examples."""
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    folder = tmp_path / "one"
    folder.mkdir()
    text = f"name: one\nversion: 1\nfile: one.onnx\nsha256: {digest}\nengine: simulation\ntraining_range: {{}}\nerrors: {{}}\n"
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    card = around.read_card(folder / "card.yaml")
    (fault,) = around.wrong_file(card)
    assert fault.line() == "error: models.one.sha256: the file one.onnx is not there"
    (folder / "one.onnx").write_bytes(b"abc")
    assert around.wrong_file(card) == []
    (folder / "one.onnx").write_bytes(b"abd")
    (fault,) = around.wrong_file(card)
    assert fault.reason == "changed" and digest in fault.text
    (folder / "card.yaml").write_text("name: one\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"models/one/card\.yaml: sha256: is missing"):
        around.read_card(folder / "card.yaml")


def test_economics_of_a_cash_flow(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """100 now for 10 units a year over two years at 10 %: annuity 1/1.1 + 1/1.21 = 1.7355, cost 5.762 a unit."""
    case = {"capex": 100, "discount_rate": 0.1, "energy": [10, 10], "costs": [0, 0], "income": [60, 60]}
    file = tmp_path / "c.json"
    file.write_text(json.dumps(case), encoding="utf-8")
    status, out, _ = run(capsys, "economics", file)
    answer = json.loads(out)
    assert status == 0
    assert answer["levelised_cost"] == pytest.approx(100 / (10 * 1.735537190))
    assert answer["npv"] == pytest.approx(60 * 1.735537190 - 100)
    assert answer == cash_flow_metrics(case)


def test_compare_stands_schemes_beside_the_baseline(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    base = written(tmp_path, "base.json")
    wells = copy.deepcopy(SCHEME["wells"])
    wells[0]["rate_m3_h"] = wells[1]["rate_m3_h"] = 40
    other = written(tmp_path, "other.json", wells=wells, name="less")
    status, out, err = run(capsys, "compare", other, "--baseline", base, "--engine", "streamline")
    assert (status, err) == (0, [])
    table = json.loads(out)
    assert (table["baseline"], list(table["schemes"])) == (str(base), [str(base), str(other)])
    less = table["schemes"][str(other)]
    assert less["name"] == "less"
    assert less["deltas"]["flow_m3_h"]["value"] == pytest.approx(-20.0)
    assert [c["text"]["en"] for c in less["changes"]] == ["P1, I1: rate 60 m³/h → 40 m³/h"]


def test_decide_ranks_and_writes_the_record(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    base = written(tmp_path, "base.json")
    wells = copy.deepcopy(SCHEME["wells"])
    wells[0]["rate_m3_h"] = wells[1]["rate_m3_h"] = 40
    other = written(tmp_path, "other.json", wells=wells, name="less")
    words = {"choice": str(other), "who": "Li", "why": "cheaper"}
    given = tmp_path / "decision.json"
    given.write_text(json.dumps({"criteria": ["capex_cny", "annual_heat_gj"], "record": words}), "utf-8")
    told = tmp_path / "record.md"
    args = ("decide", base, other, "--engine", "streamline", "--with", given)
    status, out, err = run(capsys, *args, "--record", told, "--lang", "zh")
    assert (status, err) == (0, [])
    answer = json.loads(out)
    assert answer["record"]["inputs_sha256"] in told.read_text("utf-8")
    # Two schemes on 0..1 and even weights: each is best in one criterion, so both share the first place.
    assert answer["people"][0]["ranking"]["tied"] == [str(base), str(other)]

    status, out, err = run(capsys, *args, "--record", tmp_path / "record.docx")
    assert (status, out) == (2, "")
    assert err[0].startswith("error: --record: must end in .html, .md, .json")
    given.write_text(json.dumps({"criteria": ["capex", "npv_cny"]}), "utf-8")
    status, out, err = run(capsys, *args)
    assert status == 2
    assert "criteria[0]: " in err[0]


def test_assess_runs_a_method_and_lists_the_methods(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "x.json"
    file.write_text("{}", encoding="utf-8")
    status, _, err = run(capsys, "assess", "linkag", file)
    assert status == 2
    assert err[0].startswith("error: method: must be one of ")
    assert err[0].endswith('got "linkag"; did you mean "linkage"?')
    status, _, err = run(capsys, "assess", "linkage", file)
    assert status == 2 and len(err) > 0 and all(line.startswith("error: ") for line in err)


# --- where the result goes ---------------------------------------------------------------------------


def test_a_result_goes_whole_into_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "sites.json"
    target.write_text("old", encoding="utf-8")
    assert run(capsys, "sites", "-o", target) == (0, "", [])
    assert [s["name"] for s in json.loads(target.read_text(encoding="utf-8"))["sites"]] == site_names()
    assert [p.name for p in tmp_path.iterdir()] == ["sites.json"]


@pytest.mark.parametrize("target", [".", "no/such/folder/x.json"])
def test_a_file_that_cannot_be_written_is_a_fault(
    target: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, (line,) = run(capsys, "sites", "-o", tmp_path / target)
    assert (status, out) == (2, "")
    assert line.startswith("error: --output: cannot write ")


def test_json_is_laid_out_for_people_and_has_no_nan() -> None:
    long = {"a": list(range(200)), "b": {"c": 1.5}, "d": [{"e": "x" * 80}, {"e": "y" * 80}]}
    text = cli.pretty(long)
    assert json.loads(text) == long
    assert text.splitlines()[1] == ' "a": ' + json.dumps(list(range(200))) + ","
    with pytest.raises(ValueError, match="JSON"):
        cli.pretty({"a": float("nan")})


# --- bad input: one row per fault --------------------------------------------------------------------

BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "no command": ((), "error: arguments: the following arguments are required: COMMAND"),
    "no file": (("evaluate",), "error: arguments: the following arguments are required: SCHEME.json"),
    "unknown command": (("evalate", "x"), "error: COMMAND: invalid choice: 'evalate' (choose from"),
    "unknown option": (("sites", "--fast"), "error: arguments: unrecognized arguments: --fast"),
    "port as text": (("serve", "--port", "x"), "error: --port: invalid int value: 'x'"),
    "port too large": (("serve", "--port", "70000"), "error: --port: must be between 1 and 65535, got 70000"),
    "unknown site": (("serve", "--site", "atlantis"), "error: site: no site named 'atlantis'; there are "),
    "unknown host": (("serve", "--host", "no.such.host.invalid"), "error: --host: "),
    "missing file": (("forecast", "nowhere.json"), "error: nowhere.json: no such file"),
    "no file name": (("forecast", "a\0b"), "error: "),
    "unknown engine": (
        ("forecast", "{scheme}", "--engine", "simulaton"),
        'error: engine: must be one of auto, simulation, streamline, surrogate, got "simulaton"; did you mean "simulation"?',
    ),
    "not json": (("evaluate", "{broken}"), "error: {broken}: not valid JSON: "),
    "same file twice": (("compare", "{scheme}", "{scheme}"), "error: {scheme}: the same file is given twice"),
    "fault in one of several": (
        ("compare", "{scheme}", "{wrong}"),
        "error: {wrong}: years: must be between 0.01 and 1000, got -1",
    ),
    "cash flow without costs": (("economics", "{scheme}"), "error: "),
    "unknown bench": (("bench", "warp"), "error: name: no benchmark "),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_a_line_and_exit_2(
    case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = {
        "scheme": str(written(tmp_path)),
        "wrong": str(written(tmp_path, "wrong.json", years=-1)),
        "broken": str(tmp_path / "broken.json"),
    }
    Path(names["broken"]).write_text("{", encoding="utf-8")
    args, line = BAD[case]
    status, out, err = run(capsys, *(a.format(**names) if "{" in a else a for a in args))
    assert (status, out) == (2, "")
    assert err[0].startswith(line.format(**names))
    assert all(e.startswith("error: ") for e in err)


def test_a_port_in_use_is_said_before_the_slow_start(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, _, (line,) = run(capsys, "serve", "--port", port)
    assert status == 2
    assert line.startswith(f"error: --port: cannot listen on 127.0.0.1:{port}")


def test_a_failure_of_ours_is_one_line_and_the_details_are_there_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_args: object) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr(around, "sites", fails)
    status, out, (line,) = run(capsys, "sites")
    assert (status, out) == (1, "")
    assert line == "error: internal: RuntimeError: first second (details with --debug)"
    with pytest.raises(RuntimeError):
        cli.main(["sites", "--debug"])
