"""The demo's documents: quotes, plans, notes and photos hung on actions, deals, service reports and clients (R29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import select

from lib.db import tables as t
from lib.demo import papers
from lib.demo.chains import Author, Step, Story
from lib.demo.clients import STORY_DONE
from lib.demo.desk import Desk
from lib.demo.organisation import HELENE, QUOTE, VISIT
from lib.demo.visits import Visit
from lib.domain.catalog import DealOutcome
from lib.domain.chain import Status, shown_number
from lib.domain.documents import add_document
from lib.domain.files import AcceptedFile, Files
from lib.domain.holders import Entity
from lib.domain.service_reports import shown_report_number

QUOTES, PLANS, ON_VISITS, ON_DEALS = 8, 5, 5, 3
RECENT_DAYS = 45


class Archive:
    """Makes the files, has them accepted as any file that people send, and hangs them where they belong."""

    def __init__(self, desk: Desk, author: Author, files: Files) -> None:
        self.desk, self.author, self.files = desk, author, files

    def brochure(self) -> AcceptedFile:
        """The one that goes with e-mails: the same content each time, kept once."""
        data = papers.pdf("Relais Services : qui sommes-nous ?", (
            "Maintenance CVC, nettoyage et propreté, télévente.", "", "- 40 techniciens dans quatre départements",
            "- une astreinte tous les jours de l'année", "- un interlocuteur unique, du devis au suivi", "",
            "Exemple de présentation : aucune de ces données n'est réelle.",
        ))  # fmt: skip
        return self._accepted("Présentation de la société.pdf", data)

    def fill(self, stories: list[Story], visits: list[Visit]) -> None:
        """All but the brochure."""
        self._of_actions(stories)
        self._of_visits(visits)
        self._of_deals()
        self._of_clients()

    def _accepted(self, name: str, data: bytes) -> AcceptedFile:
        return self.files.accept(name, [data])

    def _hang(
        self, name: str, data: bytes, entity: Entity, entity_id: int, *, by: int, at: datetime
    ) -> None:  # fmt: skip
        add_document(
            self.desk.at(by, at), entity=entity, entity_id=entity_id, file=self._accepted(name, data), request_key=""
        )  # fmt: skip

    def _of_actions(self, stories: list[Story]) -> None:
        quotes, plans = self._recent(stories, QUOTE), self._recent(stories, VISIT)
        for story, step in quotes[:QUOTES]:
            number = shown_number(step.sub.action_id)
            by, at = self._author_of(step)
            lines = self._quote(story, number)
            self._hang(f"Devis {number}.pdf", papers.pdf(f"Devis {number}", lines), Entity.ACTION, step.sub.action_id,
                       by=by, at=at)  # fmt: skip
        for place, (story, step) in enumerate(plans[:PLANS]):
            by, at = self._author_of(step)
            on: dict[str, Any] = {"entity": Entity.ACTION, "entity_id": step.sub.action_id, "by": by, "at": at}
            self._hang("Plan des locaux.png", papers.floor_plan(story.file.client.name), **on)
            if place % 2 == 0:
                told = papers.notes(
                    f"Visite {story.file.client.name}", f"- surface : {story.values['surface']}",
                    f"- équipements : {story.values['units']}", "- accès par la cour, demander le gardien",
                )  # fmt: skip
                self._hang("Notes de visite.txt", told, **on)

    def _quote(self, story: Story, number: str) -> Sequence[str]:
        client, site = story.file.client, story.file.sites[0]
        return (
            client.name, site.address, f"{site.postcode} {site.town}", "",
            f"Référence de l'action : {number}", f"Équipements : {story.values['units']}",
            f"Surface : {story.values['surface']}", "", f"Montant annuel hors taxes : {story.values['amount']}",
            "Offre valable trois mois.",
        )  # fmt: skip

    def _recent(self, stories: list[Story], nature: int) -> list[tuple[Story, Step]]:
        """Steps of a nature that are open, or were done lately: one an action, the newest first."""
        since = self.author.today - timedelta(days=RECENT_DAYS)
        found = [
            (story, step) for story in stories for step in story.steps
            if step.sub.nature_id == nature and step.sub.status != Status.CANCELLED
            and (step.sub.assignee_id or step.sub.reported_by)
            and (step.sub.is_open or (step.sub.done_on and step.sub.done_on >= since))
        ]  # fmt: skip
        by_action = {step.sub.action_id: (story, step) for story, step in found}
        return [by_action[key] for key in sorted(by_action, reverse=True)]

    @staticmethod
    def _author_of(step: Step) -> tuple[int, datetime]:
        """Who hangs it, and when: with the report, or just after the sub-action was created."""
        sub = step.sub
        at = cast(datetime, sub.reported_at or sub.created_at)
        return (sub.reported_by if sub.reported_at else sub.created_by) or sub.created_by, at + timedelta(minutes=2)

    def _of_visits(self, visits: list[Visit]) -> None:
        newest = sorted(visits, key=lambda each: (each.story is None, -each.report_id))[:ON_VISITS]
        for visit in newest:
            number = shown_report_number(visits.index(visit) + 1)
            on: dict[str, Any] = {
                "entity": Entity.SERVICE_REPORT, "entity_id": visit.report_id, "by": visit.technician,
                "at": visit.written_at + timedelta(minutes=3),
            }  # fmt: skip
            self._hang(f"Photo {number}.png", papers.photo(number), **on)
            lines = (
                visit.file.client.name, f"Matériel : {visit.work.equipment}", f"Le {visit.day:%d/%m/%Y}", "",
                "Travaux exécutés conformément à la demande.", "Signature du client : voir l'original.",
            )  # fmt: skip
            self._hang(f"Bon d'intervention {number}.pdf", papers.pdf(number, lines), **on)

    def _of_deals(self) -> None:
        """Signed contracts of the newest that were won, proposals of the newest that are on their way."""
        outcomes = {key: stage.outcome for key, stage in self.desk.reference.deal_stages.items()}
        rows = [row for row in self._deals() if row.owner_id and self.desk.reference.people[row.owner_id].is_active]
        won = [row for row in rows if outcomes[row.stage_id] == DealOutcome.WON]
        ahead = [row for row in rows if outcomes[row.stage_id] == DealOutcome.OPEN]
        for name, title, found in (("Contrat signé.pdf", "Contrat", won), ("Proposition.pdf", "Proposition", ahead)):
            for row in found[:ON_DEALS]:
                day: date = row.closed_on or row.created_at.astimezone(self.author.zone).date()
                lines = (row.title, f"Montant : {row.amount_eur:.0f} euros" if row.amount_eur else "", "",
                         f"Le {day:%d/%m/%Y}")  # fmt: skip
                midnight = self.author.agenda.instant(self.author.today, time(0))
                at = max(row.created_at, self.author.agenda.instant(day, time(17, 30)))
                self._hang(name, papers.pdf(title, lines), Entity.DEAL, row.id, by=row.owner_id,
                           at=min(at, midnight - timedelta(hours=6)))  # fmt: skip

    def _deals(self) -> Sequence[Any]:
        d = t.deal.c
        newest = select(d.id, d.title, d.stage_id, d.owner_id, d.amount_eur, d.created_at, d.closed_on)
        return self.desk.store.connection.execute(newest.order_by(d.created_at.desc(), d.id.desc())).all()

    def _of_clients(self) -> None:
        """What belongs to a client whatever is done for him."""
        at = self.author.agenda.instant(self.author.today - timedelta(days=30), time(11))
        lines = ("La société est assurée pour les travaux exécutés chez ses clients.", "Document d'exemple.")
        for name in (STORY_DONE, *sorted(self.author.files)[:2]):
            client_id = self.author.files[name].client.id
            on: dict[str, Any] = {"entity": Entity.CLIENT, "entity_id": client_id, "by": HELENE, "at": at}
            self._hang("Attestation d'assurance.pdf", papers.pdf("Attestation", lines), **on)
            self._hang("Plan d'accès.png", papers.floor_plan(name), **on)
