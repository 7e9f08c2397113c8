"""The demo's exchanges: brochures sent and answered by e-mail, calls noted by hand, reminders, and two to attach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, cast

from lib.demo import message_texts as said
from lib.demo import texts
from lib.demo.agenda import before_working_days
from lib.demo.chains import Author, Step, Story
from lib.demo.clients import STORY_DONE, polite
from lib.demo.desk import Desk
from lib.demo.message_texts import Said
from lib.demo.organisation import CALL, CAMILLE, DOCUMENT, HELENE, MEETING, NADIA, QUOTE
from lib.domain import richtext
from lib.domain.chain import FollowUp, Status
from lib.domain.clients import Contact
from lib.domain.documents import kept_document
from lib.domain.exchange_records import record_exchange
from lib.domain.exchanges import Direction, ExchangeState
from lib.domain.files import AcceptedFile
from lib.domain.holders import Entity
from lib.domain.message_templates import add_template

E_MAIL_DAYS = 60
BROCHURES, BY_HAND, REMINDERS = 30, 16, 3
SENDER = "relais.example"


@dataclass(frozen=True, slots=True)
class _About:
    """What a message is about: an action, and the contact it is exchanged with."""

    story: Story
    step: Step
    contact: Contact


class Correspondence:
    """Writes the messages of chains that are stored. Draws from a source of its own."""

    def __init__(self, desk: Desk, author: Author, stories: list[Story]) -> None:
        self.desk, self.author, self.stories = desk, author, stories
        self.rng = Random(f"messages {author.today}")  # noqa: S311 - believable, not secret
        self.kinds = {kind.label: kind.id for kind in desk.reference.exchange_kinds.values()}
        self.midnight = author.agenda.instant(author.today, time(0))

    def write(self, brochure: AcceptedFile | None) -> None:
        """All of them; the `brochure` hangs on each e-mail that promises it."""
        self._templates()
        self._e_mails(brochure)
        self._by_hand()
        self._reminders()
        self._to_attach()

    def _templates(self) -> None:
        at = self.midnight - timedelta(days=90)
        for position, (label, each) in enumerate(zip(said.TEMPLATE_LABELS, said.TEMPLATES, strict=True), 1):
            raw = {"label": label, "kind": self.kinds[each.kind], "subject": each.subject, "body": each.body,
                   "position": position, "is_active": True}  # fmt: skip
            add_template(self.desk.at(HELENE, at), raw=raw, request_key="")

    # ---- by e-mail, as the outbox and the mailbox would have left them

    def _e_mails(self, brochure: AcceptedFile | None) -> None:
        since = self.author.today - timedelta(days=E_MAIL_DAYS)
        sent = [
            about for about in self._steps()
            if about.step.sub.nature_id == DOCUMENT and about.step.sub.status == Status.DONE
            and about.step.sub.done_on and about.step.sub.done_on >= since
        ]  # fmt: skip
        first = [about for about in sent if about.story.file.client.name == STORY_DONE]
        for number, about in enumerate(first + self._some(sent, BROCHURES - len(first), besides=first), 1):
            sub = about.step.sub
            at = cast(datetime, sub.reported_at)
            message_id = f"demo-{number:03d}@{SENDER}"
            exchange_id = self._added(about, said.BROCHURE, Direction.SENT, at=at, message_id=message_id)
            if brochure:
                kept_document(
                    self.desk.store, file=brochure, client_id=about.story.file.client.id, entity=Entity.EXCHANGE,
                    entity_id=exchange_id, at=at, person_id=sub.reported_by,
                )  # fmt: skip
            answered_at = at + timedelta(hours=self.rng.randint(20, 30))
            if (number % 2 or about in first) and answered_at < self.midnight:
                answer = said.ANSWERS[number % len(said.ANSWERS)]
                self._added(about, answer, Direction.RECEIVED, at=answered_at, in_reply_to=message_id,
                            message_id=f"answer-{number:03d}@{about.contact.email.partition('@')[2]}")  # fmt: skip

    def _added(self, about: _About, each: Said, direction: Direction, *, at: datetime, **more: Any) -> int:
        sub, is_sent = about.step.sub, direction == Direction.SENT
        values = self._values(about, sub.reported_by)
        body = richtext.clean(texts.filled(each.body, values))
        return self.desk.store.exchanges.add({
            "client_id": about.story.file.client.id, "action_id": sub.action_id, "contact_id": about.contact.id,
            "kind_id": self.kinds[each.kind], "direction": direction,
            "state": ExchangeState.SENT if is_sent else ExchangeState.RECEIVED, "person_id": sub.reported_by, "at": at,
            "subject": each.subject.format_map(values), "body_html": body, "body_text": richtext.text_of(body),
            "correspondent_name": about.contact.name, "correspondent_email": about.contact.email,
            "created_by": sub.reported_by if is_sent else None, "created_at": at, **more,
        })  # fmt: skip

    def _to_attach(self) -> None:
        """One of a contact of a client, one of somebody unknown: both came in the last days."""
        file = next(f for f in self.author.files.values() if f.client.is_active and f.client.relation == "client")
        contact = file.contacts[0]
        values = {"contact": contact.name, "client": file.client.name}
        senders = ((contact.name, contact.email, file.client.id, contact.id), (*said.STRANGER, None, None))
        for days, each, (name, email, client_id, contact_id) in zip((1, 2), said.WAITING, senders, strict=True):
            day = before_working_days(self.author.today, days)
            at, body = self.author.agenda.instant(day, time(8, 40)), richtext.clean(texts.filled(each.body, values))
            self.desk.store.exchanges.add({
                "client_id": client_id, "contact_id": contact_id, "direction": Direction.RECEIVED,
                "state": ExchangeState.RECEIVED, "at": at, "subject": each.subject, "body_html": body,
                "body_text": richtext.text_of(body), "correspondent_name": name, "correspondent_email": email,
                "message_id": f"waiting-{days}@{email.partition('@')[2]}", "created_at": at,
            })  # fmt: skip

    # ---- noted by hand

    def _by_hand(self) -> None:
        """Calls and meetings around actions that are still open, on the day before."""
        opened = [about for about in self._opened() if about.step.sub.nature_id in (CALL, MEETING, QUOTE)]
        for number, about in enumerate(self._some(opened, BY_HAND)):
            direction, each = said.BY_HAND[number % len(said.BY_HAND)]
            self._recorded(about, each, direction)

    def _reminders(self) -> None:
        """Clients who insist, on open actions of the two accounts that people try first: their count is red."""
        opened = self._opened()
        mine = [[a for a in opened if a.step.sub.assignee_id == who] for who in (NADIA, CAMILLE, CAMILLE)]
        taken: list[_About] = []
        for each, candidates in zip(said.REMINDERS, mine, strict=True):
            taken += self._some(candidates, 1, besides=taken)
            self._recorded(taken[-1], each, "received")

    def _recorded(self, about: _About, each: Said, direction: str) -> None:
        sub = about.step.sub
        person = sub.assignee_id or sub.created_by
        created = cast(datetime, sub.created_at).astimezone(self.author.zone)
        day = max(before_working_days(self.author.today, 1), created.date())
        hour = time(16, 30) if day > created.date() else max(created.time().replace(second=0, microsecond=0), time(17))
        values = self._values(about, person)
        raw = {
            "direction": direction, "kind": self.kinds[each.kind], "person": person, "contact": about.contact.id,
            "on": day, "time": hour, "subject": each.subject.format_map(values),
            "body": texts.filled(each.body, values),
        }  # fmt: skip
        at = self.author.agenda.instant(day, hour, after_min=10)
        record_exchange(self.desk.at(person, at), action_id=sub.action_id, raw=raw, request_key="")

    # ---- what there is to write about

    def _steps(self) -> list[_About]:
        found = []
        for story in self.stories:
            for step in story.steps:
                contact = next((c for c in story.file.contacts if c.id == step.sub.contact_id), None)
                if contact:
                    found.append(_About(story, step, contact))
        return found

    def _opened(self) -> list[_About]:
        """Open ones that somebody has, whom nobody reported on in advance."""
        return [
            about for about in self._steps()
            if about.step.sub.is_open and about.step.sub.assignee_id and about.step.sub.follow_up != FollowUp.DEAL
        ]  # fmt: skip

    def _some(self, found: list[_About], count: int, *, besides: list[_About] | None = None) -> list[_About]:
        """Some of them, one an action."""
        taken = {about.step.sub.action_id for about in besides or []}
        by_action = {a.step.sub.action_id: a for a in found if a.step.sub.action_id not in taken}
        return self.rng.sample(list(by_action.values()), min(count, len(by_action)))

    def _values(self, about: _About, person_id: int | None) -> dict[str, str]:
        file, sub = about.story.file, about.step.sub
        site = next((s.name for s in file.sites if s.id == sub.site_id), file.client.town)
        domain = self.desk.reference.domains.get(sub.domain_id or 0)
        person = self.desk.reference.people.get(person_id or 0)
        return about.story.values | {
            "client": file.client.name, "contact": polite(about.contact.name), "phone": about.contact.phone,
            "site": site, "domain": domain.label if domain else "", "person": person.name if person else "",
        }  # fmt: skip
