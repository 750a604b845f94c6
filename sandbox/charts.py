"""Charts of the dock: a Panel application in the same process, one document per open frame.

A session tells its listeners that something changed; each document collects that for 150 ms and then sends
new columns to figures that stay the same, so charts never stand between a hand and its numbers. The cursor
of the current year moves in the browser, by a message from the page around the frame.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from sandbox.rooms import Sessions
    from sandbox.session import Session

THROTTLE_MS = 150
TABS = ("temperature", "cash", "section", "sensitivity")
# The page around the frame sends {geosandbox: "year", year: number}.
CURSOR_JS = """
window.addEventListener('message', (event) => {
  if (event.origin !== window.location.origin || event.data?.geosandbox !== 'year') return
  for (const span of spans) span.location = event.data.year
})
"""
FRAME_CSS = """
html, body { margin: 0; height: 100%; background: transparent; overflow: hidden; }
body { font: 400 13px/1.5 "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Segoe UI", Arial, sans-serif; }
"""


def add_charts(app: FastAPI, sessions: Sessions) -> None:
    """Mount the charts at ``/panel/charts?sid=...`` and warm their libraries beside the start of the server."""
    from panel.io.fastapi import add_applications

    add_applications({"/panel/charts": lambda: document(sessions)}, app=app, title="charts", location=False)
    threading.Thread(target=warm, name="charts-warm", daemon=True).start()


def warm() -> None:
    """Import and compile what the first visitor would otherwise wait for (about 3 s on two cores)."""
    from sandbox import basin, chart_section

    chart_section.warm()
    basin.statistics()


def document(sessions: Sessions) -> Any:
    """The charts of one session for one browser frame."""
    import panel as pn

    pn.config.raw_css = [FRAME_CSS]
    given = pn.state.session_args.get("sid", [b""])[0].decode("ascii", "ignore")
    session = sessions.find(given)
    if session is None:
        return pn.pane.HTML("")
    board = Board(session)
    doc = pn.state.curdoc
    session.listeners.add(board.hear)

    def leave(_context: Any) -> None:
        session.listeners.discard(board.hear)
        board.doc = None

    pn.state.on_session_destroyed(leave)
    board.attach(doc)
    return board.view


class Board:
    """The four charts of one frame; only the one shown is kept up to date.

    The three made of lines are in the document from the start and only change their visibility: a figure
    that is brought in later would get its data before the browser knows it. The section is HoloViews, which
    takes care of that itself, and is made when it is first asked for.
    """

    def __init__(self, session: Session):
        import panel as pn

        self.session = session
        self.doc: Any = None
        self.charts: dict[str, Any] = {name: _make(name, session) for name in TABS if name != "section"}
        self.section = pn.Column(
            pn.Spacer(height=0, margin=0), sizing_mode="stretch_both", margin=0, visible=False
        )
        self.shown = ""
        self._pending = False
        for chart in self.charts.values():
            chart.show(False)
        views = [chart.view for chart in self.charts.values()]
        # All lie over one another, so that hidden ones take no room whatever their kind.
        for view in (*views, self.section):
            view.styles = {"position": "absolute", "inset": "0", "width": "100%", "height": "100%"}
        self.view = pn.Column(
            *views, self.section, sizing_mode="stretch_both", margin=0, styles={"overflow": "hidden"}
        )
        self.show()

    def attach(self, doc: Any) -> None:
        from bokeh.events import DocumentReady
        from bokeh.models import CustomJS

        self.doc = doc
        spans = [span for chart in self.charts.values() for span in chart.cursors]
        doc.js_on_event(DocumentReady, CustomJS(args={"spans": spans}, code=CURSOR_JS))

    def hear(self, what: str) -> None:
        """Called by the session, on the loop, possibly many times a second."""
        if self._pending or self.doc is None:
            return
        self._pending = True
        try:
            self.doc.add_timeout_callback(self._flush, THROTTLE_MS)
        except Exception:  # the document is being taken down: nothing to draw on any more
            self._pending = False
            self.session.listeners.discard(self.hear)

    def _flush(self) -> None:
        self._pending = False
        self.show()

    def show(self) -> None:
        """Bring the tab that the page asks for up to date."""
        tab = self.session.state.dock
        tab = tab if tab in TABS else "temperature"
        if tab == "section" and tab not in self.charts:
            self.charts[tab] = _make(tab, self.session)
            self.section.append(self.charts[tab].view)
        if tab != self.shown:
            self.shown = tab
            self.section.visible = tab == "section"
            for name, chart in self.charts.items():
                chart.show(name == tab)
        if self.session.evaluation is not None:
            self.charts[tab].update()


def _make(name: str, session: Session) -> Any:
    from sandbox import chart_lines, chart_section

    return {
        "temperature": chart_lines.Temperature,
        "cash": chart_lines.Cash,
        "section": chart_section.Section,
        "sensitivity": chart_lines.Sensitivity,
    }[name](session)
