"""Figures of ``geosandbox bench`` as a page: ``python -m services.bench_report bench.json > docs/benchmarks.md``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HEAD = """# Measured figures

Written from `geosandbox bench -o bench.json` by `python -m services.bench_report bench.json > docs/benchmarks.md`. Figures depend on the
machine; compare them only with others of the same run. *Share of aim* below 1 means that the aim is met. Browser, server and the
software that draws WebGL share the same cores here; a machine with a graphics card is faster.

"""


def number(value: Any) -> str:
    """Three significant digits, or a dash."""
    if not isinstance(value, (int, float)):
        return "–"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def as_markdown(result: dict[str, Any]) -> str:
    """The whole page: the machine, then one row a figure."""
    machine = result["machine"]
    lines = [
        HEAD
        + f"Machine: {machine['cores']} cores ({machine['cpu']}), {machine['memory_gb']:.0f} GB, {machine['system']}, "
    ]
    lines[0] += f"Python {machine['python']}, no graphics card.\n"
    lines += [
        "| figure | what | value | unit | aim | share of aim | beside it |",
        "|---|---|---|---|---|---|---|",
    ]
    known = {"value", "unit", "what", "aim", "value_over_aim", "took_s"}
    for name, figure in result["figures"].items():
        rest = [
            f"{k} {number(v)}" for k, v in figure.items() if k not in known and isinstance(v, (int, float))
        ]
        if "error" in figure:
            rest = [str(figure["error"])]
        aim, share = figure.get("aim"), figure.get("value_over_aim")
        cells = [f"`{name}`", figure.get("what", ""), f"**{number(figure['value'])}**", figure["unit"]]
        cells += [number(aim), number(share), ", ".join(rest)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
