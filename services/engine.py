"""Batches of independent tasks: in this process, on processes of this machine, or on a Dask cluster.

What is promised is the same everywhere: every task is answered exactly once, with its result or with a
``TaskFailed`` that says what went wrong; which worker ran it, and how often workers died, does not show in the
results. For that a task must be a pure function of its input (it may be run again).

A worker that dies takes the tasks of all its neighbours with it, because a process pool cannot tell whose
fault it was. So every task that was under way then runs again *alone*: the innocent finish, the guilty one is
known. Without that step a task that kills its worker each time gives up tasks that did nothing wrong.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from types import TracebackType
from typing import Any

from twin_models.errors import Fault, InputError

MAX_WORKERS = 256
CHUNKS_PER_WORKER = 2  # under way at a time: enough to keep it busy, few to run again when one dies
MAX_CHUNK = 32
TRIES_ALONE = 2  # somebody may kill a worker that runs an innocent task alone
CONNECT_S = 10
POLL_S = 0.1
SCHEMES = ("tcp://", "tls://")

Answer = tuple[int, Any]
Part = list[int]


@dataclass(frozen=True)
class TaskFailed:
    """A task without a result. ``kind``: name of the exception, or ``WorkerCrashed``."""

    kind: str
    message: str


def parse_workers(value: int | str, *, field: str = "--workers") -> int | str:
    """A number of processes or the address of a cluster. Raises ``InputError``."""
    text = str(value).strip()
    if text.startswith(SCHEMES):
        host, _, port = text.partition("://")[2].rpartition(":")
        if host and port.isdigit() and 0 < int(port) < 65536:
            return text
        raise InputError(Fault(field, "range", f"must be tcp://HOST:PORT, got {text}"))
    if not text.isdigit() or not 1 <= int(text) <= MAX_WORKERS:
        raise InputError(
            Fault(field, "range", f"must be between 1 and {MAX_WORKERS}, or tcp://HOST:PORT, got {text}")
        )
    return int(text)


def _chunk(fn: Callable[[Any], Any], part: Part, items: list[Any]) -> list[Answer]:
    """Run the tasks of one chunk; one that raises does not cost the others."""
    out: list[Answer] = []
    for i, item in zip(part, items, strict=True):
        try:
            out.append((i, fn(item)))
        except Exception as error:
            out.append((i, TaskFailed(type(error).__name__, str(error)[:500])))
    return out


def _quiet_worker() -> None:
    """Ctrl-C is for the parent, which then stops its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _never() -> bool:
    return False


class Engine:
    """Runs batches on ``workers``: 1 (in this process), more (that many processes), or ``tcp://HOST:PORT``.

    Nothing is started before the first batch. Use it as a context manager, or call ``close``.
    ``notices``: what went wrong on the way and was mended.
    """

    def __init__(self, workers: int | str = 1, *, chunk: int | None = None):
        self.workers = parse_workers(workers)
        self.chunk = chunk
        self.notices: list[str] = []
        self._pool: ProcessPoolExecutor | None = None
        self._client: Any = None
        self._lock = threading.Lock()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers (those of a cluster go on for others)."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def map(
        self,
        fn: Callable[[Any], Any],
        items: Sequence[Any],
        *,
        cancel: Callable[[], bool] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Any]:
        """All results in the order of the items; ``None`` for those that ``cancel`` left undone."""
        results: list[Any] = [None] * len(items)
        for done, (i, answer) in enumerate(self.evaluate(fn, items, cancel=cancel), start=1):
            results[i] = answer
            if progress is not None:
                progress(done, len(items))
        return results

    def evaluate(
        self,
        fn: Callable[[Any], Any],
        items: Sequence[Any],
        *,
        cancel: Callable[[], bool] | None = None,
    ) -> Iterator[Answer]:
        """Answers (index, result or ``TaskFailed``) as they come, each index once.

        ``fn``: a function that can be found by its name on the workers. ``cancel``: asked between chunks;
        what is in compiled code then still finishes, unseen.
        """
        stop = cancel or _never
        if isinstance(self.workers, str):
            yield from self._cluster(fn, items, stop)
        elif self.workers == 1:
            yield from _serial(fn, items, range(len(items)), stop)
        else:
            yield from self._processes(fn, items, stop)

    def _parts(self, count: int, workers: int) -> deque[Part]:
        size = self.chunk or min(max(-(-count // (workers * CHUNKS_PER_WORKER)), 1), MAX_CHUNK)
        return deque(list(range(k, min(k + size, count))) for k in range(0, count, size))

    # --- processes ----------------------------------------------------------------------------

    def _processes(
        self, fn: Callable[[Any], Any], items: Sequence[Any], stop: Callable[[], bool]
    ) -> Iterator[Answer]:
        assert isinstance(self.workers, int)
        todo = self._parts(len(items), self.workers)
        alone: deque[int] = deque()
        tries: dict[int, int] = {}
        running: dict[Future[list[Answer]], Part] = {}
        while (todo or alone or running) and not stop():
            lost = self._feed(fn, items, todo=todo, alone=alone, running=running)
            if running:
                ready, _ = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED)
                for future in ready:
                    part = running.pop(future)
                    try:
                        yield from future.result()
                    except BrokenProcessPool:
                        lost.append(part)
            if lost:
                lost += running.values()
                running.clear()
                self._renew()
                yield from _blame(lost, alone, tries)
        for future in running:
            future.cancel()

    def _feed(
        self,
        fn: Callable[[Any], Any],
        items: Sequence[Any],
        *,
        todo: deque[Part],
        alone: deque[int],
        running: dict[Future[list[Answer]], Part],
    ) -> list[Part]:
        """Hand out work; suspects one at a time with nothing beside them. Parts that met a dead pool."""
        assert isinstance(self.workers, int)
        while True:
            if alone:
                if not running:
                    part = [alone.popleft()]
                    return [] if self._submitted(fn, items, part, running) else [part]
                return []
            if not todo or len(running) >= self.workers * CHUNKS_PER_WORKER:
                return []
            part = todo.popleft()
            if not self._submitted(fn, items, part, running):
                return [part]

    def _submitted(
        self,
        fn: Callable[[Any], Any],
        items: Sequence[Any],
        part: Part,
        running: dict[Future[list[Answer]], Part],
    ) -> bool:
        try:
            running[self._started().submit(_chunk, fn, part, [items[i] for i in part])] = part
        except BrokenProcessPool:
            return False
        return True

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                assert isinstance(self.workers, int)
                self._pool = ProcessPoolExecutor(
                    self.workers,
                    # a forked child would inherit locks and threads of compiled code in mid-flight
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_quiet_worker,
                )
            return self._pool

    def _renew(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self.notices.append("a worker died; what it was computing was computed again")

    def processes(self) -> list[int]:
        """Process numbers of the workers now alive (to watch them, or to test what happens when one dies)."""
        started = getattr(self._pool, "_processes", None) or {}
        return [pid for pid in started if pid != os.getpid()]

    # --- cluster ------------------------------------------------------------------------------

    def _cluster(
        self, fn: Callable[[Any], Any], items: Sequence[Any], stop: Callable[[], bool]
    ) -> Iterator[Answer]:
        client = self._connected()
        left = set(range(len(items)))
        threads = max(sum(w["nthreads"] for w in client.scheduler_info()["workers"].values()), 1)
        todo = self._parts(len(items), threads)
        running: dict[str, Part] = {}
        ready: Queue[Any] = Queue()
        while (todo or running) and not stop() and client.status == "running":
            while todo and len(running) < CHUNKS_PER_WORKER * threads:
                part = todo.popleft()
                future = client.submit(_chunk, fn, part, [items[i] for i in part], pure=False)
                running[future.key] = part
                future.add_done_callback(ready.put)
            with suppress(Empty):
                future = ready.get(timeout=POLL_S)
                for i, answer in _gathered(future, running.pop(future.key), todo):
                    left.discard(i)
                    yield i, answer
        if left and not stop():
            self.notices.append(f"the cluster was lost; {len(left)} tasks were computed here instead")
            yield from _serial(fn, items, sorted(left), stop)

    def _connected(self) -> Any:
        if self._client is None:
            try:
                from distributed import Client
            except ImportError:
                text = 'a cluster needs the package "distributed": pip install "geosandbox[cluster]"'
                raise InputError(Fault("--workers", "missing", text)) from None
            try:
                self._client = Client(self.workers, set_as_default=False, timeout=f"{CONNECT_S}s")
            except (OSError, TimeoutError) as error:
                text = f"no scheduler answers at {self.workers} ({type(error).__name__})"
                raise InputError(Fault("--workers", "unreachable", text)) from None
            if not self._client.scheduler_info()["workers"]:
                self.close()
                text = f"the scheduler at {self.workers} has no workers"
                raise InputError(Fault("--workers", "empty", text))
        return self._client


def _serial(
    fn: Callable[[Any], Any], items: Sequence[Any], indices: Sequence[int], stop: Callable[[], bool]
) -> Iterator[Answer]:
    for i in indices:
        if stop():
            return
        yield from _chunk(fn, [i], [items[i]])


def _blame(lost: list[Part], alone: deque[int], tries: dict[int, int]) -> Iterator[Answer]:
    """Queue what was under way to run alone; what was alone often enough is given up by name."""
    was_alone = len(lost) == 1 and len(lost[0]) == 1
    for part in lost:
        for i in part:
            tries[i] = tries.get(i, 0) + was_alone
            if tries[i] >= TRIES_ALONE:
                yield (
                    i,
                    TaskFailed("WorkerCrashed", "the worker died while it ran this task and nothing else"),
                )
            else:
                alone.append(i)


def _gathered(future: Any, part: Part, todo: deque[Part]) -> list[Answer]:
    """Answers of a chunk; one whose workers kept dying is split and queued again, task by task."""
    if future.status == "finished":
        answers: list[Answer] = future.result()
        future.release()
        return answers
    error = future.exception() if future.status == "error" else None
    if error is None:  # lost with the scheduler: the caller computes it
        return []
    if type(error).__name__ != "KilledWorker":
        return [(i, TaskFailed(type(error).__name__, str(error)[:500])) for i in part]
    if len(part) == 1:
        return [(part[0], TaskFailed("WorkerCrashed", "every worker that ran this task died"))]
    todo.extend([i] for i in part)
    return []
