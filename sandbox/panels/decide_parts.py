"""What the columns of Decide share: a scheme's letter and name."""

from __future__ import annotations

from sandbox.panels.dom import El

NAME = "utils.gs.decName(decide, {})"


def letter(id: str, *, cls: str = "") -> None:
    """Letter of a scheme in its colour; ``id`` is an expression."""
    El(
        "span.L",
        "{{ utils.gs.decCol(decide, " + id + ").letter }}",
        cls=cls,
        b_style="{'--c': utils.gs.decCol(decide, " + id + ").color}",
        b_class="{s0: utils.gs.decCol(decide, " + id + ").baseline}",
        b_title=NAME.format(id),
    )
