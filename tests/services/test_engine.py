"""The batch engine answers every task once, whoever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.engine import Engine, TaskFailed, parse_workers
from twin_models.errors import InputError

ROOT = Path(__file__).parents[2]


def square(x: float) -> float:
    if x == 13:
        raise ValueError("thirteen")
    return x * x


def nap_square(x: float) -> float:
    time.sleep(0.01)
    return x * x


def poisoned(x: float) -> float:
    """Number 7 takes its worker with it, every time."""
    if x == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return square(x)


def squares(count: int) -> list[float | TaskFailed]:
    return [TaskFailed("ValueError", "thirteen") if i == 13 else i * i for i in range(count)]


def test_serial_and_processes_answer_alike_and_in_order() -> None:
    told: list[tuple[int, int]] = []
    assert Engine(1).map(square, range(40), progress=lambda k, n: told.append((k, n))) == squares(40)
    assert told == [(k, 40) for k in range(1, 41)]
    with Engine(2) as engine:
        assert engine.map(square, range(40)) == squares(40)
        assert engine.notices == []
        assert len(engine.processes()) == 2


def test_a_killed_worker_loses_no_result() -> None:
    with Engine(2, chunk=4) as engine:
        answers = {}
        for i, answer in engine.evaluate(nap_square, range(60)):
            assert i not in answers
            answers[i] = answer
            if len(answers) == 12:
                os.kill(engine.processes()[0], signal.SIGKILL)
        assert answers == {i: i * i for i in range(60)}
        assert len(engine.notices) == 1


def test_a_task_that_kills_its_worker_is_named_and_costs_no_other() -> None:
    with Engine(2, chunk=5) as engine:
        answers = engine.map(poisoned, range(20))
    crashed = answers[7]
    assert isinstance(crashed, TaskFailed) and crashed.kind == "WorkerCrashed"
    assert [a for i, a in enumerate(answers) if i != 7] == [a for i, a in enumerate(squares(20)) if i != 7]


@pytest.mark.parametrize("workers", [1, 2])
def test_cancel_stops_soon_and_keeps_what_is_done(workers: int) -> None:
    done: list[int] = []
    with Engine(workers, chunk=1) as engine:
        answers = engine.map(
            nap_square, range(1000), cancel=lambda: len(done) >= 5, progress=lambda k, _: done.append(k)
        )
    known = [i for i, a in enumerate(answers) if a is not None]
    assert 5 <= len(known) < 30
    assert all(answers[i] == i * i for i in known)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1, 1),
        ("4", 4),
        (" 2 ", 2),
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("tls://h:1", "tls://h:1"),
    ],
)
def test_workers_are_read(given: int | str, expected: int | str) -> None:
    assert parse_workers(given) == expected


@pytest.mark.parametrize(
    "given", ["0", "-1", "many", "1.5", "257", "tcp://", "tcp://h", "tcp://h:0", "udp://h:1"]
)
def test_other_workers_are_refused(given: str) -> None:
    with pytest.raises(InputError, match="--workers: must be"):
        parse_workers(given)


def test_without_the_package_or_a_scheduler_a_cluster_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"--workers: a cluster needs .*geosandbox\[cluster\]"):
        Engine("tcp://127.0.0.1:9").map(square, [1])


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each a process of its own, on a free port of this machine."""
    code = (
        "import asyncio, sys\n"
        "from distributed import Scheduler, Worker\n"
        "async def main():\n"
        "    if len(sys.argv) > 1:\n"
        "        node = Worker(sys.argv[1], nthreads=1, dashboard_address=None, local_directory=sys.argv[2])\n"
        "    else:\n"
        "        node = Scheduler(host='127.0.0.1', port=0, dashboard_address=None)\n"
        "    async with node:\n"
        "        print(node.address, flush=True)\n"
        "        await node.finished()\n"
        "asyncio.run(main())\n"
    )
    from tempfile import TemporaryDirectory

    def start(*args: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", code, *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"},
        )

    with TemporaryDirectory() as folder:
        scheduler = start()
        address = scheduler.stdout.readline().decode().strip()  # type: ignore[union-attr]
        workers = [start(address, folder) for _ in range(2)]
        for worker in workers:
            worker.stdout.readline()  # type: ignore[union-attr]
        yield address, workers
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_answers_and_survives_a_killed_worker(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    address, workers = cluster
    with Engine(address, chunk=4) as engine:
        assert engine.map(square, range(40)) == squares(40)
        answers = {}
        for i, answer in engine.evaluate(nap_square, range(80)):
            assert i not in answers
            answers[i] = answer
            if len(answers) == 12:
                workers[0].kill()
        assert answers == {i: i * i for i in range(80)}


def test_no_scheduler_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.engine.CONNECT_S", 0.3)
    with pytest.raises(InputError, match=r"--workers: no scheduler answers at tcp://127\.0\.0\.1:9"):
        Engine("tcp://127.0.0.1:9").map(square, [1])
