"""What people mistype and browsers forge: a sentence at the field, nothing half-saved, no other exception (R35)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from functools import partial

import pytest

from lib.domain import actions, drafts, reports
from lib.domain.clients import find_clients, open_client
from lib.domain.deals import create_deal, deals_of_client
from lib.domain.errors import Invalid, NotAllowed, NotFound
from lib.domain.fields import FIELDS
from lib.domain.lists import ActionFilter, Tab, list_actions
from lib.domain.parameters import PARAMETERS, change_parameter, parameter_states, touched_by
from lib.domain.richtext import text_of
from tests.builders import (
    World,
    a_context,
    a_key,
    a_next,
    a_report,
    a_report_raw,
    an_action,
    an_action_raw,
    set_parameter,
    stored_state,
    the_chain,
    the_sub,
)
from tests.domain.test_words_and_numbers import FORGED
from tests.naughty_strings import NAUGHTY

TYPED = ("site", "contact", "domain", "nature", "reason", "participants", "status", "planned_date", "planned_time",
         "duration", "assignee", "org_unit")  # fmt: skip
# Forged values that mean something where they stand: `1.5` is no duration, but `x` is a detail.
TEXTS = ("detail", "report")
LEGITIMATE = {("participants", "a list"), ("participants", "a set"), ("participants", "a mapping")} | {
    (field, name) for field in TEXTS for name in ("a word", "a NUL", "a surrogate")
}


def refused_fields(gesture: Callable[[], object]) -> set[str]:
    """The fields that refuse this gesture; none when it was accepted. Any other exception is a defect."""
    try:
        gesture()
    except Invalid as refused:
        return set(refused.fields)
    return set()


def is_legitimate(field: str, name: str) -> bool:
    return (field, name) in LEGITIMATE


def test_a_forged_value_in_any_field_of_a_new_action_is_refused_at_that_field(world: World) -> None:
    ctx, before = a_context(world, "sales"), stored_state(world.db)
    for field in ("client", "origin", "deal", "detail", *TYPED):
        for name, forged in FORGED.items():
            if field == "client" and name == "true":
                continue  # refused as any other, below
            if is_legitimate(field, name) or (field == "participants" and name == "a pair"):
                continue
            with pytest.raises(Invalid) as refused:
                actions.create_action(ctx, raw=an_action_raw(world, **{field: forged}), request_key=a_key())
            assert field in refused.value.fields, name
    assert stored_state(world.db) == before


def test_a_forged_value_in_any_field_of_an_edit_is_refused_at_that_field(world: World) -> None:
    sub = an_action(world, nature=world.meeting)
    done = an_action(world)
    a_report(world, done)
    ctx, before = a_context(world, "admin"), stored_state(world.db)
    for field in FIELDS:
        sub_id = done if FIELDS[field].is_report else sub
        for name, forged in FORGED.items():
            if is_legitimate(field, name) or (field == "participants" and name == "a pair"):
                continue
            version = the_sub(world, sub_id).version
            with pytest.raises(Invalid) as refused:
                actions.edit_sub_action(ctx, sub_action_id=sub_id, version=version, edits={field: forged})
            assert field in refused.value.fields, name
    assert stored_state(world.db) == before


def test_a_forged_report_or_next_action_is_refused_whole(world: World) -> None:
    sub, before = an_action(world), None
    before = stored_state(world.db)
    for field in ("done_on", "done_time", "done_duration", "result", "report", "follow_up"):
        for name, forged in FORGED.items():
            if not is_legitimate(field, name):
                with pytest.raises(Invalid) as refused:
                    a_report(world, sub, **{field: forged})
                assert field in refused.value.fields, name
    for field in TYPED:
        for name, forged in FORGED.items():
            if is_legitimate(field, name) or (field == "participants" and name == "a pair"):
                continue
            with pytest.raises(Invalid) as refused:
                a_report(world, sub, follow_up="sub_action", next=a_next(world, **{field: forged}))
            assert f"next.{field}" in refused.value.fields, name
    assert stored_state(world.db) == before


def test_a_forged_parameter_or_key_is_refused(world: World) -> None:
    ctx = a_context(world, "admin")
    before = stored_state(world.db)
    for key in PARAMETERS:
        for name, forged in FORGED.items():
            if name == "true" and isinstance(PARAMETERS[key].default, bool):
                continue
            with pytest.raises(Invalid):
                change_parameter(ctx, key=key, value=forged, version=0)
    with pytest.raises(NotFound):
        change_parameter(ctx, key="LOG_LEVEL", value=True, version=0)
    assert stored_state(world.db) == before


@pytest.mark.parametrize("who", ["sales", "manager", "reader"])
def test_only_an_administrator_sees_or_changes_the_parameters(world: World, who: str) -> None:
    ctx, before = a_context(world, who), stored_state(world.db)
    for gesture in (
        lambda: parameter_states(ctx),
        lambda: touched_by(ctx, key="ACTION_DATE_OBLIGATOIRE"),
        lambda: change_parameter(ctx, key="ACTION_DATE_OBLIGATOIRE", value=True, version=0),
    ):
        with pytest.raises(NotAllowed, match="administrator"):
            gesture()
    assert stored_state(world.db) == before


def test_a_parameter_tells_how_many_actions_it_touches_and_who_changed_it(world: World) -> None:
    set_parameter(world, "DETAIL_ACTION_COMMERCIAL_OBLIGATOIRE", False)
    an_action(world, detail="")
    an_action(world, status="to_plan")
    a_report(world, an_action(world, detail=""))
    ctx = a_context(world, "admin")
    assert touched_by(ctx, key="ACTION_DATE_OBLIGATOIRE") == 2
    assert touched_by(ctx, key="DETAIL_ACTION_COMMERCIAL_OBLIGATOIRE") == 1
    assert touched_by(ctx, key="PREREMPLIR_HEURE_REALISATION_ACTION_COMMERCIALE") == 0
    by_key = {state.parameter.key: state for state in parameter_states(ctx)}
    assert list(by_key) == list(PARAMETERS)
    changed = by_key["DETAIL_ACTION_COMMERCIAL_OBLIGATOIRE"]
    assert (changed.value, changed.changed_by_id, changed.version) == (False, world.admin, 1)
    assert by_key["ACTION_DATE_OBLIGATOIRE"].changed_by_id is None


# ---- texts


def test_naughty_texts_are_kept_as_their_author_meant_them_or_refused_at_their_field(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    action_id = the_chain(world, sub).action.id
    done = an_action(world)
    a_report(world, done)
    for number, naughty in enumerate(NAUGHTY):
        for sub_id, field in ((sub, "detail"), (done, "report"))[number % 2 :]:
            edit = partial(actions.edit_sub_action, ctx, sub_action_id=sub_id, edits={field: naughty})
            if refused := refused_fields(partial(edit, version=the_sub(world, sub_id).version)):
                assert refused == {field}, naughty
                continue
            file = actions.open_action(ctx, sub_action_id=sub_id)
            html = file.detail_html if field == "detail" else file.report_html
            excerpt = file.sub.detail_text if field == "detail" else file.sub.report_text
            assert html, naughty
            assert "<script" not in html, naughty
            assert "onerror" not in html or "&lt;" in html, naughty
            assert "\x00" not in html, naughty
            assert excerpt == text_of(html)[:600], naughty
        raw = {"title": naughty[:160]}
        assert refused_fields(partial(create_deal, ctx, action_id=action_id, raw=raw, request_key=a_key())) <= {
            "title"
        }, naughty
    assert len(deals_of_client(ctx, client_id=world.dupont)) > len(NAUGHTY) - 10


def test_naughty_comments_cancel_or_are_refused(world: World) -> None:
    ctx = a_context(world, "sales")
    for naughty in NAUGHTY[::4]:
        sub = an_action(world)
        cancel = partial(actions.cancel, ctx, sub_action_id=sub, version=1, reason=naughty)
        refused = refused_fields(cancel)
        assert refused <= {"reason"}
        assert bool(the_sub(world, sub).cancel_reason) == (not refused)


def test_naughty_words_search_without_an_error(world: World) -> None:
    an_action(world)
    ctx = a_context(world, "sales")
    for naughty in NAUGHTY:
        assert list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL, text=naughty)).total <= 1
        find_clients(ctx, text=naughty)


def test_a_text_of_ten_megabytes_is_kept_and_one_of_sixteen_is_refused(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    big = "<p>" + "mot " * 2_500_000 + "</p>"
    chain = actions.edit_sub_action(ctx, sub_action_id=sub, version=1, edits={"detail": big})
    assert len(chain.last.detail_text) == 600
    before = stored_state(world.db)
    with pytest.raises(Invalid, match="too heavy"):
        actions.edit_sub_action(ctx, sub_action_id=sub, version=2, edits={"detail": big * 2})
    with pytest.raises(Invalid, match="Too long"):
        actions.cancel(ctx, sub_action_id=sub, version=2, reason=big)
    with pytest.raises(Invalid, match="not understood"):
        actions.edit_sub_action(ctx, sub_action_id=sub, version=2, edits={"duration": big})
    assert stored_state(world.db) == before


# ---- clients and drafts


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dupont", ["SARL Dupont & Fils"]),  # not the client that is asleep
        ("DUP fil", ["SARL Dupont & Fils"]), ("dup69", ["SARL Dupont & Fils"]), ("vénis", ["SARL Dupont & Fils"]),
        ("lefevre", ["SARL Dupont & Fils"]), ("OEUVRARD", ["SARL Dupont & Fils"]), ("69200", ["SARL Dupont & Fils"]),
        ("04 78", ["SARL Dupont & Fils"]), ("+33 4 78", ["SARL Dupont & Fils"]), ("0478123456", ["SARL Dupont & Fils"]),
        ("0033 4 78 12", ["SARL Dupont & Fils"]), ("04.72.00", ["SARL Dupont & Fils"]),
        ("06 11", ["SARL Dupont & Fils"]), ("+33 (0)4 66", ["Leroy"]), ("zoé mar", ["Leroy"]),
        ("le", ["Leroy", "SARL Dupont & Fils"]),
        ("d", []), ("", []), ("  ", []), ("upont", []), ("dupont zzz", []), ("9", []), ("&", []),
    ],
)  # fmt: skip
def test_a_client_is_found_by_the_beginnings_of_its_words_and_numbers(
    world: World, typed: str, found: list[str]
) -> None:
    assert [each.client.name for each in find_clients(a_context(world, "reader"), text=typed)] == found


def test_a_forged_client_is_not_found(world: World) -> None:
    ctx = a_context(world, "sales")
    for name, forged in FORGED.items():
        with pytest.raises(NotFound):
            open_client(ctx, client_id=forged)
        assert find_clients(ctx, text=forged if name in ("a word", "a NUL") else "zz") == []


def test_a_draft_comes_back_as_it_was_typed_to_its_author_only(world: World) -> None:
    ctx = a_context(world, "sales")
    content = {"done_on": date(2026, 3, 4), "done_time": time(9, 15), "participants": [1, 2], "report": "<p>é\x00</p>",
               "result": None, "is_new": True, "next": {"nature": 3, "planned_date": date(2026, 3, 9)}}  # fmt: skip
    drafts.keep_draft(ctx, form="report", record_id=7, content=content, version=3)
    drafts.keep_draft(ctx, form="report", record_id=7, content={**content, "result": 5}, version=3)
    kept = drafts.kept_draft(ctx, form="report", record_id=7)
    assert kept is not None
    assert (dict(kept.content), kept.version) == ({**content, "result": 5}, 3)
    assert drafts.kept_draft(a_context(world, "admin"), form="report", record_id=7) is None
    drafts.drop_draft(ctx, form="report", record_id=7)
    assert drafts.kept_drafts(ctx) == []


def test_a_draft_with_forged_values_does_not_hide_the_others(world: World) -> None:
    ctx = a_context(world, "sales")
    drafts.keep_draft(ctx, form="edit", record_id=1, content={"detail": "bon"}, version=1)
    for record, forged in enumerate(({"date": "hier"}, {"time": "25:99"}, {"date": 5}, "\ud800\x00", float("nan")), 2):
        drafts.keep_draft(ctx, form="edit", record_id=record, content={"detail": forged}, version=1)
    assert {draft.record_id for draft in drafts.kept_drafts(ctx)} == {1, 2, 3, 4, 5, 6}


def test_every_text_of_a_report_is_checked_before_anything_is_stored(world: World) -> None:
    sub, before = an_action(world), None
    before = stored_state(world.db)
    raw = a_report_raw(report="<p>Signé</p>", follow_up="sub_action", next=a_next(world, detail="<p> </p>"))
    with pytest.raises(Invalid) as refused:
        reports.enter_report(a_context(world, "sales"), sub_action_id=sub, version=1, raw=raw, request_key=a_key())
    assert list(refused.value.fields) == ["next.detail"]
    assert stored_state(world.db) == before
