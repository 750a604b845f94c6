"""Words of the page in Chinese and English; both files hold the same keys (a test compares them)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")


@cache
def dictionary(lang: str) -> dict[str, str]:
    """All texts of one language. Raises ``KeyError`` for a language that is not shipped."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    return json.loads(Path(__file__).with_name(f"{lang}.json").read_text("utf-8"))


def pick(texts: dict[str, str] | str, lang: str) -> str:
    """The text of a language out of ``{"zh": .., "en": ..}``; plain strings pass through."""
    if isinstance(texts, str):
        return texts
    return texts.get(lang) or texts.get("en") or next(iter(texts.values()), "")
