"""Sentences for the user, said by the domain in plain English and translated where they are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


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
    if sentence is None:
        return ""
    values = {name: value if isinstance(value, int | str) else str(value) for name, value in sentence.values.items()}
    kept = {"id": sentence.id, "values": values, "plural": sentence.plural, "count": sentence.count}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def told_sentence(kept: str) -> Sentence | None:
    """The sentence that `kept_sentence` kept, if any."""
    return Sentence(**json.loads(kept)) if kept else None
