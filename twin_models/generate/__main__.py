"""``python -m twin_models.generate [SITE ...]``: make the generated files of the shipped sites again."""

from __future__ import annotations

import sys

from twin_models.generate import caofeidian, linqing, linqing_ab, nw_shandong
from twin_models.sites import assets_dir

WRITERS = {
    "caofeidian": caofeidian.write,
    "nw-shandong": nw_shandong.write,
    "linqing": linqing.write,
    "linqing-ab": linqing_ab.write,
}


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(WRITERS))
    if unknown:
        print(
            f"error: site: no generator for {', '.join(unknown)}; there are {', '.join(WRITERS)}",
            file=sys.stderr,
        )
        return 2
    for name in names or list(WRITERS):
        for path in WRITERS[name](assets_dir() / "sites" / name):
            print(path.relative_to(assets_dir()), path.stat().st_size)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
