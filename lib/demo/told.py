"""The example of the manual: telesales call, send the brochure and hand over to the field; once told, once to play."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from lib.demo import texts
from lib.demo.agenda import before_working_days
from lib.demo.chains import Author, Step, Story
from lib.demo.clients import STORY_DONE, STORY_TO_PLAY
from lib.demo.organisation import CALL, CAMILLE, CVC, DOCUMENT, MEETING, NADIA, TELESALES
from lib.domain.calendar import after_working_days
from lib.domain.chain import FollowUp, Status, SubAction


def told_stories(author: Author) -> list[Story]:
    """The chain whose sub-action 03 waits for the field salesperson, and the one whose 01 waits for the newcomer."""
    return [_told(author), _to_play(author)]


def _begun(author: Author, client: str) -> Story:
    return Story(author.files[client], origin_id=1, values=texts.figures(author.rng) | {"units": "12"})


def _step(author: Author, story: Story, nature: int, seq: int, day: date) -> SubAction:
    contact = story.file.contacts[0]
    unit = CVC if nature == MEETING else TELESALES
    labels = {CVC: "Contrat d'entretien", TELESALES: "Maintenance"}
    domains = author.reference.domains.values()
    domain = next(d.id for d in domains if d.business_activity_id == unit and d.label == labels[unit])
    reasons = author.reference.reasons_of(nature)
    return SubAction(
        seq=seq, nature_id=nature, domain_id=domain, reason_id=reasons[0].id if reasons else None,
        site_id=contact.site_id or story.file.sites[0].id, contact_id=contact.id, org_unit_id=unit,
        assignee_id=CAMILLE if nature == MEETING else NADIA, created_by=NADIA,
        duration_min=author.reference.natures[nature].duration_min,
        created_at=author.agenda.instant(day, time(9, 5)),
    )  # fmt: skip


def _told(author: Author) -> Story:
    story, today = _begun(author, STORY_DONE), author.today
    created, called, sent = (before_working_days(today, count) for count in (5, 4, 3))
    done = [(CALL, called, "Intéressé", "call", time(10, 15)), (DOCUMENT, sent, "Bien reçu", "document", time(11))]
    at = author.agenda.instant(created, time(9, 5))
    for seq, (nature, day, result, name, hour) in enumerate(done, 1):
        reported_at = author.agenda.instant(day, hour, after_min=20)
        sub = replace(
            _step(author, story, nature, seq, created), created_at=at, status=Status.DONE, version=2, planned_date=day,
            planned_time=hour, done_on=day, done_time=hour, done_duration_min=15, reported_by=NADIA,
            reported_at=reported_at, follow_up=FollowUp.SUB_ACTION, result_id=author.result_of(nature, result),
        )  # fmt: skip
        detail, report = (author.text(story, sub, texts.TOLD[key]) for key in (name, f"{name}_done"))
        story.steps.append(Step(sub, detail, report))
        at = reported_at
    meeting = replace(
        _step(author, story, MEETING, 3, sent), created_at=at, status=Status.PLANNED,
        planned_date=after_working_days(today, 2), planned_time=time(14),
    )  # fmt: skip
    story.steps.append(Step(meeting, author.text(story, meeting, texts.TOLD["meeting"])))
    return story


def _to_play(author: Author) -> Story:
    story = _begun(author, STORY_TO_PLAY)
    call = _step(author, story, CALL, 1, before_working_days(author.today, 1))
    story.steps.append(Step(call, author.text(story, call, texts.TOLD["to_play"])))
    return story
