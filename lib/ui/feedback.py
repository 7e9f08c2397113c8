"""What the user is told after a gesture: a flash when it worked, a sentence at the field or a warning when it didn't.

The only reader of the domain's errors. An outcome is kept in the session, because a callback has nowhere to draw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from lib.domain.errors import Conflict, DomainError, Invalid, NotFound
from lib.domain.sentences import Sentence
from lib.ui.words import _, translate

T = TypeVar("T")
_FLASH = "feedback.flash"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$])")


def plain(text: object) -> str:
    """`text` as Markdown that shows just these characters, on one line: no name becomes a link or a heading."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def bold(text: str) -> str:
    """A heading of a few words, as Markdown."""
    return f"**{plain(text)}**"


# ---- flashes


def flash(message: str, *, icon: str = ":material/check_circle:") -> None:
    """Say it on the next page drawn: a toast of this run would be swept away by the rerun that follows."""
    st.session_state.setdefault(_FLASH, []).append((message, icon))


def show_flash() -> None:
    """Show what was queued."""
    for message, icon in st.session_state.pop(_FLASH, []):
        st.toast(plain(message), icon=icon, duration="long")


# ---- outcomes


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of a use case: `value` when it worked, else `error`."""

    value: T | None = None
    error: DomainError | None = None

    @property
    def worked(self) -> bool:
        """Nothing was refused."""
        return self.error is None


def attempt(form: str, use_case: Callable[[], T]) -> Outcome[T]:
    """Run a use case and keep its outcome under `form`, for `outcome`, `problem_of` and `show_problem` to read.

    A surprise isn't caught: it is logged with an incident number.
    """
    try:
        found: Outcome[T] = Outcome(use_case())
    except DomainError as error:
        found = Outcome(error=error)
    st.session_state[f"{form}.outcome"] = found
    return found


def outcome(form: str) -> Outcome[object] | None:
    """The last outcome under `form`; it stays until `forget`."""
    return st.session_state.get(f"{form}.outcome")


def forget(form: str) -> None:
    """Drop the last outcome under `form`."""
    st.session_state.pop(f"{form}.outcome", None)


def problems(form: str) -> Mapping[str, Sentence]:
    """The sentences of the fields that were refused, by field name."""
    last = outcome(form)
    return last.error.fields if last and isinstance(last.error, Invalid) else {}


def show_field_problem(form: str, field: str) -> None:
    """Under a field: what is wrong with it, if anything."""
    if sentence := problems(form).get(field):
        st.markdown(f":red[:material/error: {plain(translate(sentence))}]")


def show_problem(
    form: str, *, labels: Mapping[str, str] | None = None, in_words: Callable[[str, object], str] | None = None
) -> None:
    """Above a form: how many fields to mend, or why the whole was refused. Draw it in a reserved place.

    `in_words` says a field's value as one reads it, for conflicts.
    """
    last = outcome(form)
    match last.error if last else None:
        case None:
            pass
        case Invalid() as invalid:
            names = ", ".join((labels or {}).get(name, name) for name in invalid.fields)
            st.error(_("Nothing was saved. To mend: {fields}.", fields=plain(names)), icon=":material/error:")
        case Conflict() as conflict:
            show_conflict(conflict, labels or {}, in_words or (lambda _field, value: str(value)))
        case NotFound() as error:
            st.warning(plain(translate(error.sentence)), icon=":material/search_off:")
        case DomainError() as error:
            st.warning(plain(translate(error.sentence)), icon=":material/lock:")


def show_conflict(conflict: Conflict, labels: Mapping[str, str], in_words: Callable[[str, object], str]) -> None:
    """What the other side saved meanwhile, field by field, beside what was typed."""
    st.warning(plain(translate(conflict.sentence)), icon=":material/sync_problem:")
    rows = [
        {
            _("Field"): labels.get(each.field, each.field),
            _("Before"): plain(in_words(each.field, each.original)),
            _("Saved meanwhile"): plain(in_words(each.field, each.theirs)),
            _("What you typed"): plain(in_words(each.field, each.mine)),
        }
        for each in conflict.changes
    ]
    if rows:
        st.table(rows)
