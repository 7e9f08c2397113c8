"""The service reports (CRIT) of the demo's two technicians, some of which a sales action was born from (R6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import cast

from sqlalchemy import update

from lib.db import tables as t
from lib.demo import texts
from lib.demo.agenda import Agenda, before_working_days
from lib.demo.chains import Author, Story
from lib.demo.clients import polite
from lib.demo.desk import Desk, in_french
from lib.demo.organisation import CALL, CAMILLE, CLEANING, CVC, KARIM, LUCIE, MEETING, QUOTE, VISIT
from lib.demo.visit_texts import WORKS, Work
from lib.domain import richtext
from lib.domain.clients import ClientFile
from lib.domain.durations import shown_duration
from lib.domain.service_reports import shown_report_number, write_service_report

VISITS, BORN = 36, 12
PAST_DAYS = 200
TECHNICIANS = (LUCIE, KARIM)


@dataclass(slots=True)
class Visit:
    """A report to write; `story` is the chain that was born from it, if any."""

    file: ClientFile
    technician: int
    day: date
    hour: time
    work: Work
    site_id: int
    contact_id: int | None
    written_at: datetime
    story: Story | None = None
    report_id: int = 0


def planned_visits(author: Author, stories: list[Story]) -> list[Visit]:
    """The visits in the order in which they are written; the chains born from them say so from their first line.

    To be asked before the chains are stored. Draws from a source of its own: the rest of the story stays what it was.
    """
    rng = Random(f"visits {author.today}")  # noqa: S311 - believable, not secret
    agenda = Agenda(rng, author.zone)
    visits = [_before(rng, agenda, author, story) for story in _born(rng, author, stories)]
    clients = [file for file in author.files.values() if file.client.is_active and file.client.relation == "client"]
    while len(visits) < VISITS:
        file, day = rng.choice(clients), before_working_days(author.today, rng.randint(1, PAST_DAYS * 5 // 7))
        contact = rng.choice(file.contacts)
        visits.append(_visit(rng, agenda, file, day, contact.site_id or rng.choice(file.sites).id, contact.id))
    visits.sort(key=lambda visit: (visit.written_at, visit.file.client.id))
    for number, visit in enumerate(visits, 1):
        if visit.story:
            _tell(visit, visit.story, number)
    return visits


def _born(rng: Random, author: Author, stories: list[Story]) -> list[Story]:
    """Short chains of clients, which a report explains well: open ones first, those of the account to try before."""
    since = author.agenda.instant(author.today - timedelta(days=PAST_DAYS), time(0))
    fitting = [
        story for story in stories
        if len(story.steps) <= 2 and story.file.client.relation == "client" and story.steps[0].sub.created_at
        and story.steps[0].sub.created_at >= since and story.steps[0].sub.org_unit_id in (CVC, CLEANING)
        and story.steps[0].sub.nature_id in (CALL, MEETING, VISIT, QUOTE) and story.steps[0].sub.assignee_id
    ]  # fmt: skip
    rng.shuffle(fitting)
    opened = [story for story in fitting if story.steps[-1].sub.is_open]
    opened = sorted(opened, key=lambda story: story.steps[-1].sub.assignee_id != CAMILLE)[: BORN // 2]
    others = [story for story in fitting if not story.steps[-1].sub.is_open]
    return (opened + others)[:BORN]


def _before(rng: Random, agenda: Agenda, author: Author, story: Story) -> Visit:
    """The visit of the working day before a chain was created, at the same place."""
    sub = story.steps[0].sub
    day = before_working_days(cast(datetime, sub.created_at).astimezone(author.zone).date(), 1)
    visit = _visit(rng, agenda, story.file, day, cast(int, sub.site_id), sub.contact_id)
    visit.story = story
    return visit


def _visit(
    rng: Random, agenda: Agenda, file: ClientFile, day: date, site_id: int, contact_id: int | None
) -> Visit:  # fmt: skip
    technician, work = rng.choice(TECHNICIANS), rng.choice(WORKS)
    hour = agenda.book(technician, day, work.minutes)
    written_at = agenda.instant(day, hour, after_min=work.minutes + rng.randint(5, 40))
    return Visit(file, technician, day, hour, work, site_id, contact_id, written_at)


def _tell(visit: Visit, story: Story, number: int) -> None:
    """The first detail of a chain begins with the report, as the form of the action proposes it."""
    values = {"number": shown_report_number(number), "day": in_french(visit.day), "equipment": visit.work.equipment}
    line = texts.filled("<p>Suite au {number} du {day} ({equipment}) :</p>", values)
    story.steps[0].detail_html = richtext.clean(line + visit.work.follow)


def write_visits(desk: Desk, visits: list[Visit]) -> None:
    """Store the reports as their technicians would have, and link the actions born from them."""
    for number, visit in enumerate(visits, 1):
        contact = next((each for each in visit.file.contacts if each.id == visit.contact_id), None)
        raw = {
            "client": visit.file.client.id, "site": visit.site_id, "contact": visit.contact_id,
            "technician": visit.technician, "done_on": visit.day, "start_time": visit.hour,
            "duration": shown_duration(visit.work.minutes), "equipment": visit.work.equipment,
            "body": visit.work.body, "signed_by": polite(contact.name) if contact and number % 6 else "",
        }  # fmt: skip
        visit.report_id = write_service_report(desk.at(visit.technician, visit.written_at), raw=raw, request_key="")
        if visit.story:
            _link(desk, visit.story, visit.report_id)


def _link(desk: Desk, story: Story, report_id: int) -> None:
    mine = t.action.c.id == story.steps[0].sub.action_id
    desk.store.connection.execute(update(t.action).where(mine).values(service_report_id=report_id))
