"""What every test shares: the same random numbers on every run, and a tier that follows from the folder."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

BROWSER_TESTS = Path(__file__).parent / "browser"

# Examples are drawn the same way on every machine; a longer, free search is asked for by HYPOTHESIS_PROFILE=explore.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50, database=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its tier, and run the browser tests last.

    Playwright keeps an event loop running in the main thread once it is started, and asyncio tests
    cannot start theirs beside it.
    """
    for item in items:
        item.add_marker(pytest.mark.browser if BROWSER_TESTS in item.path.parents else pytest.mark.unit)
    items.sort(key=lambda item: BROWSER_TESTS in item.path.parents)


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sites that a developer has imported must not show up in the tests."""
    os.environ["GEOSANDBOX_DATA"] = str(tmp_path_factory.mktemp("data"))
    os.environ.pop("GEOSANDBOX_SITES", None)


@pytest.fixture(autouse=True)
def _same_random_numbers() -> None:
    """Our code draws from generators that are given a seed; this pins what other libraries draw from."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
