"""Words of the page: a folder a language, a file a part of the page, the same files and keys in each.

A key stands once in all files of a language (a test counts them).
"""

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
    words: dict[str, str] = {}
    for file in files(lang):
        words |= json.loads(file.read_text("utf-8"))
    return words


def files(lang: str) -> list[Path]:
    return sorted(Path(__file__).with_name(lang).glob("*.json"))


def pick(texts: dict[str, str] | str, lang: str) -> str:
    """The text of a language out of ``{"zh": .., "en": ..}``; plain strings pass through."""
    if isinstance(texts, str):
        return texts
    return texts.get(lang) or texts.get("en") or next(iter(texts.values()), "")
