"""Decide: weights, stakeholders, judgements, futures, and the decision written down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox import deciding
from sandbox.compute import report
from scenarios import decision
from scenarios.decide import METHODS
from scenarios.decision import SOURCES, Person, Setup, read_setup
from scenarios.decision_record import document, make_record, read_said
from scenarios.evaluate import Evaluation
from scenarios.kpis import KPIS
from services.decisions import Decisions
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

MOST_OBJECTIONS = 40


def register(session: Session) -> None:
    session.decide = decide = Decide(session)
    session.actions |= {
        "decide_points": decide.points,
        "decide_criterion": decide.criterion,
        "decide_method": decide.method,
        "decide_source": decide.source,
        "decide_person": decide.look,
        "decide_person_add": decide.add,
        "decide_person_rename": decide.rename,
        "decide_person_delete": decide.remove,
        "decide_judge": decide.judge,
        "decide_axis": decide.axis,
        "decide_regret": decide.regret,
        "decide_leave": decide.leave,
        "decide_object": decide.object,
        "decide_object_delete": decide.withdraw,
        "decide_record": decide.record,
        "decide_open": decide.read,
        "decide_close": decide.close,
        "decide_restore": decide.restore,
        "decide_export": decide.export,
    }


class Decide:
    """The decision a session is at. Setup and objections are kept per site; records are never changed."""

    def __init__(self, session: Session):
        self.session, self.state = session, session.state
        self.site = ""
        self.person = 0
        self.evaluations: dict[str, Evaluation] = {}
        self._task: asyncio.Task[None] | None = None
        self._weighed: dict[str, Any] | None = None

    # --- what is kept -------------------------------------------------------------------------

    def load(self) -> None:
        """Setup, schemes left out and objections of the session's site."""
        if self.site == self.session.site.name:
            return
        self.site = self.session.site.name
        self.kept = Decisions(self.session.store, self.session.sid, self.site)
        found = self.kept.setup()
        name = self.session.text("dec_first_person")
        usual = Setup(people=(decision.even(name, Setup().criteria),))
        self.setup, self.left_out, self.objections = found or (usual, [], [])
        self.person = 0
        self.evaluations, self._weighed = {}, None
        self.state.decide = self.state.decide_rank = self.state.decide_doc = None

    def change(self, setup: Setup, *, again: bool = False) -> None:
        """Take a setup over once it passes the door; ``again``: regret or trade-off must be computed anew."""
        self.setup = read_setup(setup.as_dict())
        self.person = min(self.person, len(setup.people) - 1)
        self.keep()
        self.rank()
        if again:
            self.open()

    def keep(self) -> None:
        self.kept.keep(self.setup, self.left_out, self.objections)

    # --- computing ----------------------------------------------------------------------------

    def open(self) -> None:
        """Fill the workspace: simulate what is missing, rank, then regret and chances."""
        self.load()
        if self._task:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._fill())
        self._task.add_done_callback(report)

    def in_play(self) -> list[str]:
        ids = [e.id for e in self.session.workspace.entries]
        return [id for id in ids if id not in self.left_out]

    async def _fill(self) -> None:
        session = self.session
        found: dict[str, Evaluation] = {}
        for id in self.in_play():
            settled = await session.compute.settle_beside(session.workspace.entry(id).scheme)
            if settled is not None:
                found[id] = settled.evaluation
        self.evaluations, self._weighed = found, None
        with self.state:
            self.rank()
            self.show()
        if len(found) < 2:
            return
        loop = asyncio.get_running_loop()
        made = await loop.run_in_executor(session.workers, decision.weighed, found, self.setup)
        if found is self.evaluations:
            self._weighed = made
            with self.state:
                self.show()

    @property
    def years(self) -> float:
        return max((float(e.scheme.years) for e in self.evaluations.values()), default=50.0)

    def rank(self) -> None:
        """Rankings under the weights in hand; a few milliseconds."""
        if len(self.evaluations) < 2:
            self.state.decide_rank = None
            return
        values = decision.values_of(self.evaluations)
        self.state.decide_rank = deciding.rank_state(values, self.setup, self.person, self.years)

    def show(self) -> None:
        session = self.session
        ids = [e.id for e in session.workspace.entries]
        self.state.decide = {
            "schemes": [{**deciding.column(session, id), "out": id in self.left_out} for id in ids],
            "method": self.setup.method,
            "source": self.setup.weights_from,
            "criteria": list(self.setup.criteria),
            **deciding.choices(session),
            **(
                deciding.weighed_state(self._weighed, session.lang)
                if self._weighed
                else {"regret": None, "chances": [], "pareto": None, "dominated": {}}
            ),
            "objections": self.objections,
            "records": [deciding.record_row(session, r) for r in reversed(self.kept.all())],
            "hash": deciding.fingerprint(self.evaluations, self.setup) if self.evaluations else "",
            "few": len(self.evaluations) < 2,
        }

    def follow(self) -> None:
        """The schemes or the language have changed."""
        if self.state.workspace == "decide":
            self.open()

    # --- weights ------------------------------------------------------------------------------

    def _someone(self, person: Any) -> int:
        count = len(self.setup.people)
        if isinstance(person, bool) or not isinstance(person, int) or not 0 <= person < count:
            raise InputError(Fault("person", "range", f"must be 0 to {count - 1}, got {person!r}"))
        return person

    def points(self, key: str, value: float, person: int | None = None) -> None:
        """Swing points of one criterion."""
        who = self.person if person is None else self._someone(person)
        self._criterion(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise InputError(Fault("points", "type", f"must be a number, got {value!r}"))
        points = {**self.setup.people[who].points, key: float(value)}
        if not sum(points.values()) > 0.0:
            points[key] = 1.0  # somebody must want something: the last slider stops above 0
        self.change(decision.with_person(self.setup, who, points=points))

    def _criterion(self, key: str) -> str:
        if key not in self.setup.criteria:
            raise InputError(
                Fault("key", "unknown", f"must be one of {', '.join(self.setup.criteria)}, got {key!r}")
            )
        return key

    def criterion(self, key: str, on: bool) -> None:
        criteria = [k for k in self.setup.criteria if k != key] + ([key] if on else [])
        self.change(decision.with_criteria(self.setup, criteria))
        self.show()

    def method(self, method: str) -> None:
        self.change(replace(self.setup, method=_one_of("method", method, METHODS)))
        self.show()

    def source(self, source: str) -> None:
        _one_of("weights_from", source, SOURCES)
        people = self.setup.people
        if source == "ahp":
            count = len(self.setup.criteria)
            people = tuple(replace(p, judgement=p.judgement or decision.ones(count)) for p in people)
        self.change(replace(self.setup, weights_from=source, people=people))  # type: ignore[arg-type]
        self.show()

    def judge(self, row: int, column: int, value: float) -> None:
        """One pairwise judgement of the person looked at; its mirror cell goes with it."""
        count = len(self.setup.criteria)
        if not (0 <= row < count and 0 <= column < count and row != column):
            raise InputError(Fault("judgement", "range", f"rows and columns are 0 to {count - 1}"))
        value = float(value)
        if not 1 / 9 - 1e-9 <= value <= 9 + 1e-9:
            raise InputError(Fault("judgement", "range", f"must be between 1/9 and 9, got {value:g}"))
        person = decision.judged(self.setup.people[self.person], count, row, column, value)
        self.change(decision.with_person(self.setup, self.person, judgement=person.judgement))

    # --- people -------------------------------------------------------------------------------

    def look(self, index: int) -> None:
        self.person = self._someone(index)
        self.rank()

    def add(self) -> None:
        names = {p.name for p in self.setup.people}
        named = (self.session.text("dec_person_n", n=n) for n in range(2, 99))
        me = self.setup.people[self.person]
        person = Person(next(n for n in named if n not in names), dict(me.points), me.judgement)
        self.change(replace(self.setup, people=(*self.setup.people, person)))
        self.look(len(self.setup.people) - 1)
        self.show()

    def rename(self, index: int, name: str) -> None:
        self.change(decision.with_person(self.setup, self._someone(index), name=str(name).strip()[:40]))

    def remove(self, index: int) -> None:
        keep = [p for i, p in enumerate(self.setup.people) if i != self._someone(index)]
        self.change(replace(self.setup, people=tuple(keep)))
        self.look(min(self.person, len(keep) - 1))
        self.show()

    # --- schemes, futures, axes ---------------------------------------------------------------

    def leave(self, id: str, on: bool) -> None:
        """Take a scheme out of the ranking, or back in; two must stay."""
        self.session.workspace.entry(id)
        left = [i for i in self.left_out if i != id] + ([id] if on else [])
        if sum(e.id not in left for e in self.session.workspace.entries) < 2:
            raise _fault(self.session, "schemes", "dec_two_stay")
        self.left_out = left
        self.keep()
        self.open()

    def regret(self, key: str) -> None:
        self.change(replace(self.setup, regret_key=_one_of("key", key, deciding.RANKABLE)), again=True)

    def axis(self, axis: str, key: str) -> None:
        x, y = self.setup.pareto
        _one_of("axis", axis, ("x", "y"))
        _one_of("key", key, deciding.RANKABLE)
        self.change(replace(self.setup, pareto=(key, y) if axis == "x" else (x, key)), again=True)

    # --- objections and records ---------------------------------------------------------------

    def object(self, key: str, text: str, by: str = "") -> None:
        """An objection to an assumption, from Explain; it goes into the next record."""
        self.load()
        _one_of("key", key, ("", *KPIS))
        said = str(text).strip()
        if not said:
            raise _fault(self.session, "objection", "dec_say_something")
        row = {"key": key, "text": said[:1000], "by": str(by).strip()[:80]}
        self.objections = [*self.objections, row][-MOST_OBJECTIONS:]
        self.keep()
        self.session.toast("dec_objected")
        if self.state.explain:
            self.state.explain = {
                **self.state.explain,
                "objections": [o for o in self.objections if o["key"] == key],
            }
        if self.state.decide is not None:
            self.show()

    def withdraw(self, index: int) -> None:
        self.objections = [o for i, o in enumerate(self.objections) if i != index]
        self.keep()
        self.show()

    def record(
        self, choice: str, who: str, why: str, evidence: str = "", assumptions: str = ""
    ) -> dict[str, Any]:
        """Write the decision down; durable when this answers."""
        session = self.session
        if len(self.evaluations) < 2 or self._weighed is None:
            raise _fault(session, "schemes", "dec_still_computing")
        for field, value in (("who", who), ("why", why)):
            if not str(value).strip():
                raise _fault(session, f"record.{field}", f"dec_missing_{field}")
        data = {
            "choice": choice,
            "who": str(who),
            "why": str(why),
            "evidence": lines(evidence),
            "assumptions": lines(assumptions),
            "objections": [o for o in self.objections if o["text"]],
        }
        said = read_said(data, list(self.evaluations))
        values = decision.values_of(self.evaluations)
        ranked = decision.ranked(values, self.setup, horizon_years=self.years)
        analysis = {**ranked, **self._weighed}
        entries = {e.id: e for e in session.workspace.entries}
        titles = {id: {"zh": entries[id].name_zh, "en": entries[id].name_en} for id in self.evaluations}
        base = session.workspace.baseline.id
        record = make_record(
            self.evaluations,
            self.setup,
            analysis,
            said,
            titles=titles,
            baseline=base if base in self.evaluations else None,
        )
        saved = self.kept.save(record)
        self.objections = []
        self.keep()
        session.toast("dec_saved")
        self.show()
        return {"id": saved["id"]}

    def read(self, id: str) -> None:
        """Show a kept record as the document it would be exported as."""
        self.load()
        record = self.kept.get(id)
        self.state.decide_doc = {
            **deciding.record_row(self.session, record),
            "html": document(record, "html", self.session.lang),
        }

    def close(self) -> None:
        self.state.decide_doc = None

    def restore(self, id: str) -> None:
        """Work on with the weights of a record."""
        record = self.kept.get(id)
        ids = {e.id for e in self.session.workspace.entries}
        self.left_out = [i for i in ids if i not in record["schemes"]]
        if len(ids) - len(self.left_out) < 2:
            self.left_out = []
        self.person = 0
        self.close()
        self.change(read_setup(record["setup"]), again=True)

    def export(self, id: str, kind: str) -> dict[str, Any]:
        """A record as a file: ``html``, ``md`` or ``json``."""
        self.load()
        record = self.kept.get(id)
        text = document(record, kind, self.session.lang)
        return {"name": f"geosandbox-{self.site}-{id}.{kind}", "text": text, "kind": kind}


def lines(text: Any) -> list[str]:
    """A text field as a list, one entry a line."""
    rows: Sequence[str] = text.splitlines() if isinstance(text, str) else text
    return [row.strip() for row in rows if row.strip()]


def _one_of(field: str, value: Any, allowed: Sequence[str]) -> Any:
    if value not in allowed:
        raise InputError(
            Fault(field, "unknown", f"must be one of {', '.join(allowed)}, got {json.dumps(value)}")
        )
    return value


def _fault(session: Session, field: str, key: str) -> InputError:
    from sandbox.i18n import dictionary

    texts = {f"text_{lang}": dictionary(lang)[key] for lang in ("zh", "en")}
    return InputError(Fault(field, "invalid", texts["text_en"], texts))
