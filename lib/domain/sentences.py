"""Sentences for the user, said by the domain in plain English and translated where they are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id in plain English with `{named}` values; the id is the key of the translation catalogues.

    `plural` and `count` are set together: then `id` is the form for one and `plural` the form for many. A value may be
    a Sentence itself, and is translated with the rest.
    """

    id: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    plural: str = ""
    count: int | None = None

    def __str__(self) -> str:
        """The English text."""
        chosen = self.plural if self.plural and self.count != 1 else self.id
        return chosen.format(**self.values) if self.values else chosen

    def __hash__(self) -> int:
        return hash((self.id, self.plural, self.count))


def say(id: str, /, **values: object) -> Sentence:
    """The sentence `id`; the catalogues' extraction looks for calls of this name."""
    return Sentence(id, values)


def say_many(one: str, many: str, /, *, count: int, **values: object) -> Sentence:
    """The sentence `one` or `many` by `count`, which both may show as `{count}`."""
    return Sentence(one, {"count": count, **values}, many, count)


def kept_sentence(sentence: Sentence | None) -> str:
    """A sentence as a text column keeps it, to be translated when it is shown; its values become texts or numbers."""
    return "" if sentence is None else json.dumps(_kept(sentence), ensure_ascii=False, sort_keys=True)


def _kept(value: object) -> object:
    if isinstance(value, Sentence):
        values = {name: _kept(each) for name, each in value.values.items()}
        return {"id": value.id, "values": values, "plural": value.plural, "count": value.count}
    return value if isinstance(value, int | str) else str(value)


def told_sentence(kept: str) -> Sentence | None:
    """The sentence that `kept_sentence` kept, if any."""
    return _told(json.loads(kept)) if kept else None


def _told(kept: dict[str, Any]) -> Sentence:
    values = {name: _told(each) if isinstance(each, dict) else each for name, each in kept["values"].items()}
    return Sentence(kept["id"], values, kept["plural"], kept["count"])
