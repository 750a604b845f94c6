"""Opening and closing the model card; it says the present scheme's place in the training range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.model_card import card_of

if TYPE_CHECKING:
    from sandbox.session import Session


def register(session: Session) -> None:
    state = session.state

    def model_card(open: bool = True) -> None:
        state.explain = None
        state.model_card = card_of(session) if open else None

    def follow(what: str) -> None:
        if state.model_card is not None and what in ("settled", "lang"):
            with state:
                state.model_card = card_of(session)

    session.listeners.add(follow)
    session.actions |= {"model_card": model_card}
