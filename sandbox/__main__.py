"""``python -m sandbox``: the same as the console script ``geosandbox``."""

from sandbox.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
