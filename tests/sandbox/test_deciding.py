"""Decide, Compare and Replay without a browser: what the page is told, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox import deciding, replaying
from sandbox.controllers import compare
from sandbox.controllers.decide import Decide, lines
from sandbox.i18n import dictionary
from scenarios import decision
from scenarios.evaluate import Evaluation, evaluate
from services.store import Store
from services.workspace import Workspace
from twin_models.errors import InputError
from twin_models.sites import load_site

SITE = "caofeidian"


class State(SimpleNamespace):
    def __enter__(self) -> State:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Evaluation]:
    """The shipped schemes by id, estimated."""
    store = Store(tmp_path_factory.mktemp("shipped") / "a.db")
    entries = Workspace.open(store, "s", SITE).entries
    made = {e.id: evaluate(e.scheme, "streamline") for e in entries}
    store.close()
    return made


@pytest.fixture
def session(tmp_path: Path, found: dict[str, Evaluation]) -> Iterator[Any]:
    """As much of a session as deciding reads; simulations are those estimates."""
    store = Store(tmp_path / "a.db")
    by_key = {e.scheme.key(): SimpleNamespace(evaluation=e) for e in found.values()}

    async def settle_beside(scheme: Any) -> Any:
        return by_key[scheme.key()]

    with ThreadPoolExecutor(1) as workers:
        made = SimpleNamespace(
            sid="s",
            lang="en",
            site=load_site(SITE),
            store=store,
            workspace=Workspace.open(store, "s", SITE),
            workers=workers,
            compute=SimpleNamespace(settle_beside=settle_beside),
            state=State(workspace="decide", decide=None, decide_rank=None, decide_doc=None, explain=None),
            text=lambda key, **values: dictionary("en")[key].format(**values),
            toasts=[],
            pair={},
            actions={},
        )
        made.toast = lambda key, **_: made.toasts.append(key)
        yield made
    store.close()


def opened(session: Any) -> Decide:
    """Decide with everything computed."""

    async def run() -> Decide:
        decide = Decide(session)
        decide.open()
        assert decide._task is not None
        await decide._task
        return decide

    return asyncio.run(run())


def test_opening_ranks_everything_and_adds_regret(session: Any) -> None:
    opened(session)
    rank, shown = session.state.decide_rank, session.state.decide
    assert {r["id"] for r in rank["rows"]} == {e.id for e in session.workspace.entries}
    assert sorted(r["place"] for r in rank["rows"]) == list(range(len(rank["rows"])))
    assert rank["rows"][0]["parts"][0].keys() == {"key", "value", "shade"}
    assert shown["regret"]["rows"]
    assert all(any(c["best"] for c in row["cells"].values()) for row in shown["regret"]["rows"])
    assert len(shown["hash"]) == 12


def test_a_weight_moves_the_ranks_and_is_kept(session: Any) -> None:
    decide = opened(session)
    key = "lcoh_cny_per_gj"
    before = session.state.decide_rank["winner"]
    cheapest = min(decide.evaluations, key=lambda i: decide.evaluations[i].kpis[key].value)
    for other in decide.setup.criteria:
        decide.points(other, 100.0 if other == key else 0.0)
    assert session.state.decide_rank["winner"] == cheapest != before
    decide.points(key, 0.0)  # somebody must want something
    assert sum(decide.setup.people[0].points.values()) > 0.0
    assert Decide(session) is not decide
    again = opened(session)
    assert again.setup == decide.setup


def test_people_come_and_go_and_keep_their_own_weights(session: Any) -> None:
    decide = opened(session)
    decide.add()
    decide.points("npv_cny", 5.0)
    assert [p.points["npv_cny"] for p in decide.setup.people] == [100.0, 5.0]
    assert session.state.decide_rank["person"] == 1
    decide.rename(1, "city")
    with pytest.raises(InputError):
        decide.rename(0, "city")
    assert session.state.decide_rank["names"] == ["Decision-maker", "city"]
    decide.remove(0)
    assert [p.name for p in decide.setup.people] == ["city"]
    with pytest.raises(InputError):
        decide.remove(0)


def test_judgements_are_made_in_pairs(session: Any) -> None:
    decide = opened(session)
    decide.source("ahp")
    decide.judge(0, 1, 4.0)
    matrix = session.state.decide_rank["judgement"]
    assert (matrix[0][1], matrix[1][0]) == (4.0, 0.25)
    assert session.state.decide_rank["ahp"]["random_index"]["name"] == "saaty"
    for bad in ((0, 0, 3.0), (0, 9, 3.0), (0, 1, 20.0)):
        with pytest.raises(InputError):
            decide.judge(*bad)


@pytest.mark.parametrize(
    "act",
    [
        lambda d: d.points("flow_m3_h", 3.0),
        lambda d: d.points("npv_cny", "x"),
        lambda d: d.points("npv_cny", 3.0, person=7),
        lambda d: d.points("npv_cny", -3.0),
        lambda d: d.method("average"),
        lambda d: d.source("dice"),
        lambda d: d.regret("flow_m3_h"),
        lambda d: d.axis("z", "npv_cny"),
        lambda d: d.object("npv_cny", "  "),
        lambda d: d.record("s0", "", "because"),
        lambda d: d.record("s99", "me", "because"),
        lambda d: d.read("7"),
        lambda d: d.criterion("npv", True),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(session: Any, act: Any) -> None:
    decide = opened(session)
    before = decide.setup
    with pytest.raises(InputError):
        act(decide)
    assert decide.setup == before
    assert decide.kept.all() == []


def test_two_schemes_always_stay(session: Any) -> None:
    async def run() -> None:
        decide = Decide(session)
        decide.load()
        ids = [e.id for e in session.workspace.entries]
        for id in ids[2:]:
            decide.leave(id, True)
        with pytest.raises(InputError):
            decide.leave(ids[0], True)
        assert decide.in_play() == ids[:2]
        assert decide._task is not None
        await decide._task

    asyncio.run(run())
    assert len(session.state.decide_rank["rows"]) == 2


def test_a_record_is_saved_read_and_worked_on_with(session: Any) -> None:
    decide = opened(session)
    decide.object("npv_cny", "price too high", "Wu")
    decide.method("topsis")
    answer = decide.record("s1", "Li", "more heat", "26 cases\n\n validation ", "")
    kept = decide.kept.get(answer["id"])
    assert (kept["evidence"], kept["assumptions"]) == (["26 cases", "validation"], [])
    assert kept["objections"][0]["text"] == "price too high"
    assert decide.objections == []
    assert session.toasts == ["dec_objected", "dec_saved"]
    assert session.state.decide["records"][0]["changed"] == []
    decide.read(answer["id"])
    assert "more heat" in session.state.decide_doc["html"]
    assert decide.export(answer["id"], "md")["text"].startswith("# Decision")
    decide.setup = decision.read_setup({})

    async def again() -> None:
        decide.restore(answer["id"])
        assert decide._task is not None
        await decide._task

    asyncio.run(again())
    assert decide.setup.method == "topsis"
    assert session.state.decide_doc is None


def test_lines_of_a_text_field() -> None:
    assert lines(" a \n\n b") == ["a", "b"]


# --- compare and replay --------------------------------------------------------------------------------------


def test_views_follow_what_was_chosen_and_what_still_exists(session: Any) -> None:
    session.open_compare = lambda: None
    compare.register(session)
    ids = [e.id for e in session.workspace.entries]
    assert compare.views(session) == [ids[0], session.workspace.active_id]
    session.actions["compare_views"](count=3)
    assert len(set(compare.views(session))) == 3
    session.actions["compare_set"](side="c", id=ids[0])
    assert compare.views(session)[2] == ids[0]
    session.workspace.delete(compare.views(session)[1])
    assert compare.views(session)[1] in [e.id for e in session.workspace.entries]
    session.actions["compare_promote"](id=ids[-1])
    assert compare.views(session)[1] == ids[-1]
    for name, bad in (
        ("compare_views", {"count": 5}),
        ("compare_mode", {"mode": "fade"}),
        ("compare_set", {"side": "e", "id": ids[0]}),
        ("compare_base", {"id": "s99"}),
    ):
        with pytest.raises(InputError):
            session.actions[name](**bad)


def test_causes_of_a_replay_add_up(found: dict[str, Evaluation]) -> None:
    one, two = found["s0"], found["s1"]
    told = {row["key"]: row for row in replaying.rows(one, two, {})}
    npv = told["npv_cny"]
    shown = sum(p["value"] for p in npv["ways"])
    # Parts below 1 % of the largest are not told.
    assert shown == pytest.approx(
        npv["after"] - npv["before"], abs=0.07 * max(abs(p["value"]) for p in npv["ways"])
    )
    assert npv["by"] == []
    assert [abs(p["value"]) for p in npv["ways"]] == sorted(
        (abs(p["value"]) for p in npv["ways"]), reverse=True
    )


def test_near_equal_cells_are_marked_as_good_as_the_best(found: dict[str, Evaluation]) -> None:
    shown = deciding.weighed_state(decision.weighed(found, decision.Setup()), "zh")
    for row in shown["regret"]["rows"]:
        assert min(c["value"] for c in row["cells"].values()) == pytest.approx(0.0, abs=1e-6)
