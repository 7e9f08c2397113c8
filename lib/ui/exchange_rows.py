"""Messages as rows of the action table: one look on the file of an action, on the client's screen and in the inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.domain import richtext
from lib.domain.chain import shown_number
from lib.domain.context import Context
from lib.domain.exchanges import DIRECTIONS, STATES, Direction, Exchange, ExchangeGesture, ExchangeRow, ExchangeState
from lib.domain.sentences import Sentence, say
from lib.ui import formats
from lib.ui.action_table import Cell, Column, Row
from lib.ui.statuses import Look
from lib.ui.words import _, translate

STATE_LOOKS: Mapping[ExchangeState, Look] = {
    ExchangeState.RECORDED: Look(STATES[ExchangeState.RECORDED], "edit_note", "gray"),
    ExchangeState.RECEIVED: Look(STATES[ExchangeState.RECEIVED], "mark_email_read", "blue"),
    ExchangeState.QUEUED: Look(STATES[ExchangeState.QUEUED], "schedule_send", "orange"),
    ExchangeState.SENT: Look(STATES[ExchangeState.SENT], "send", "green"),
    ExchangeState.FAILED: Look(STATES[ExchangeState.FAILED], "error", "red"),
}
DIRECTION_ICONS: Mapping[Direction, str] = {Direction.RECEIVED: "call_received", Direction.SENT: "call_made"}
REMINDER_ICON = "notification_important"
NO_SUBJECT = say("(no subject)")
NOTE_CHARS = 110

GESTURES: Mapping[ExchangeGesture, tuple[Sentence, str]] = {
    ExchangeGesture.ANSWER: (say("Reply"), "reply"),
    ExchangeGesture.RESEND: (say("Send again"), "replay"),
    ExchangeGesture.RETRACT: (say("Cancel the sending"), "cancel_schedule_send"),
    ExchangeGesture.EDIT: (say("Edit"), "edit"),
    ExchangeGesture.DELETE: (say("Delete"), "delete"),
    ExchangeGesture.DETACH: (say("Not about this action"), "move_to_inbox"),
}


def subject_of(exchange: Exchange) -> str:
    """Its subject, or a word that says it has none."""
    return exchange.subject or translate(NO_SUBJECT)


def correspondent_of(row: ExchangeRow) -> str:
    """Whom it is with: the contact, else the name that the message bore, else its address."""
    exchange = row.exchange
    return row.contact_name or exchange.correspondent_name or exchange.correspondent_email


def _who(ctx: Context, row: ExchangeRow) -> Cell:
    """Whoever wrote, and below to whom."""
    exchange = row.exchange
    person = ctx.reference.people.get(exchange.person_id or 0)
    us, them = person.name if person else _("us"), correspondent_of(row)
    sender, reader = (them, us) if exchange.direction == Direction.RECEIVED else (us, them)
    if exchange.is_sender_unknown:
        return Cell(sender, note=f"→ {reader}", icon=":material/person_alert:", label=_("Unknown sender"))
    return Cell(sender, note=f"→ {reader}")


def kind_cell(ctx: Context, exchange: Exchange) -> Cell:
    """What the message was for; a reminder (relance) in red."""
    kind = ctx.reference.exchange_kinds.get(exchange.kind_id or 0)
    if kind is None:
        return Cell()
    return Cell(kind.label, icon=f":material/{REMINDER_ICON}:", tone="red") if kind.is_reminder else Cell(kind.label)


def exchange_columns(*, with_action: bool = False) -> list[Column]:
    """The columns of a list of messages; on a client's screen each says its action."""
    return [
        Column("direction", _("Direction"), width="2.2rem", icon=":material/swap_vert:", align="center"),
        Column("at", _("Date"), width="8.2rem"),
        *([Column("action", _("Action"), width="5.2rem")] if with_action else []),
        Column("who", _("From → to"), width="2fr"),
        Column("subject", _("Subject"), width="4fr", opens=True),
        Column("kind", _("Kind"), width="1.7fr"),
        Column("state", _("State"), width="9.4rem"),
        Column("documents", _("Documents"), width="2.6rem", icon=":material/attach_file:", align="center"),
    ]


def exchange_rows(
    ctx: Context, rows: Sequence[ExchangeRow], *, menus: Mapping[int, Sequence[str]] | None = None
) -> list[Row]:
    """The rows of a list of messages; `menus` are the gestures that each one allows."""
    return [
        Row(str(row.exchange.id), _cells(ctx, row), menu=(menus or {}).get(row.exchange.id, ())) for row in rows
    ]  # fmt: skip


def _cells(ctx: Context, row: ExchangeRow) -> dict[str, str | Cell]:
    exchange = row.exchange
    local = exchange.at.astimezone(ctx.zone)
    direction, state = DIRECTIONS[exchange.direction], STATE_LOOKS[exchange.state]
    return {
        "direction": Cell(icon=f":material/{DIRECTION_ICONS[exchange.direction]}:", label=translate(direction)),
        "at": Cell(formats.when(local.date(), local.time(), today=ctx.today),
                   hint=formats.full(local.date(), local.time())),
        "action": shown_number(row.action_number) if row.action_number else "",
        "who": _who(ctx, row),
        "subject": Cell(subject_of(exchange), note=richtext.excerpt(exchange.body_text, NOTE_CHARS),
                        card=exchange.body_text),
        "kind": kind_cell(ctx, exchange),
        "state": Cell(translate(state.label), icon=f":material/{state.icon}:", tone=state.tone,
                      hint=waiting_text(ctx, row)),
        "documents": str(row.documents) if row.documents else "",
    }  # fmt: skip


def waiting_text(ctx: Context, row: ExchangeRow) -> str:
    """How far an e-mail that hasn't left is, and why; empty for any other message."""
    waiting, parts = row.waiting, list[str]()
    if waiting is None:
        return ""
    if waiting.is_leaving:
        parts.append(_("It is leaving right now."))
    elif waiting.next_try_at and waiting.tries:
        local = waiting.next_try_at.astimezone(ctx.zone)
        when = formats.when(local.date(), local.time(), today=ctx.today)
        parts.append(_("Next try: {when}.", when=when))
    if waiting.last_error:
        parts.append(translate(waiting.last_error))
    return " ".join(parts)
