"""Templates of messages: a subject and a text with fields in braces, such as `{client}`, filled for an action (R30)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lib.domain import richtext
from lib.domain.actions import client_file_of, opened_chain
from lib.domain.chain import Chain, SubAction, owners_of, shown_number
from lib.domain.changes import record_change
from lib.domain.checks import Checks, is_id
from lib.domain.clients import ClientFile
from lib.domain.context import Context, command, once, query
from lib.domain.errors import Conflict, Invalid, NotFound
from lib.domain.exchange_forms import Raw, checked_body, checked_kind, checked_subject
from lib.domain.holders import Entity
from lib.domain.inline_images import StoredText, drawn_first, link_images, with_images_stored
from lib.domain.rights import Operation, allowed, require
from lib.domain.sentences import Sentence, say
from lib.domain.text import checked_line, folded

MAX_LABEL = 120


class TemplateField(StrEnum):
    """What a template may name; the values are the English names."""

    CLIENT = "client"
    CONTACT = "contact"
    SITE = "site"
    NATURE = "action"
    PLANNED_DATE = "planned date"
    PLANNED_TIME = "time"
    SALESPERSON = "salesperson"
    NUMBER = "number"


FIELD_NAMES: Mapping[TemplateField, Sentence] = {
    TemplateField.CLIENT: say("client"),
    TemplateField.CONTACT: say("contact"),
    TemplateField.SITE: say("site"),
    TemplateField.NATURE: say("action"),
    TemplateField.PLANNED_DATE: say("planned date"),
    TemplateField.PLANNED_TIME: say("time"),
    TemplateField.SALESPERSON: say("salesperson"),
    TemplateField.NUMBER: say("number"),
}
"""As a user writes them in his language, between braces."""

# Folded, so that accents, case and blanks don't matter; templates are shared by people of both languages.
_FIELDS: Mapping[str, TemplateField] = {
    **{field.value: field for field in TemplateField},
    "date prevue": TemplateField.PLANNED_DATE,
    "heure": TemplateField.PLANNED_TIME,
    "commercial": TemplateField.SALESPERSON,
    "numero": TemplateField.NUMBER,
}
_BRACED = re.compile(r"\{([^{}<>\n]{1,60})\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """A message to start from; a disabled one is kept and no longer offered."""

    id: int = 0
    label: str
    position: int = 0
    is_active: bool = True
    kind_id: int | None = None
    subject: str = ""
    body_html: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Filled:
    """A text whose fields are filled; what couldn't be is left as it was: names that don't exist, values that lack."""

    text: str
    unknown: tuple[str, ...] = ()
    without_value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledMessage:
    """A template filled for an action, for the form to start from, and what its author has to write himself."""

    subject: str
    body_html: str
    kind_id: int | None
    unknown: tuple[str, ...]
    without_value: tuple[str, ...]


def filled(text: str, values: Mapping[TemplateField, str], *, is_html: bool) -> Filled:
    """`text` with each `{field}` replaced; values go into HTML as text."""
    unknown, without = dict[str, None](), dict[str, None]()

    def value(found: re.Match[str]) -> str:
        name = html.unescape(found[1]) if is_html else found[1]
        field = _FIELDS.get(folded(name))
        if field is None:
            unknown[" ".join(name.split())] = None
        elif not values.get(field):
            without[" ".join(name.split())] = None
        else:
            return html.escape(values[field], quote=False) if is_html else values[field]
        return found[0]

    return Filled(_BRACED.sub(value, text), tuple(unknown), tuple(without))


def unknown_fields(template: MessageTemplate) -> tuple[str, ...]:
    """The names in braces that mean nothing, for whoever writes the template."""
    subject, body = filled(template.subject, {}, is_html=False), filled(template.body_html, {}, is_html=True)
    return tuple(dict.fromkeys(subject.unknown + body.unknown))


def template_values(
    ctx: Context, chain: Chain, sub: SubAction, file: ClientFile, *, contact_id: int | None
) -> dict[TemplateField, str]:
    """What the fields hold for a sub-action, and the contact written to (its own unless told otherwise)."""
    contact = next((each for each in file.contacts if each.id == (contact_id or sub.contact_id)), None)
    site = next((each for each in file.sites if each.id == sub.site_id), None)
    nature = ctx.reference.natures.get(sub.nature_id)
    person = ctx.reference.people.get(sub.assignee_id or chain.action.responsible_id or 0)
    return {
        TemplateField.CLIENT: file.client.name,
        TemplateField.CONTACT: contact.name if contact else "",
        TemplateField.SITE: site.name if site else "",
        TemplateField.NATURE: nature.label if nature else "",
        TemplateField.PLANNED_DATE: f"{sub.planned_date:%d/%m/%Y}" if sub.planned_date else "",
        TemplateField.PLANNED_TIME: f"{sub.planned_time:%H:%M}" if sub.planned_time else "",
        TemplateField.SALESPERSON: person.name if person else "",
        TemplateField.NUMBER: shown_number(chain.action.number),
    }


# ---- use cases


@query
def message_templates(ctx: Context) -> list[MessageTemplate]:
    """Every template in display order, for who writes messages (who offers the active ones) and for administrators."""
    if allowed(ctx, Operation.EDIT_PARAMETERS):
        require(ctx, Operation.ADD_EXCHANGES)
    return ctx.store.message_templates.all()


@query
def message_from_template(
    ctx: Context, *, template_id: object, sub_action_id: object, contact_id: object = None
) -> FilledMessage:
    """A template filled for a sub-action; raises NotFound, NotAllowed."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id, for_update=False)
    require(ctx, Operation.ADD_EXCHANGES, owners_of(chain.action, *chain.sub_actions))
    template = ctx.store.message_templates.get(template_id) if is_id(template_id) else None
    if template is None or not template.is_active:
        raise NotFound
    sub = next(each for each in chain.sub_actions if each.id == sub_action_id)
    values = template_values(
        ctx, chain, sub, client_file_of(ctx, chain), contact_id=contact_id if is_id(contact_id) else None
    )
    subject = filled(template.subject, values, is_html=False)
    body = filled(richtext.clean(template.body_html), values, is_html=True)
    return FilledMessage(
        subject.text, body.text, template.kind_id,
        tuple(dict.fromkeys(subject.unknown + body.unknown)),
        tuple(dict.fromkeys(subject.without_value + body.without_value)),
    )  # fmt: skip


@drawn_first
@command
@once
def add_template(ctx: Context, *, raw: Raw, request_key: str) -> int:
    """Add a template (fields label, kind, subject, body, position, is_active); return its id. Raises Invalid."""
    require(ctx, Operation.EDIT_PARAMETERS)
    values = _checked(ctx, raw)
    stored = _stored(ctx, values, None)
    template_id = ctx.store.message_templates.add(values)
    link_images(ctx.store, stored.image_ids, Entity.MESSAGE_TEMPLATE, template_id, at=ctx.now, person_id=ctx.person.id)
    record_change(ctx, "add_template", entity="message_template", entity_id=template_id, version=1,
                  fields={name: (None, value) for name, value in values.items()})  # fmt: skip
    return template_id


@drawn_first
@command
def change_template(ctx: Context, *, template_id: object, version: int, raw: Raw) -> None:
    """Change a template, or disable it; `version` is the one its form opened on. Raises Invalid, NotFound, Conflict."""
    require(ctx, Operation.EDIT_PARAMETERS)
    before = ctx.store.message_templates.get(template_id) if is_id(template_id) else None
    if before is None:
        raise NotFound
    values = _checked(ctx, raw, before=before)
    _stored(ctx, values, before.id)
    if not ctx.store.message_templates.update(before.id, version=version, values=values):
        changes = ctx.store.changes.since("message_template", before.id, version)
        last = changes[-1] if changes else None
        raise Conflict(by=ctx.reference.people.get(last.person_id) if last else None, at=last.at if last else None)
    record_change(ctx, "change_template", entity="message_template", entity_id=before.id, version=version + 1,
                  fields={name: (getattr(before, name), value) for name, value in values.items()})  # fmt: skip


def _checked(ctx: Context, raw: Raw, *, before: MessageTemplate | None = None) -> dict[str, Any]:
    checks = Checks()
    kind = raw.get("kind")
    kept_id = before.kind_id if before else None
    values: dict[str, Any] = {
        "label": checks.run(lambda: checked_line("label", raw.get("label"), max_length=MAX_LABEL, required=True)),
        "kind_id": checks.run(lambda: checked_kind(ctx, kind, kept_id=kept_id)) if kind is not None else None,
        "subject": checks.run(lambda: checked_subject(raw.get("subject"), required=True)),
        "body_html": checks.run(lambda: checked_body(raw.get("body"))),
        "position": checks.run(lambda: _checked_position(raw.get("position", before.position if before else 0))),
        "is_active": raw.get("is_active", before.is_active if before else True) is not False,
    }
    if values["body_html"] == "":
        checks.problems.setdefault("body", say("Write the text of the template."))
    checks.done()
    return values


def _stored(ctx: Context, values: dict[str, Any], template_id: int | None) -> StoredText:
    """The text with its images in the store, written into `values` too."""
    stored = with_images_stored(ctx, values["body_html"], entity=Entity.MESSAGE_TEMPLATE, entity_id=template_id,
                                client_id=None, field="body")  # fmt: skip
    values["body_html"] = stored.html
    return stored


def _checked_position(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10_000:
        return raw
    raise Invalid({"position": say("Write a number from 0 to 9999.")})
