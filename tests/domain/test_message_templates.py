"""Templates of messages: fields filled with what the action knows; what it doesn't stays visible and is told (R30)."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.message_templates import (
    FIELD_NAMES,
    MessageTemplate,
    TemplateField,
    add_template,
    change_template,
    filled,
    message_from_template,
    message_templates,
    unknown_fields,
)
from lib.ui.words import translate, use_language
from tests.builders import a_context, a_key, an_action, put, stored_state, the_chain
from tests.domain.test_words_and_numbers import FORGED, FORGED_VALUES

VALUES = {
    TemplateField.CLIENT: "Dupont & <Fils>", TemplateField.PLANNED_DATE: "09/03/2026", TemplateField.NUMBER: "A000012",
    TemplateField.CONTACT: "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Bonjour {client}", "Bonjour Dupont & <Fils>"),
        ("{CLIENT}{ Client }", "Dupont & <Fils>Dupont & <Fils>"),
        ("le {date prévue}, dit {Date  Prevue} ou {planned date}", "le 09/03/2026, dit 09/03/2026 ou 09/03/2026"),
        ("{numéro}", "A000012"),
        ("rien", "rien"),
        ("{", "{"),
        ("{}", "{}"),
        ("{client", "{client"),
        ("{{client}}", "{Dupont & <Fils>}"),
    ],
)
def test_fields_are_read_however_they_are_written(text, result):
    assert filled(text, VALUES, is_html=False).text == result


def test_values_go_into_html_as_text_and_names_are_read_out_of_it():
    got = filled("<p>{client} {date&nbsp;prévue}</p>", VALUES, is_html=True)
    assert got.text == "<p>Dupont &amp; &lt;Fils&gt; 09/03/2026</p>"


def test_what_has_no_value_and_what_doesnt_exist_stays_and_is_told():
    got = filled("{contact} {prix}, {Prix}, {prix}", VALUES, is_html=False)
    assert got.text == "{contact} {prix}, {Prix}, {prix}"
    assert (got.without_value, got.unknown) == (("contact",), ("prix", "Prix"))


def test_a_value_is_never_read_as_a_field():
    values = {TemplateField.CLIENT: "{contact}", TemplateField.CONTACT: "Anne"}
    assert filled("{client}", values, is_html=False).text == "{contact}"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_field_is_understood_as_it_is_named_in_each_language(language):
    use_language(language)
    for field, name in FIELD_NAMES.items():
        text = filled(f"{{{translate(name)}}}", {field: "value"}, is_html=False)
        assert text.text == "value", translate(name)


def a_template_raw(**values: Any) -> dict[str, Any]:
    return {"label": "Rappel", "subject": "{client} : {action} du {date prévue}", "body": "<p>Bonjour {contact}</p>",
            **values}  # fmt: skip


def added(world, who: str = "admin", **values: Any) -> int:
    return add_template(a_context(world, who), raw=a_template_raw(**values), request_key=a_key())


def test_a_template_is_filled_with_what_the_action_knows(world):
    sub = an_action(
        world, contact=world.anne, site=world.plant, planned_date=date(2026, 3, 9), planned_time=time(14, 30),
        status="planned",
    )  # fmt: skip
    template = added(world, kind=world.reminder, body="<p>{contact}, {site}, {heure}, {commercial}, {numéro}</p>")
    message = message_from_template(a_context(world, "sales"), template_id=template, sub_action_id=sub)
    assert message.subject == "SARL Dupont & Fils : Appel du 09/03/2026"
    number = the_chain(world, sub).action.number
    assert message.body_html == f"<p>Anne Lefèvre, Usine, 14:30, Sales, A{number:06d}</p>"
    assert (message.kind_id, message.unknown, message.without_value) == (world.reminder, (), ())
    other = message_from_template(
        a_context(world, "sales"), template_id=template, sub_action_id=sub, contact_id=world.paul
    )
    assert "Paul Œuvrard" in other.body_html


def test_what_the_action_doesnt_know_is_told(world):
    sub = an_action(world)
    template = added(world, body="<p>{contact} {prix}</p>")
    message = message_from_template(a_context(world, "sales"), template_id=template, sub_action_id=sub)
    assert (message.without_value, message.unknown) == (("date prévue", "contact"), ("prix",))


def test_the_author_of_a_template_is_told_which_fields_dont_exist():
    template = MessageTemplate(label="x", subject="{client} {clien}", body_html="<p>{prix} {contact}</p>")
    assert unknown_fields(template) == ("clien", "prix")


def test_templates_are_kept_in_their_order_and_the_journal_tells(world):
    first, second = added(world, position=2), added(world, label="Devis", position=1)
    listed = message_templates(a_context(world, "sales"))
    assert [each.id for each in listed] == [second, first]
    change_template(a_context(world, "admin"), template_id=first, version=1, raw=a_template_raw(is_active=False))
    changed = next(each for each in message_templates(a_context(world, "admin")) if each.id == first)
    assert (changed.is_active, changed.position, changed.version) == (False, 2, 2)
    changes = world.db.read(lambda store: store.changes.since("message_template", first, 1))
    assert [(each.field, each.new) for each in changes] == [("is_active", "false")]


def test_a_disabled_template_is_no_longer_filled(world):
    template, sub = added(world, is_active=False), an_action(world)
    for template_id in (template, 987654, "1"):
        with pytest.raises(NotFound):
            message_from_template(a_context(world, "sales"), template_id=template_id, sub_action_id=sub)


def test_templates_are_of_who_writes_and_changed_by_administrators(world):
    template, sub = added(world), an_action(world)
    before = stored_state(world.db)
    for who in ("sales", "manager", "reader"):
        with pytest.raises(NotAllowed):
            added(world, who)
        with pytest.raises(NotAllowed):
            change_template(a_context(world, who), template_id=template, version=1, raw=a_template_raw())
    with pytest.raises(NotAllowed):
        message_templates(a_context(world, "reader"))
    with pytest.raises(NotAllowed):
        message_from_template(a_context(world, "reader"), template_id=template, sub_action_id=sub)
    with pytest.raises(NotFound):
        message_from_template(a_context(world, "far"), template_id=template, sub_action_id=sub)
    assert stored_state(world.db) == before


def test_two_administrators_dont_overwrite_each_other(world):
    template = added(world)
    change_template(a_context(world, "admin"), template_id=template, version=1, raw=a_template_raw(label="Un"))
    with pytest.raises(Conflict) as conflict:
        change_template(a_context(world, "admin"), template_id=template, version=1, raw=a_template_raw(label="Deux"))
    assert conflict.value.by
    assert conflict.value.by.id == world.admin


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"label": " "}, "label"), ({"label": "x" * 121}, "label"), ({"subject": ""}, "subject"),
     ({"subject": "a\nb"}, "subject"), ({"body": "<p><br></p>"}, "body"), ({"kind": 987654}, "kind"),
     ({"position": -1}, "position"), ({"position": "x"}, "position"), ({"body": "<b>" * 3000}, "body")],
)  # fmt: skip
def test_what_a_template_lacks_is_said_at_its_field(world, wrong, field):
    with pytest.raises(Invalid) as refusal:
        added(world, **wrong)
    assert set(refusal.value.fields) == {field}


@FORGED_VALUES
def test_forged_values_are_refused_or_read_as_nothing(world, name):
    for field in ("kind", "position"):
        with pytest.raises(Invalid):
            added(world, **{field: FORGED[name]})
    with pytest.raises(NotFound):
        change_template(a_context(world, "admin"), template_id=FORGED[name], version=1, raw=a_template_raw())


def test_a_kind_that_was_disabled_meanwhile_stays(world):
    template = added(world, kind=world.message)
    put(world, t.message_template, template, kind_id=world.telegram)
    change_template(a_context(world, "admin"), template_id=template, version=1, raw=a_template_raw(kind=world.telegram))
    with pytest.raises(Invalid, match="disabled"):
        added(world, kind=world.telegram)
