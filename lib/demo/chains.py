"""Chains written out: who does what when, what was said of it, and what followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random

from lib.demo import texts
from lib.demo.agenda import Agenda, before_working_days
from lib.demo.clients import STORY_DONE, STORY_TO_PLAY, polite
from lib.demo.organisation import (
    ARRIVED_DAYS,
    BERNARD,
    CALL,
    CAMILLE,
    CLEANING,
    CVC,
    DOCUMENT,
    FAIR,
    FAX,
    INES,
    JULIEN,
    LEFT_DAYS,
    MARC,
    MEETING,
    NADIA,
    PHILIPPE,
    QUOTE,
    REVIEW,
    TELESALES,
    THOMAS,
    VISIT,
)
from lib.demo.plots import FIELD_UNITS, Ending, Plot, natures_of
from lib.domain import richtext
from lib.domain.calendar import after_working_days
from lib.domain.catalog import Choice
from lib.domain.chain import FollowUp, Status, SubAction
from lib.domain.clients import ClientFile
from lib.domain.reference import Reference

WHO: Mapping[int, tuple[int, ...]] = {
    CVC: (CAMILLE,) * 5 + (THOMAS,) * 2 + (PHILIPPE,),
    CLEANING: (MARC,) * 4 + (THOMAS,) * 2 + (INES,),
    TELESALES: (NADIA,) * 4 + (INES,),
}
"""Who has the actions of a unit, as often as named."""
GOES_ON: Mapping[tuple[int, bool], tuple[str, ...]] = {  # nature, and whether the same one follows
    (CALL, True): ("À rappeler", "Absent"),
    (CALL, False): ("Intéressé",),
    (DOCUMENT, False): ("Envoyé", "Envoyé", "Bien reçu"),
    (DOCUMENT, True): ("Adresse erronée",),
    (MEETING, True): ("À revoir", "Absent"),
    (MEETING, False): ("Intéressé", "Devis demandé"),
    (VISIT, True): ("À compléter", "Accès impossible"),
    (VISIT, False): ("Relevé fait",),
    (QUOTE, True): ("À rappeler", "En réflexion"),
    (QUOTE, False): ("En réflexion",),
    (FAIR, False): ("Contact pris",),
    (REVIEW, False): ("Renégociation demandée", "Réclamation"),
    (FAX, False): ("Envoyé",),
}
ENDS: Mapping[int, tuple[str, ...]] = {
    CALL: ("Joint", "Joint", "Refus"), DOCUMENT: ("Envoyé", "Bien reçu"), MEETING: ("Refus",), VISIT: ("Sans suite",),
    QUOTE: ("Perdu",), FAIR: ("Sans intérêt",), REVIEW: ("Satisfait", "Satisfait", "Départ annoncé"), FAX: ("Envoyé",),
}  # fmt: skip
OLD_DAYS = 300
"""Before, the values that are disabled today could still be chosen."""


@dataclass(slots=True)
class Step:
    """A sub-action with its whole texts."""

    sub: SubAction
    detail_html: str
    report_html: str = ""


@dataclass(slots=True)
class Story:
    """A chain to store: its client, its origin, its steps, and what its texts tell of."""

    file: ClientFile
    origin_id: int | None
    steps: list[Step] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


class Author:
    """Writes chains."""

    def __init__(self, rng: Random, reference: Reference, files: list[ClientFile], today: date, zone: tzinfo) -> None:
        self.rng, self.reference, self.today, self.zone = rng, reference, today, zone
        self.agenda = Agenda(rng, zone)
        self.files = {file.client.name: file for file in files}
        self._usual = [file for file in files if file.client.is_active]
        self._usual = [file for file in self._usual if file.client.name not in (STORY_DONE, STORY_TO_PLAY)]
        self._domains = {
            unit: [d for d in reference.domains.values() if d.business_activity_id == unit] for unit in reference.units
        }

    def write(self, plot: Plot, *, cancelled_between: bool = False) -> Story:
        """The chain of a plot; `cancelled_between` cancels its second sub-action before it goes on."""
        rng, natures = self.rng, natures_of(self.rng, plot)
        days = self._days(plot)
        file = rng.choice(self._usual)
        story = Story(file, self._choice(self.reference.origins.values(), days[0], 0.75), values=texts.figures(rng))
        owners = self._owners(plot, natures, days[1:])
        contact = rng.choice(file.contacts)
        place = (contact.site_id or rng.choice(file.sites).id, contact.id)
        domains = {unit: self._choice(self._domains[unit or CVC], days[0], 1) for _who, unit in owners}
        at: datetime | None = self.agenda.instant(days[0], time(9), after_min=rng.randrange(480))
        by = owners[0][0] or PHILIPPE
        for index, (nature, day, (person, unit)) in enumerate(zip(natures, days[1:], owners, strict=True)):
            is_last = index == len(natures) - 1
            if nature == DOCUMENT and days[0] < self.today - timedelta(days=OLD_DAYS) and rng.random() < 0.06:
                nature = FAX
            sub = SubAction(
                seq=index + 1, site_id=place[0], contact_id=place[1], domain_id=domains[unit], nature_id=nature,
                reason_id=self._choice(self.reference.reasons_of(nature), days[0], 0.8), assignee_id=person,
                org_unit_id=unit, duration_min=self.reference.natures[nature].duration_min, created_by=by,
                created_at=at, participant_ids=self._participants(nature, person),
            )  # fmt: skip
            step = Step(sub, self._detail(story, sub, natures[:index], owners[:index]))
            if is_last and plot.ending not in (Ending.DONE, Ending.DEAL, Ending.CANCELLED):
                self._leave_open(step, plot)
            elif (is_last and plot.ending == Ending.CANCELLED) or (cancelled_between and index == 1):
                self._cancel(step, day)
            else:
                following = None if is_last else natures[index + 1]
                self._report(story, step, day, days[index], following, plot.ending)
            story.steps.append(step)
            at, by = self._end_of(step.sub)
        return story

    # ---- when and who

    def _days(self, plot: Plot) -> list[date]:
        """The day of the creation, then that of each sub-action: the last one's is the plot's."""
        days = [plot.day]
        if plot.ending in (Ending.PLANNED, Ending.WISHED, Ending.UNDATED):
            days = [plot.day, before_working_days(min(plot.day, self.today), self.rng.choice((1, 1, 2, 3, 4, 6, 9)))]
        while len(days) <= plot.length:
            days.append(before_working_days(days[-1], self.rng.randint(2, 9)))
        return days[::-1]

    def _owners(self, plot: Plot, natures: list[int], days: list[date]) -> list[tuple[int | None, int | None]]:
        """Assignee and unit of each sub-action; telesales often begins what the field goes on with."""
        rng = self.rng
        usual = self._somebody(plot.unit or CVC, days[-1])
        last = usual if plot.person == 0 else plot.person
        regular = last or usual
        mine: list[tuple[int | None, int | None]] = [
            (regular, plot.unit) if self._is_there(regular, day) else (usual, plot.unit or CVC) for day in days
        ]
        mine[-1] = (last, plot.unit)
        handed_over = next((i for i, nature in enumerate(natures) if i and nature in (MEETING, VISIT)), 0)
        if plot.unit in FIELD_UNITS and natures[0] in (CALL, FAIR) and handed_over and rng.random() < 0.6:
            seller = rng.choice(WHO[TELESALES])
            mine[:handed_over] = [(seller, TELESALES)] * handed_over
        return mine

    def _somebody(self, unit: int, last: date) -> int:
        has_bernard = unit == CVC and last < self.today - timedelta(days=LEFT_DAYS)
        return self.rng.choice(WHO[unit] + ((BERNARD,) * 4 if has_bernard else ()))

    def _is_there(self, person: int, day: date) -> bool:
        return person != JULIEN or day >= self.today - timedelta(days=ARRIVED_DAYS)

    def _choice(self, choices: Iterable[Choice], first_day: date, likelihood: float) -> int | None:
        """Mostly an active value, or none; a disabled one only in chains that began long ago."""
        rng, all_of_them = self.rng, list(choices)
        if not all_of_them or rng.random() > likelihood:
            return None
        is_old = first_day < self.today - timedelta(days=OLD_DAYS) and rng.random() < 0.12
        fitting = [each for each in all_of_them if each.is_active != is_old]
        return rng.choice(fitting or all_of_them).id

    def _participants(self, nature: int, person: int | None) -> frozenset[int]:
        if not self.reference.natures[nature].asks_participants:
            return frozenset()
        others = [each for each in (CAMILLE, THOMAS, MARC, PHILIPPE) if each != person]
        return frozenset(self.rng.sample(others, self.rng.choice((1, 1, 2))))

    # ---- what becomes of a sub-action

    def _leave_open(self, step: Step, plot: Plot) -> None:
        sub, hour = step.sub, None
        if plot.ending == Ending.UNDATED:
            return
        if plot.ending == Ending.PLANNED and (plot.day <= self.today or self.rng.random() < 0.93):
            hour = self.agenda.book(sub.assignee_id or 0, plot.day, sub.duration_min or 15)
        status = Status.PLANNED if plot.ending == Ending.PLANNED else Status.TO_PLAN
        step.sub = replace(sub, status=status, planned_date=plot.day, planned_time=hour)

    def _cancel(self, step: Step, day: date) -> None:
        rng, sub = self.rng, step.sub
        at = self.agenda.instant(day, time(9), after_min=rng.randrange(500))
        step.sub = replace(
            sub, status=Status.CANCELLED, cancelled_at=at, cancelled_by=self._reporter(sub), version=2,
            cancel_reason=rng.choice(texts.CANCEL_REASONS), planned_date=after_working_days(day, rng.randint(1, 4)),
        )  # fmt: skip

    def _report(self, story: Story, step: Step, day: date, before: date, following: int | None, ending: Ending) -> None:
        rng, sub = self.rng, step.sub
        minutes = max(5, (sub.duration_min or 15) + rng.choice((-10, -5, 0, 0, 0, 5, 10, 15)))
        hour = self.agenda.book(sub.assignee_id or 0, day, minutes)
        follow_up = FollowUp.SUB_ACTION if following else FollowUp.DEAL if ending == Ending.DEAL else FollowUp.NONE
        if following:
            label = rng.choice(GOES_ON.get((sub.nature_id, following == sub.nature_id), ENDS[sub.nature_id]))
        else:
            label = "Accord" if ending == Ending.DEAL else rng.choice(ENDS[sub.nature_id])
        planned_on, planned_at = self._plan_of(day, before, hour)
        step.sub = replace(
            sub, status=Status.DONE, version=2, planned_date=planned_on, planned_time=planned_at, done_on=day,
            done_time=hour, done_duration_min=minutes, result_id=self.result_of(sub.nature_id, label),
            reported_by=self._reporter(sub), follow_up=follow_up,
            reported_at=self.agenda.instant(day, hour, after_min=minutes + rng.randint(2, 45)),
        )  # fmt: skip
        template = rng.choice(texts.REPORTS[sub.nature_id, label])
        step.report_html = self.text(story, step.sub, template)

    def _plan_of(self, day: date, before: date, hour: time) -> tuple[date | None, time | None]:
        """What had been planned: mostly that very moment; sometimes earlier, or later, or nothing."""
        chance = self.rng.random()
        if chance < 0.06:
            return None, None
        if chance < 0.12:
            return after_working_days(day, 1), hour
        earlier = before_working_days(day, self.rng.randint(1, 3))
        if chance < 0.3 and earlier > before:
            return earlier, hour
        return day, hour

    def _reporter(self, sub: SubAction) -> int:
        """The assignee, or now and then a colleague of the unit (R25)."""
        colleagues = [who for who in WHO.get(sub.org_unit_id or 0, ()) if who != sub.assignee_id]
        if sub.org_unit_id in (CVC, TELESALES) and sub.assignee_id != PHILIPPE:
            colleagues.append(PHILIPPE)
        if sub.assignee_id is None or (colleagues and self.rng.random() < 0.06):
            return self.rng.choice(colleagues or [PHILIPPE])
        return sub.assignee_id

    def result_of(self, nature: int, label: str) -> int:
        return next(each.id for each in self.reference.results_of(nature) if each.label == label)

    @staticmethod
    def _end_of(sub: SubAction) -> tuple[datetime | None, int]:
        """When and by whom the next sub-action was created: with the report, or just after the cancellation."""
        if sub.cancelled_at:
            return sub.cancelled_at + timedelta(minutes=6), sub.cancelled_by or 0
        return sub.reported_at, sub.reported_by or 0

    # ---- texts

    def _detail(
        self, story: Story, sub: SubAction, before: list[int], owners: list[tuple[int | None, int | None]]
    ) -> str:
        origin = self.reference.origins.get(story.origin_id or 0)
        is_first, is_again = not before, bool(before) and before[-1] == sub.nature_id
        supposed = {
            "web": is_first and bool(origin) and origin.label == "Site web",  # type: ignore[union-attr]
            "friend": is_first and bool(origin) and origin.label == "Parrainage",  # type: ignore[union-attr]
            "client": is_first and story.file.client.relation == "client",
            "first": is_first and story.file.client.relation != "client",
            "again": is_again,
            "telesales": bool(owners) and owners[-1][1] == TELESALES and sub.org_unit_id != TELESALES,
            "priced": VISIT in before or (MEETING in before and sub.nature_id == DOCUMENT),
            "light": not {VISIT, MEETING} & set(before),
        }
        known = frozenset(name for name, holds in supposed.items() if holds)
        return self.text(story, sub, texts.detail_for(self.rng, sub.nature_id, known))

    def text(self, story: Story, sub: SubAction, template: str) -> str:
        contact = next(each for each in story.file.contacts if each.id == sub.contact_id)
        site = next(each for each in story.file.sites if each.id == sub.site_id)
        domain = self.reference.domains.get(sub.domain_id or 0)
        story.values |= {
            "client": story.file.client.name, "contact": polite(contact.name), "phone": contact.phone,
            "email": contact.email, "site": site.name, "town": site.town, "domain": domain.label if domain else "",
        }  # fmt: skip
        return richtext.clean(texts.filled(template, story.values))
