"""A decision written down: who chose what and why, on which evidence, from which inputs; as data, Markdown, HTML.

The record holds every figure it speaks of, so it can be read without the program, and a hash of the inputs it
was made from (schemes, weights, engine), so that anybody can tell whether they are still the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from scenarios.compare import HEADLINE, what_changed
from scenarios.decision import MAX_TEXT, Setup
from scenarios.decision_words import WORDS, figure, kpi_name
from scenarios.kpis import KPIS
from scenarios.schema_io import DoorReader, plain
from scenarios.scheme import to_dict
from twin_models.errors import Fault, InputError

FORMAT = "geosandbox-decision-record/1"
FORMATS = ("json", "html", "md")
MAX_LINES = 40


@dataclass(frozen=True)
class Said:
    """What people add to the figures. ``choice``: a scheme's id; objections: ``{"key", "text", "by"}``."""

    choice: str
    who: str
    why: str
    evidence: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    objections: tuple[Mapping[str, str], ...] = field(default_factory=tuple)


def read_said(data: Any, schemes: Sequence[str], *, path: str = "record") -> Said:
    """The checked words of a record; choice, who and why must be there. Raises ``InputError``."""
    reader = DoorReader()
    got = reader.mapping(
        data,
        path,
        required=("choice", "who", "why"),
        optional=("evidence", "assumptions", "objections"),
    )
    choice = reader.choice(got.get("choice", ""), f"{path}.choice", list(schemes)) if "choice" in got else ""
    who = _text(reader, got, path, "who")
    why = _text(reader, got, path, "why")
    lists = {
        name: _lines(reader, got.get(name, []), f"{path}.{name}") for name in ("evidence", "assumptions")
    }
    objections = []
    for i, row in enumerate(reader.items(got.get("objections", []), f"{path}.objections")):
        one = reader.mapping(row, f"{path}.objections[{i}]", required=("text",), optional=("key", "by"))
        text = _text(reader, one, f"{path}.objections[{i}]", "text")
        objections.append({"key": str(one.get("key", "")), "text": text, "by": str(one.get("by", ""))[:200]})
    reader.done()
    return Said(choice, who, why, lists["evidence"], lists["assumptions"], tuple(objections))


def _text(reader: DoorReader, got: Mapping[str, Any], path: str, key: str) -> str:
    value = got.get(key)
    if not isinstance(value, str) or not value.strip():
        if key in got:
            reader.fault(f"{path}.{key}", "empty", "must say something")
        return ""
    if len(value) > MAX_TEXT:
        reader.fault(f"{path}.{key}", "length", f"must be at most {MAX_TEXT} characters, got {len(value)}")
    return value.strip()


def _lines(reader: DoorReader, value: Any, path: str) -> tuple[str, ...]:
    rows = reader.items(value, path)
    if len(rows) > MAX_LINES:
        reader.fault(path, "length", f"must be at most {MAX_LINES} lines, got {len(rows)}")
    lines = [reader.text(row, f"{path}[{i}]") for i, row in enumerate(rows[:MAX_LINES])]
    return tuple(line.strip()[:MAX_TEXT] for line in lines if line.strip())


# --- making ------------------------------------------------------------------------------------------------


def inputs_hash(evaluations: Mapping[str, Any], setup: Setup) -> str:
    """SHA-256 over schemes, setup and engines: equal hashes, equal inputs."""
    content = {
        "schemes": {name: to_dict(e.scheme) for name, e in evaluations.items()},
        "engines": {name: _engine(e) for name, e in evaluations.items()},
        "setup": setup.as_dict(),
    }
    text = json.dumps(plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _engine(evaluation: Any) -> str:
    return f"{evaluation.forecast.engine} {evaluation.forecast.engine_version}".strip()


def make_record(
    evaluations: Mapping[str, Any],
    setup: Setup,
    analysis: Mapping[str, Any],
    said: Said,
    *,
    titles: Mapping[str, Mapping[str, str]] | None = None,
    baseline: str | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """The record as plain data. ``titles``: names of the schemes in both languages; ``at``: now if left out."""
    if said.choice not in evaluations:
        raise InputError(
            Fault("record.choice", "unknown", f"must be one of {', '.join(evaluations)}, got {said.choice!r}")
        )
    base = evaluations[baseline or next(iter(evaluations))]
    named = titles or {
        n: {"zh": e.scheme.name or n, "en": e.scheme.name or n} for n, e in evaluations.items()
    }
    keys = list(dict.fromkeys([*setup.criteria, *HEADLINE]))
    record = {
        "format": FORMAT,
        "at": (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "site": base.scheme.site,
        "choice": said.choice,
        "who": said.who,
        "why": said.why,
        "evidence": list(said.evidence),
        "assumptions": list(said.assumptions),
        "objections": [dict(o) for o in said.objections],
        "baseline": baseline or next(iter(evaluations)),
        "schemes": {
            name: {
                "name": dict(named[name]),
                "engine": _engine(e),
                "kpis": {k: {**e.kpis[k].as_dict()} for k in keys},
                "changes": [c.as_dict()["text"] for c in what_changed(base.scheme, e.scheme)],
                "scheme": to_dict(e.scheme),
            }
            for name, e in evaluations.items()
        },
        "in_force": in_force(evaluations[said.choice]),
        "setup": setup.as_dict(),
        "people": [
            {k: p[k] for k in ("name", "points", "used", "ranking", "ahp")} for p in analysis["people"]
        ],
        "disagreement": dict(analysis["disagreement"]),
        "regret": dict(analysis["regret"]),
        "inputs_sha256": inputs_hash(evaluations, setup),
    }
    return dict(plain(record))


def in_force(evaluation: Any) -> list[dict[str, Any]]:
    """The assumptions that the figures of a scheme rest on, as the program used them."""
    terms, flow, scheme = evaluation.terms, evaluation.cash_flow, evaluation.scheme
    basis = "m2" if flow.price_basis == "m2" else "GJ"
    return [
        {"key": "years", "value": scheme.years, "unit": "a"},
        {"key": "season_days", "value": scheme.season_days, "unit": "d/a"},
        {"key": "discount_rate", "value": 100.0 * terms.discount_rate, "unit": "%"},
        {"key": "heat_price", "value": flow.price_cny, "unit": f"CNY/{basis}"},
        {"key": "electricity_price", "value": terms.electricity_price_cny_per_kwh, "unit": "CNY/kWh"},
        {"key": "grid_co2", "value": terms.grid_co2_kg_per_kwh, "unit": "kg/kWh"},
        {"key": f"baseline_{terms.baseline.kind}", "value": None, "unit": ""},
    ]


# --- reading aloud -----------------------------------------------------------------------------------------
# A record is told as blocks, which both documents are made of: ("h", level, text), ("p", text),
# ("list", [text]), ("table", [head], [[cell]]).


def blocks(record: Mapping[str, Any], lang: str) -> list[tuple[Any, ...]]:
    """The record in words of a language."""
    w = WORDS[lang]
    schemes = record["schemes"]
    name = {id: row["name"][lang] for id, row in schemes.items()}
    out: list[tuple[Any, ...]] = [
        ("h", 1, w["title"].format(choice=name[record["choice"]])),
        ("p", w["when"].format(who=record["who"], at=record["at"].replace("T", " ").replace("Z", " UTC"))),
        ("h", 2, w["why"]),
        *(("p", line) for line in record["why"].splitlines() if line.strip()),
    ]
    for part in ("evidence", "assumptions"):
        if record[part]:
            out += [("h", 2, w[part]), ("list", record[part])]
    out += [("h", 2, w["in_force"]), ("table", [w["quantity"], w["value"]], _in_force(record, w))]
    if record["objections"]:
        out += [("h", 2, w["objections"]), ("list", [_objection(o, lang, w) for o in record["objections"]])]
    out += [("h", 2, w["schemes"]), _figures(record, lang, name)]
    out += _changes(record, lang, name)
    out += _people(record, lang, name)
    out += _regret(record, lang, name)
    out += [
        ("h", 2, w["inputs"]),
        ("p", w["hash"].format(hash=record["inputs_sha256"])),
        ("p", w["engines"].format(engines=", ".join(sorted({s["engine"] for s in schemes.values()})))),
    ]
    return out


def _in_force(record: Mapping[str, Any], w: Mapping[str, str]) -> list[list[str]]:
    rows = []
    for row in record["in_force"]:
        if row["key"].startswith("baseline_"):
            rows.append([w["baseline"], w[row["key"]]])
        else:
            rows.append([w[row["key"]], f"{row['value']:g} {row['unit']}"])
    return rows


def _objection(objection: Mapping[str, str], lang: str, w: Mapping[str, str]) -> str:
    about = f"{kpi_name(objection['key'], lang)}: " if objection.get("key") in KPIS else ""
    by = w["by"].format(who=objection["by"]) if objection.get("by") else ""
    return f"{about}{objection['text']}{by}"


def _figures(record: Mapping[str, Any], lang: str, name: Mapping[str, str]) -> tuple[Any, ...]:
    schemes = record["schemes"]
    keys = list(next(iter(schemes.values()))["kpis"])
    head = [WORDS[lang]["figure"], *name.values()]
    rows = []
    for key in keys:
        cells = []
        for row in schemes.values():
            kpi = row["kpis"][key]
            band = ""
            if kpi["low"] is not None and kpi["high"] is not None:
                band = f" ({figure(key, kpi['low'], lang, bare=True)} – {figure(key, kpi['high'], lang, bare=True)})"
            cells.append(figure(key, kpi["value"], lang) + band)
        rows.append([kpi_name(key, lang), *cells])
    return ("table", head, rows)


def _changes(record: Mapping[str, Any], lang: str, name: Mapping[str, str]) -> list[tuple[Any, ...]]:
    rows = record["schemes"][record["choice"]]["changes"]
    if not rows:
        return []
    title = WORDS[lang]["changes"].format(base=name[record["baseline"]])
    return [("h", 2, title), ("list", [row[lang] for row in rows])]


def _people(record: Mapping[str, Any], lang: str, name: Mapping[str, str]) -> list[tuple[Any, ...]]:
    w, setup = WORDS[lang], record["setup"]
    out: list[tuple[Any, ...]] = [("h", 2, w["weights"])]
    out.append(
        ("p", w["method"].format(method=w[setup["method"]], source=w[f"from_{setup['weights_from']}"]))
    )
    head = [w["criterion"], *(p["name"] for p in record["people"])]
    rows = [
        [kpi_name(key, lang), *(f"{100 * p['used'].get(key, 0.0):.0f} %" for p in record["people"])]
        for key in setup["criteria"]
    ]
    out.append(("table", head, rows))
    ranks = [
        [name[id], *(str(p["ranking"]["ranks"][id]) for p in record["people"])]
        for id in record["schemes"]
        if id in record["people"][0]["ranking"]["ranks"]
    ]
    out.append(("table", [w["rank"], *(p["name"] for p in record["people"])], ranks))
    apart = record["disagreement"]
    if len(record["people"]) > 1:
        said = w["agreed"] if apart["agreed"] else w["apart"]
        winners = ", ".join(f"{who}: {name[id]}" for who, id in apart["winners"].items())
        concordance = apart["concordance"]
        kendall = "" if concordance is None else w["concordance"].format(w=concordance)
        out.append(("p", f"{said} {winners}. {kendall}".strip()))
    out.append(("list", [_stability(p, lang, name) for p in record["people"]]))
    return out


def _stability(person: Mapping[str, Any], lang: str, name: Mapping[str, str]) -> str:
    """How near the closest change of the winner is, in the words of one stakeholder."""
    w, limits = WORDS[lang], person["ranking"]["limits"]
    near = [(row["margin"], key) for key, row in limits.items() if row.get("margin") is not None]
    if not near:
        return w["firm"].format(who=person["name"], winner=name[person["ranking"]["winner"]])
    _, key = min(near)
    row = limits[key]
    sides = [(abs(row[s] - row["weight"]), s) for s in ("lower", "upper") if row[s] is not None]
    side = min(sides)[1]
    return w["flips"].format(
        who=person["name"],
        winner=name[person["ranking"]["winner"]],
        key=kpi_name(key, lang),
        weight=100 * row["weight"],
        at=100 * row[side],
        other=name.get(row[f"{side}_winner"], "–"),
    )


def _regret(record: Mapping[str, Any], lang: str, name: Mapping[str, str]) -> list[tuple[Any, ...]]:
    w, regret = WORDS[lang], record["regret"]
    key = regret["key"]
    head = [w["future"], *(name[n] for n in regret["regret"])]
    rows = [
        [regret["named"][f][lang], *(figure(key, row[f], lang) for row in regret["regret"].values())]
        for f in regret["futures"]
    ]
    rows.append([w["largest"], *(figure(key, v, lang) for v in regret["largest"].values())])
    return [
        ("h", 2, w["regret"].format(key=kpi_name(key, lang))),
        ("table", head, rows),
        ("p", w["least_regret"].format(name=name[regret["least_regret"]])),
    ]


def to_markdown(record: Mapping[str, Any], lang: str = "zh") -> str:
    """The record as Markdown."""
    lines: list[str] = []
    for block in blocks(record, lang):
        kind = block[0]
        if kind == "h":
            lines += [f"{'#' * block[1]} {_md(block[2])}", ""]
        elif kind == "p":
            lines += [_md(block[1]), ""]
        elif kind == "list":
            lines += [*(f"- {_md(item)}" for item in block[1]), ""]
        else:
            _, head, rows = block
            lines += ["| " + " | ".join(map(_md, head)) + " |", "|" + "---|" * len(head)]
            lines += ["| " + " | ".join(map(_md, row)) + " |" for row in rows]
            lines.append("")
    return "\n".join(lines)


def _md(text: str) -> str:
    """Words stay words: what Markdown or a renderer would read as markup is escaped."""
    for mark in ("\\", "|", "`", "*", "_", "[", "]", "#"):
        text = text.replace(mark, "\\" + mark)
    return text.replace("<", "&lt;").replace("\n", " ")


STYLE = (
    "body{font:16px/1.6 'Noto Sans SC','PingFang SC','Microsoft YaHei',Inter,Arial,sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1.5rem;color:#13202b}h1{font-size:1.7rem}h2{font-size:1.15rem;margin-top:2rem}"
    "table{border-collapse:collapse;margin:.6rem 0;width:100%;font-variant-numeric:tabular-nums}"
    "td,th{border-bottom:1px solid #dbe2e8;padding:.3rem .6rem;text-align:right}"
    "td:first-child,th:first-child{text-align:left}th{color:#3f4e5a}p{overflow-wrap:anywhere}"
    "@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}}"
)


def to_html(record: Mapping[str, Any], lang: str = "zh") -> str:
    """The record as one HTML file that needs nothing else and prints well."""
    parts: list[str] = []
    for block in blocks(record, lang):
        kind = block[0]
        if kind == "h":
            parts.append(f"<h{block[1]}>{escape(block[2])}</h{block[1]}>")
        elif kind == "p":
            parts.append(f"<p>{escape(block[1])}</p>")
        elif kind == "list":
            parts.append("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block[1]) + "</ul>")
        else:
            _, head, rows = block
            top = "".join(f'<th scope="col">{escape(c)}</th>' for c in head)
            body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
            parts.append(f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>")
    title = escape(blocks(record, lang)[0][2])
    code = "zh-CN" if lang == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{code}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def document(record: Mapping[str, Any], kind: str, lang: str = "zh") -> str:
    """The record as ``json``, ``html`` or ``md``."""
    if kind not in FORMATS:
        raise InputError(Fault("format", "unknown", f"must be one of {', '.join(FORMATS)}, got {kind!r}"))
    if lang not in WORDS:
        raise InputError(Fault("lang", "unknown", f"must be one of {', '.join(WORDS)}, got {lang!r}"))
    if kind == "json":
        return json.dumps(plain(record), ensure_ascii=False, indent=1) + "\n"
    return to_html(record, lang) if kind == "html" else to_markdown(record, lang)
