"""One click against a broken layout rule: the best place near by that keeps all of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from scenarios import edits
from scenarios.checks import check_well
from scenarios.evaluate import figure
from scenarios.scheme import Scheme
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

RINGS_M = (100, 200, 300, 400, 500, 650, 800, 1000)
DIRECTIONS = 12
# Evaluating a place takes some milliseconds; the nearest legal ones are tried.
TRIED = 16


def register(session: Session) -> None:
    def mend(well: str) -> dict[str, Any]:
        """Move a well to the place, of those near by that break no rule, with the highest net present value."""
        scheme = session.scheme
        if well not in {w.name for w in scheme.wells}:
            raise InputError(Fault("well", "unknown", f"no well named {well!r} in this scheme"))
        places = legal_places(session, scheme, well)
        if not places:
            text = {"text_zh": f"{well} 附近没有满足全部规则的位置"}
            raise InputError(Fault("well", "impossible", f"no place near {well} keeps every rule", text))
        moved = [edits.move_target(scheme, well, x_m=x, y_m=y) for x, y in places]
        worth = [figure(s, session.compute.live, "npv_cny") for s, _ in moved]
        best = max(range(len(moved)), key=lambda i: -math.inf if worth[i] is None else worth[i])
        session.commit(*moved[best])
        session.state.selected = well
        return {"well": well}

    session.actions |= {"mend": mend}


def legal_places(session: Session, scheme: Scheme, well: str) -> list[tuple[float, float]]:
    """Places on rings round a well's target where it breaks no rule, nearest first."""
    held = scheme.well(well)
    found = []
    for ring in RINGS_M:
        for turn in range(DIRECTIONS):
            angle = 2.0 * math.pi * turn / DIRECTIONS
            x, y = held.x_m + ring * math.cos(angle), held.y_m + ring * math.sin(angle)
            if not scheme.ground().contains(x, y):
                continue
            findings = check_well(scheme, session.site, well=well, x_m=x, y_m=y)
            if all(f.severity == "ok" for f in findings):
                found.append((round(x, 1), round(y, 1)))
            if len(found) == TRIED:
                return found
    return found
