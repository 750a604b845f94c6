"""Wells by name, number, keyboard and click: everything a drag can do, without dragging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import edits
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

FIELDS = {
    "x_m": edits.move_target,
    "y_m": edits.move_target,
    "head_x_m": edits.move_head,
    "head_y_m": edits.move_head,
    "rate_m3_h": edits.set_rate,
    "temperature_degc": edits.set_temperature,
    "kind": edits.set_kind,
    "name": edits.rename,
}


def number(field: str, value: Any) -> float:
    """A finite number out of a form field; says which field and what was typed."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise InputError(Fault(field, "type", f"must be a number, got {value!r}")) from None
    if result != result or result in (float("inf"), float("-inf")):
        raise InputError(Fault(field, "not_finite", f"must be finite, got {value!r}"))
    return result


def register(session: Session) -> None:
    _register_adding(session)
    _register_changing(session)


def _known(session: Session, well: str) -> str:
    if well not in {w.name for w in session.scheme.wells}:
        raise InputError(Fault("well", "unknown", f"no well named {well!r} in this scheme"))
    return well


def _register_adding(session: Session) -> None:
    def add_well(kind: str, x_m: float, y_m: float, pad: str | None = None) -> dict[str, Any]:
        scheme, edit = edits.add_well(
            session.scheme, kind, x_m=number("x_m", x_m), y_m=number("y_m", y_m), pad=pad
        )
        session.commit(scheme, edit)
        return select_new(scheme)

    def add_doublet(x_m: float, y_m: float) -> dict[str, Any]:
        scheme, edit = edits.add_doublet(session.scheme, x_m=number("x_m", x_m), y_m=number("y_m", y_m))
        session.commit(scheme, edit)
        return select_new(scheme)

    def duplicate_well(well: str) -> dict[str, Any]:
        scheme, edit = edits.duplicate_well(session.scheme, _known(session, well))
        session.commit(scheme, edit)
        return select_new(scheme)

    def select_new(scheme: Any) -> dict[str, Any]:
        session.state.selected = scheme.wells[-1].name
        return {"well": session.state.selected}

    def delete_well(well: str) -> None:
        session.commit(*edits.delete_well(session.scheme, _known(session, well)))

    session.actions |= {
        "add_well": add_well,
        "add_doublet": add_doublet,
        "duplicate_well": duplicate_well,
        "delete_well": delete_well,
    }


def _register_changing(session: Session) -> None:
    def set_well(well: str, field: str, value: Any) -> None:
        """One field of one well, as typed into the edit strip or the outline."""
        _known(session, well)
        if field not in FIELDS:
            raise InputError(Fault(field, "unknown", f"must be one of {', '.join(FIELDS)}"))
        old = session.scheme.well(well)
        if field in ("x_m", "y_m"):
            place = {"x_m": old.x_m, "y_m": old.y_m, field: number(field, value)}
            session.commit(*edits.move_target(session.scheme, well, **place))
        elif field in ("head_x_m", "head_y_m"):
            place = {
                "x_m": old.head_x_m,
                "y_m": old.head_y_m,
                field.removeprefix("head_"): number(field, value),
            }
            session.commit(*edits.move_head(session.scheme, well, **place))
        elif field in ("kind", "name"):
            session.commit(*FIELDS[field](session.scheme, well, str(value)))
            if field == "name":
                session.state.selected = str(value)
        elif field == "temperature_degc" and value in (None, ""):
            session.commit(*edits.set_temperature(session.scheme, well, None))
        else:
            session.commit(*FIELDS[field](session.scheme, well, number(field, value)))

    def move_well(well: str, x_m: float, y_m: float, handle: str = "target") -> None:
        """Click-to-place: the single-pointer alternative to dragging."""
        move = {"target": edits.move_target, "head": edits.move_head, "pad": edits.move_pad}[handle]
        session.commit(*move(session.scheme, well, x_m=number("x_m", x_m), y_m=number("y_m", y_m)))

    def nudge(well: str, dx_m: float, dy_m: float, handle: str = "target") -> None:
        old = session.scheme.well(_known(session, well))
        if handle == "head":
            move_well(well, old.head_x_m + number("dx_m", dx_m), old.head_y_m + number("dy_m", dy_m), "head")
        else:
            move_well(well, old.x_m + number("dx_m", dx_m), old.y_m + number("dy_m", dy_m))

    session.actions |= {"set_well": set_well, "move_well": move_well, "nudge": nudge}
