"""The cost library: every value says where it comes from in both languages, with the same figures."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from scenarios import futures
from scenarios.costs import Sourced, load_library
from twin_models.errors import InputError
from twin_models.sites import assets_dir

HAN = re.compile(r"[\u4e00-\u9fff]")


def sources() -> dict[str, Sourced]:
    library = load_library()
    tables = {
        "costs": library.costs,
        "factors": library.factors,
        "prices": library.prices,
        "uncertainty": library.uncertainty,
    }
    known: dict[str, Sourced] = {f"{t}.{key}": row for t, rows in tables.items() for key, row in rows.items()}
    beliefs = {
        f"futures.{key}": Sourced(source=row["source"], source_zh=row["source_zh"])
        for key, row in futures.library().items()
    }
    return {**known, **beliefs, "grid": library.grid_source}


def figures(text: str) -> list[str]:
    """The numbers of a text in rising order of their signs; ``3e4 CNY`` is ``3 万元``."""
    return sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(\d)e4\b", r"\1", text)))


@pytest.mark.parametrize("key", sorted(sources()))
def test_both_sources_say_the_same_figures(key: str) -> None:
    row = sources()[key]
    assert HAN.search(row.source_zh)
    assert not HAN.search(row.source)
    assert figures(row.source_zh) == figures(row.source)
    assert ("assumption" in row.source) == ("假设" in row.source_zh)
    assert (row.source_in("zh"), row.source_in("en")) == (row.source_zh, row.source)


def test_a_row_without_its_chinese_source_is_refused(tmp_path: Path) -> None:
    shutil.copytree(assets_dir() / "costs", tmp_path / "costs")
    shutil.copy(assets_dir() / "factors.yaml", tmp_path)
    path = tmp_path / "costs" / "uses.yaml"
    table = yaml.safe_load(path.read_text("utf-8"))
    del table["items"]["tank"]["source_zh"]
    path.write_text(yaml.safe_dump(table, allow_unicode=True), "utf-8")
    with pytest.raises(InputError, match=r"items\.tank\.source_zh"):
        load_library(tmp_path)
