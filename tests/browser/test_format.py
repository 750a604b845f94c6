"""Numbers and units as the page writes them (rules: minus sign, thin spaces, one unit per key and language)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.i18n import dictionary

WEB = Path(__file__).parents[2] / "sandbox" / "web"
THIN, MINUS = "\u2009", "\u2212"


@pytest.fixture(scope="module")
def words(browser: Any) -> Iterator[Any]:
    """A blank page with only the formatting script in it."""
    page = browser.new_page()
    page.evaluate("() => { window.trame = { utils: {} } }")
    page.add_script_tag(path=str(WEB / "format.js"))
    yield page
    page.close()


def call(page: Any, code: str, *values: Any) -> Any:
    return page.evaluate(f"(a) => window.trame.utils.gs.{code}", list(values))


def value(page: Any, key: str, number: float | None, lang: str, life: float = 30) -> tuple[str, str]:
    text = call(page, "value(a[0], a[1], a[2], a[3], a[4])", key, number, lang, dictionary(lang), life)
    return text, call(page, "unit(a[0], a[1])", key, lang)


@pytest.mark.parametrize(
    ("key", "number", "zh", "en"),
    [
        ("npv_cny", 180_800_000, (f"18{THIN}080", "万元"), ("180.8", "M CNY")),
        ("npv_cny", 12_300_000, (f"1{THIN}230", "万元"), ("12.3", "M CNY")),
        ("npv_cny", -8_000_000, (f"{MINUS}800", "万元"), (f"{MINUS}8.0", "M CNY")),
        ("annual_heat_gj", 670_321, ("67.0", "万GJ/a"), ("670,000", "GJ/a")),
        ("thermal_power_mw", 81.64, ("81.6", "MW"), ("81.6", "MW")),
        ("thermal_power_mw", 5.12, ("5.12", "MW"), ("5.12", "MW")),
        ("lcoh_cny_per_gj", 76.94, ("76.9", "元/GJ"), ("76.9", "CNY/GJ")),
        ("flow_m3_h", 93.67, ("93.67", "m³/h"), ("93.67", "m³/h")),
        ("flow_m3_h", 1926, (f"1{THIN}926", "m³/h"), (f"1{THIN}926", "m³/h")),
        ("breakthrough_years", None, ("30 年内无", "a"), ("> 30", "a")),
        ("irr_pct", None, ("–", "%"), ("–", "%")),
    ],
)
def test_values(words: Any, key: str, number: float | None, zh: tuple[str, str], en: tuple[str, str]) -> None:
    assert value(words, key, number, "zh") == zh
    assert value(words, key, number, "en") == en


@pytest.mark.parametrize(
    ("key", "number", "base", "better", "arrow", "text", "cls"),
    [
        ("npv_cny", 180.8e6, 146.3e6, "up", "▲", "+34.5", "up"),
        ("lcoh_cny_per_gj", 76.9, 78.6, "down", "▼", f"{MINUS}1.7", "up"),
        ("temperature_decline_k", 1.9, 0.6, "down", "▲", "+1.3", "dn"),
        ("flow_m3_h", 1900, 1800, None, "▲", "+100", "eq"),
        ("thermal_power_mw", 81.61, 81.63, "up", "", "≈ same", "eq"),
        ("breakthrough_years", 18.6, None, "up", "▼", "none in baseline", "dn"),
        ("breakthrough_years", None, 18.6, "up", "▲", "baseline 18.6", "up"),
        ("breakthrough_years", None, None, "up", "", "≈ same", "eq"),
    ],
)
def test_deltas_say_better_or_worse_not_just_up(
    words: Any,
    key: str,
    number: float | None,
    base: float | None,
    better: str,
    arrow: str,
    text: str,
    cls: str,
) -> None:
    made = call(
        words, "delta(a[0], a[1], a[2], 'en', a[3], a[4])", key, number, base, dictionary("en"), better
    )
    assert (made["arrow"], made["text"], made["cls"]) == (arrow, text, cls)


def test_thousands_minus_and_missing(words: Any) -> None:
    assert call(words, "fmt(a[0], 2)", -1234567.891) == f"{MINUS}1{THIN}234{THIN}567.89"
    assert call(words, "fmt(a[0], 0)", -0.2) == "0"
    assert call(words, "fmt(null, 1)") == "–"
    assert call(words, "fmt(a[0], 0, ',')", 12345) == "12,345"


def test_band_is_centred_on_the_baseline_and_stays_in_its_track(words: Any) -> None:
    kpi = {"value": 120.0, "low": 90.0, "high": 150.0, "baseline": 100.0, "before": 110.0}
    band = call(words, "band(a[0])", kpi)
    # Span: 1.1 x 50 rounded up to 100, so 120 stands at 50 + 50 x 20/100 = 60 %.
    assert band["base"] == 50
    assert band["now"] == pytest.approx(60)
    assert band["lo"] == pytest.approx(45)
    assert band["hi"] == pytest.approx(75)
    assert call(words, "band(a[0])", {"value": None}) is None


def test_every_kpi_stands_once_whatever_the_scale(words: Any) -> None:
    keys = call(words, "kpiKeys")
    for scale in ("basin", "field", "site"):
        cards = call(words, "cards({}, a[0], 'en', a[1], 30, {}).map(c => c.key)", scale, dictionary("en"))
        rows = call(words, "rows({}, a[0], 'en', a[1], 30).map(r => r.key)", scale, dictionary("en"))
        assert len(cards) == 6
        assert sorted(cards + rows) == sorted(keys)


def test_correction_is_said_only_where_it_shows(words: Any) -> None:
    kpi = {"value": 0.02, "unit": "K", "state": "simulated", "baseline": 0.0, "better": "down"}
    view = "kpiView('temperature_decline_k', a[0], 'en', a[1], 30, a[2])"
    assert call(words, view, kpi, dictionary("en"), 95)["off"] == ""
    assert call(words, view, {**kpi, "value": 2.0}, dictionary("en"), 8)["off"] == "estimate was 8 % high"


def test_ramp_ends_are_the_tokens(words: Any) -> None:
    assert call(words, "water(10)") == "rgb(4,35,51)"  # #042333
    assert call(words, "water(200)") == "rgb(249,182,65)"  # #f9b641
