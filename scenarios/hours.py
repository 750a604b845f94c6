"""One operating year of a scheme's heating hour by hour: what the daily means of the live figures leave out."""

from __future__ import annotations

import numpy as np

from scenarios.chain import Plan, Run
from twin_models.uses.climate import DAYS, Climate, climate_of
from twin_models.uses.dispatch import Network, Tank, Tariff, Year, heating_hourly_mw, heating_plant, run_year


def year_of_hours(
    plan: Plan,
    run: Run,
    *,
    year: int = 1,
    climate: Climate | None = None,
    tank: Tank | None = None,
    network: Network | None = None,
    tariff: Tariff | None = None,
) -> Year:
    """Dispatch the ``year``-th operating year (1 the first) of a scheme's heating station.

    Water reaches the exchanger as the hotter uses of the cascade leave it on a typical day of that temperature.
    Wells that run part of the year run on its coldest days. Equipment as sized or as fixed by the scheme.
    """
    use, row = plan.use, year - 1
    climate = climate or (climate_of(None) if plan.cascade is None else plan.cascade.climate)
    stream = run.stream
    inlet = np.full(DAYS, float(stream.temperature_degc[row]))
    sizes = run.delivery.sizes_kw
    if plan.cascade is not None:
        way = plan.cascade.passage(stream, use)
        heating = next(stage for stage in way.stages if stage.name == "heating")
        edges = np.cumsum(np.maximum(way.lengths_d, 0.0))
        group = np.searchsorted(edges, (climate.rank + 0.5) * edges[-1] / DAYS)
        inlet = heating.inlet_degc[row][np.minimum(group, len(edges) - 1)]
        sizes = run.delivery.parts["heating"].sizes_kw
    flowing = climate.coldest(float(stream.days[row]))
    network_degc = use.network_degc(stream)
    plant = heating_plant(
        use,
        np.repeat(inlet, 24),
        float(stream.capacity_mw_k[row]) * flowing,
        network_degc=network_degc,
        sizes_kw=dict(sizes),
    )
    return run_year(
        heating_hourly_mw(use, climate),
        plant,
        supply_degc=network_degc[0],
        return_degc=network_degc[1],
        tank=tank,
        network=network,
        tariff=tariff,
    )
