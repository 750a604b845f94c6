"""Faults in what a user or another program hands in.

One fault names one field. Readers collect every fault they can find before they raise, so that a
person mends a file once and not five times.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one field.

    ``field`` is a path such as ``wells[1].rate_m3_h``; ``reason`` is a stable word for programs
    (``missing``, ``unknown``, ``range``, ``type``, ``not_finite``, ``duplicate``, ``outside``, ...);
    ``text`` is the English sentence after the colon.
    """

    field: str
    reason: str
    text: str
    context: dict[str, Any] = dataclasses.field(default_factory=dict, compare=False)

    def line(self) -> str:
        return f"error: {self.field}: {self.text}"


class InputError(ValueError):
    """Input that cannot be used; carries every fault that was found."""

    def __init__(self, faults: Fault | Iterable[Fault]):
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(f.line() for f in self.faults))
