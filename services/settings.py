"""Where the server listens and keeps its data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


def data_folder() -> Path:
    """The user's data folder: ``GEOSANDBOX_DATA``, else the usual place in the home folder."""
    return Path(os.environ.get("GEOSANDBOX_DATA") or Path.home() / ".local" / "share" / "geosandbox")


@dataclass(frozen=True)
class Settings:
    """``data``: folder of the database; made on first use."""

    host: str = "127.0.0.1"
    port: int = 8080
    site: str = "caofeidian"
    data: Path = Path("data")
    max_sessions: int = 200
    idle_minutes: float = 60.0

    @classmethod
    def make(cls, *, host: str, port: int, site: str, data: Path | None) -> Settings:
        return cls(host=host, port=port, site=site, data=Path(data or data_folder()))

    @property
    def database(self) -> Path:
        return self.data / "geosandbox.sqlite"

    @property
    def sites(self) -> Path:
        """Where imported sites are kept."""
        return self.data / "sites"
