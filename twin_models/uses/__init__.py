"""The five uses of geothermal water and how a scheme file names them.

``USES``: name -> reader of its object in ``uses``. Heating and cooling is one of the five: its cooling stands in
``uses.heating.cooling``. ``parse_uses`` is the one door; what a scheme leaves out has a default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twin_models.errors import Fault
from twin_models.reading import Reader
from twin_models.uses import agriculture, cooling, drying, heating, power, wellness
from twin_models.uses.base import Step
from twin_models.uses.heating import HeatingUse

USES: dict[str, Callable[[Reader, Any, str], Any]] = {
    "heating": lambda reader, data, path: heating.parse(
        {"heating": data}, path.removesuffix(".heating"), reader.faults
    ),
    "power": power.parse,
    "drying": drying.parse,
    "agriculture": agriculture.parse,
    "wellness": wellness.parse,
}


@dataclass(frozen=True)
class Portfolio:
    """The uses of a scheme. ``heated``: whether buildings are heated; ``steps``: everything else."""

    heating: HeatingUse
    heated: bool = True
    steps: tuple[Step, ...] = ()


def parse_uses(data: Any, path: str = "uses", faults: list[Fault] | None = None) -> Portfolio:
    """The ``uses`` object of a scheme.

    Buildings are heated unless ``heating`` is ``false``, or other uses are named and ``heating`` is not. Faults are
    appended to ``faults``; with ``None`` they are raised as one ``InputError``.
    """
    reader = Reader()
    if faults is not None:
        reader.faults = faults
    given = data if isinstance(data, Mapping) else {}
    plain = given.get("heating")
    use = heating.parse(data, path, reader.faults)
    steps: list[Step] = []
    for name, read in USES.items():
        part = given.get(name)
        if name == "heating" or part is None or part is False:
            continue
        found = read(reader, part, f"{path}.{name}")
        steps += found if isinstance(found, tuple) else [found]
    if isinstance(plain, Mapping) and plain.get("cooling") not in (None, False):
        steps.append(cooling.parse(reader, plain["cooling"], f"{path}.heating.cooling"))
    only_cooling = isinstance(plain, Mapping) and set(plain) == {"cooling"}
    heated = plain is not False and not (only_cooling or (plain is None and bool(steps)))
    if not heated and not steps and not reader.faults:
        reader.fault(
            f"{path}.heating", "missing", "is false and no other use is named: nothing would use the heat"
        )
    if faults is None:
        reader.done()
    return Portfolio(use, heated, tuple(steps))
