"""Long work behind a handle: submitted, watched, cancelled, fetched. Results live as long as the process."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from twin_models.base import Cancelled
from twin_models.errors import InputError

KEPT = 200
Work = Callable[[Callable[[], bool], Callable[[dict[str, Any]], None]], Any]
State = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass
class Job:
    """``progress``: what the work has told last, if it tells."""

    id: str
    kind: str
    state: State = "queued"
    submitted_at: float = field(default_factory=time.time)
    finished_at: float | None = None
    result: Any = None
    error: str | None = None
    progress: dict[str, Any] | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)

    def public(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "submitted_at": self.submitted_at,
            "finished_at": self.finished_at,
            "error": self.error,
            "progress": self.progress,
        }

    def tell(self, progress: dict[str, Any]) -> None:
        self.progress = progress


class Jobs:
    def __init__(self, workers: int = 1):
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def submit(self, kind: str, work: Work) -> Job:
        """Queue ``work(cancelled, tell)``: it asks ``cancelled`` whether to stop and may raise ``Cancelled``."""
        job = Job(secrets.token_urlsafe(12), kind)
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > KEPT:
                self._jobs.popitem(last=False)
        self._pool.submit(self._run, job, work)
        return job

    def get(self, id: str) -> Job:
        """The job. Raises ``KeyError``."""
        with self._lock:
            return self._jobs[id]

    def cancel(self, id: str) -> Job:
        job = self.get(id)
        job.cancel.set()
        if job.state == "queued":
            job.state = "cancelled"
        return job

    def _run(self, job: Job, work: Work) -> None:
        if job.cancel.is_set():
            job.state = "cancelled"
            return
        job.state = "running"
        try:
            result = work(job.cancel.is_set, job.tell)
            job.result, job.state = result, "done"
        except Cancelled:
            job.state = "cancelled"
        except InputError as error:
            job.error, job.state = str(error), "failed"
        except Exception as error:
            job.error, job.state = f"{type(error).__name__}: {error}", "failed"
        job.finished_at = time.time()
        job.finished.set()

    def close(self) -> None:
        for job in list(self._jobs.values()):
            job.cancel.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
