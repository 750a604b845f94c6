"""What is shown and how: scale, workspace, language, theme, selection, year, panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import show
from sandbox.i18n import LANGUAGES, dictionary
from scenarios.kpis import KPIS
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

DRAWERS = (
    *("wells", "layers", "subsurface", "surface", "economics", "assumptions", "suggest", "outline", ""),
    *("futures", "linking", "mining", "why", "importing"),
)
DOCKS = (
    "temperature",
    "cash",
    "section",
    "sensitivity",
    "process",
    "source",
    "cascade",
    "hours",
    "campaign",
)
SPEEDS = (1, 2, 5, 10)


def one_of(field: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise InputError(
            Fault(field, "unknown", f"must be one of {', '.join(map(str, allowed))}, got {value!r}")
        )
    return value


WORKSPACES = ("explore", "compare", "decide", "present")


def register(session: Session) -> None:
    session.actions |= _places(session) | _dress(session) | _looks(session)


def _places(session: Session) -> dict[str, Any]:
    """Where one is: scale, workspace, site, drawer, dock."""
    state = session.state

    def set_scale(scale: str) -> None:
        state.scale = one_of("scale", scale, show.SCALES)
        if state.workspace == "compare" and scale != "field":
            state.workspace = "explore"  # two views differ in the ground only
        if scale == "basin" and state.resource is None:
            session.assess.open_basin()
        state.dock = {"site": "process"}.get(scale, "temperature")
        state.drawer = {"basin": "layers", "field": "wells", "site": "surface"}[scale]

    def set_workspace(workspace: str) -> None:
        state.workspace = one_of("workspace", workspace, WORKSPACES)
        if workspace == "compare":
            # what differs between schemes is in the ground
            state.scale = "field" if session.site.reservoir is not None else state.scale
            session.open_compare()
        elif workspace == "decide":
            session.decide.open()

    def set_site(name: str) -> None:
        session.switch_site(name)

    def set_drawer(drawer: str) -> None:
        state.drawer = one_of("drawer", drawer, DRAWERS)

    def set_dock(dock: str) -> None:
        state.dock = one_of("dock", dock, DOCKS)
        state.dock_open = True
        session.notify("tab")

    return {f.__name__: f for f in (set_scale, set_workspace, set_site, set_drawer, set_dock)}


def _dress(session: Session) -> dict[str, Any]:
    """How it is shown: language, theme, layers, colours."""
    state = session.state

    def set_lang(lang: str) -> None:
        session.lang = one_of("lang", lang, LANGUAGES)
        session.store.set_preference(session.sid, "lang", lang)
        state.lang = lang
        state.t = dictionary(lang)
        state.trame__title = dictionary(lang)["product"]
        session.relabel()

    def set_theme(theme: str) -> None:
        state.theme = one_of("theme", theme, ("light", "dark"))
        session.store.set_preference(session.sid, "theme", theme)

    def toggle(key: str) -> None:
        one_of("key", key, ("dock_open", "help_open", "outline_open"))
        state[key] = not state[key]

    def toggle_layer(layer: str) -> None:
        one_of("layer", layer, tuple(state.layers))
        state.layers = {**state.layers, layer: not state.layers[layer]}

    def colour_by(quantity: str) -> None:
        state.colour_by = one_of(
            "quantity", quantity, ("temperature", "thickness", "heat", "suitability", "points")
        )

    return {
        "set_lang": set_lang,
        "set_theme": set_theme,
        "toggle": toggle,
        "toggle_layer": toggle_layer,
        "colour_by": colour_by,
    }


def _looks(session: Session) -> dict[str, Any]:
    """What is looked at: a well, a year, a figure, a unit."""
    state = session.state

    def select(well: str) -> None:
        names = {w.name for w in session.scheme.wells}
        state.selected = well if well in names else ""
        session.notify("selected")

    def set_year(year: float) -> None:
        """The page settled on a year: station values and charts follow."""
        state.year = min(max(float(year), 0.0), float(state.life_years or 0.0))
        if session.evaluation is not None:
            show.station(session, session.evaluation)
        session.notify("year")

    def carpet_key(key: str) -> None:
        state.carpet_key = one_of("key", key, tuple(KPIS))

    def show_unit(id: str) -> None:
        state.resource = show.resource(session, id)

    def export_scheme() -> dict[str, Any]:
        return {"scheme": state.scheme_json}

    def retry() -> None:
        session.refresh()

    return {
        "select": select,
        "set_year": set_year,
        "carpet_key": carpet_key,
        "pick_unit": show_unit,
        "export_scheme": export_scheme,
        "retry": retry,
    }
