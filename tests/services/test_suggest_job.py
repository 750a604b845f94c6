"""``suggest`` as a job: progress, result, the same answer for the same seed, cancel, faults at their fields."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from services.jobs import Jobs
from services.suggesting import suggest_work
from tests.scenarios.test_futures import BOX
from twin_models.errors import InputError

BODY = {"kind": "suggest", "scheme": BOX, "objective": "temperature_decline_k", "budget": 40, "doublets": 0}


def best(result: dict[str, Any]) -> Any:
    return [(s["scheme"]["wells"], s["objective"]) for s in result["schemes"]]


def test_a_job_tells_what_it_finds_and_repeats_itself() -> None:
    told: list[dict[str, Any]] = []
    result = suggest_work(dict(BODY))(lambda: False, told.append)
    assert told[-1]["evaluations"] == result["evaluations"] <= 40
    assert told[-1]["improved"]
    assert result["schemes"][0]["kpis"]["temperature_decline_k"]["state"] == "simulated"
    assert result["improved"]
    again = suggest_work({**BODY, "workers": 1})(lambda: False, told.append)
    assert best(again) == best(result)


def test_a_cancelled_job_ends_without_a_result() -> None:
    jobs = Jobs()
    begun = threading.Event()
    work = suggest_work({**BODY, "budget": 100_000})

    def slow(cancelled: Any, tell: Any) -> Any:
        def told(progress: dict[str, Any]) -> None:
            tell(progress)
            if progress["evaluations"]:
                begun.set()

        return work(cancelled, told)

    job = jobs.submit("suggest", slow)
    assert begun.wait(60)
    jobs.cancel(job.id)
    assert job.finished.wait(60)
    assert (job.state, job.result) == ("cancelled", None)
    assert job.public()["progress"]["budget"] == 100_000
    jobs.close()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"objective": "happiness"}, "objective"),
        ({"constraints": ["lcoh_cny_per_gj>>4"]}, "constraints[0]"),
        ({"constraints": ["npv_cny>=2", "npv_cny<=1"]}, "constraints npv_cny>=2"),
        ({"budget": 1}, "budget"),
        ({"workers": "tcp://10.0.0.1:80"}, "workers"),
        ({"speed": 9}, "speed"),
        ({"scheme": []}, "scheme"),
        ({"locked": ["P9"]}, "locked"),
    ],
)
def test_faults_stand_at_the_field_of_the_body(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        suggest_work({**BODY, **change})
    assert caught.value.faults[0].field == field
