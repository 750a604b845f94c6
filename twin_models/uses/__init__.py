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
from twin_models.uses import agriculture, cooling, drying, heating, power, system, wellness
from twin_models.uses.base import Step
from twin_models.uses.heating import HeatingUse
from twin_models.uses.system import EnergySystem

USES: dict[str, Callable[[Reader, Any, str], Any]] = {
    "heating": lambda reader, data, path: heating.parse(
        {"heating": data}, path.removesuffix(".heating"), reader.faults
    ),
    "power": power.parse,
    "drying": drying.parse,
    "agriculture": agriculture.parse,
    "wellness": wellness.parse,
}


PLACES = ("power", "drying", "cooling", "wellness", "heating", "aquaculture", "agriculture")


@dataclass(frozen=True)
class Portfolio:
    """The uses of a scheme. ``heated``: whether buildings are heated; ``steps``: everything else; ``order``: of the cascade
    where it is not hottest first; ``system``: stores, network and tariff."""

    heating: HeatingUse
    heated: bool = True
    steps: tuple[Step, ...] = ()
    order: tuple[str, ...] = ()
    system: EnergySystem | None = None


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
    more = ("system", "order")
    rest = {k: v for k, v in given.items() if k not in more} if isinstance(data, Mapping) else data
    use = heating.parse(rest, path, reader.faults)
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
    order = _order(reader, given.get("order"), f"{path}.order")
    around = _system(reader, given.get("system"), f"{path}.system", use, heated=heated)
    if faults is None:
        reader.done()
    return Portfolio(use, heated, tuple(steps), order, around)


def _order(reader: Reader, data: Any, path: str) -> tuple[str, ...]:
    """Names of the cascade's places, each once."""
    if data is None:
        return ()
    names = [reader.choice(x, f"{path}[{i}]", PLACES) for i, x in enumerate(reader.items(data, path))]
    for i, name in enumerate(names):
        if name in names[:i]:
            reader.fault(f"{path}[{i}]", "duplicate", f'"{name}" is named twice')
    return tuple(names)


def _system(reader: Reader, data: Any, path: str, use: HeatingUse, *, heated: bool) -> EnergySystem | None:
    """The energy system, and what of it contradicts the heating it serves."""
    if data is None or data is False:
        return None
    found = system.parse(reader, data, path)
    for part, there in (
        ("tank", found.tank.volume_m3 > 0.0),
        ("aquifer", found.aquifer.volume_m3 > 0.0),
        ("network", found.network.length_m > 0.0),
    ):
        if there and not heated:
            reader.fault(
                f"{path}.{part}",
                "conflict",
                "serves the heating of buildings, which this scheme does without",
            )
    if found.network.length_m > 0.0 and use.network_loss_pct > 0.0:
        reader.fault(
            f"{path}.network.length_m", "conflict", "cannot be given together with heating.network_loss_pct"
        )
    return found
