"""Clients and chains as rows, with the columns and documents that follow from the others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from lib.db import tables as t
from lib.db.search import document
from lib.demo import texts
from lib.demo.chains import Author, Step, Story
from lib.demo.clients import activity_of
from lib.demo.organisation import Rows
from lib.demo.settled import Settler
from lib.domain import richtext
from lib.domain.catalog import DealOutcome
from lib.domain.chain import Action, Chain, FollowUp, SubAction, is_stalled, listed_at
from lib.domain.clients import ClientFile, index_words
from lib.domain.text import folded

JOURNAL_DAYS = 60
"""How far back the demo's journal goes."""
_COLUMNS = [f.name for f in fields(SubAction) if f.name not in ("participant_ids", "detail_text", "report_text")]


def client_rows(files: list[ClientFile]) -> Rows:
    """The rows of the clients, and the words they are found by."""
    clients = [
        _row(file.client) | {"business_activity_id": activity_of(file.client), "folded_name": folded(file.client.name)}
        for file in files
    ]
    return {
        t.client: clients,
        t.site: [_row(site) for file in files for site in file.sites],
        t.contact: [_row(contact) for file in files for contact in file.contacts],
        t.client_word: [
            {"word": word, "client_id": file.client.id} for file in files for word in sorted(index_words(file))
        ],
    }


def _row(noun: Any) -> dict[str, Any]:
    """A flat noun's columns (`asdict` copies deeply, and takes a quarter of the whole time)."""
    return {name: getattr(noun, name) for name in noun.__slots__}


def _numbered(stories: list[Story]) -> list[Story]:
    """The chains in the order of their creation, and their sub-actions numbered as they came."""
    ordered = sorted(stories, key=lambda story: (story.steps[0].sub.created_at, story.file.client.id))
    steps = [(step, number) for number, story in enumerate(ordered, 1) for step in story.steps]
    steps.sort(key=lambda pair: (pair[0].sub.created_at, pair[1], pair[0].sub.seq))
    for sub_id, (step, number) in enumerate(steps, 1):
        step.sub = replace(step.sub, id=sub_id, action_id=number)
    return ordered


def chain_rows(rng: Random, author: Author, stories: list[Story]) -> tuple[Rows, dict[int, str]]:
    """The rows of all chains, and the search document of each sub-action."""
    since = author.agenda.instant(author.today - timedelta(days=JOURNAL_DAYS), time(0))
    rows: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    documents: dict[int, str] = {}
    ordered = _numbered(stories)
    deals = _deals(rng, author, ordered)
    for number, story in enumerate(ordered, 1):
        settler = _settled(rng, author, number, story, deals, since=since)
        chain = Chain(settler.action, tuple(step.sub for step in story.steps))
        rows[t.action].append(_row(settler.action) | {"is_stalled": is_stalled(chain)})
        rows[t.change] += [_row(change) for change in settler.changes]
        for step in story.steps:
            row = _sub_action_row(author, story, step)
            rows[t.sub_action].append(row)
            rows[t.sub_action_participant] += [
                {"sub_action_id": step.sub.id, "person_id": who} for who in sorted(step.sub.participant_ids)
            ]
            documents[step.sub.id] = _document(number, story, row)
    rows[t.change].sort(key=lambda change: change["at"])
    for key, change in enumerate(rows[t.change], 1):
        change["id"] = key
    rows[t.deal] = list(deals.values())
    order = (t.deal, t.action, t.sub_action, t.sub_action_participant, t.change)
    return {table: rows[table] for table in order}, documents


def _settled(
    rng: Random, author: Author, number: int, story: Story, deals: dict[int, dict[str, Any]], *, since: datetime
) -> Settler:  # fmt: skip
    """The action that follows from a chain, linked to the deal that it led to, or to one that its client had before."""
    first = story.steps[0].sub
    deal = deals.get(number)
    before = [
        each["id"] for each in deals.values()
        if each["client_id"] == story.file.client.id and each["created_at"] < first.created_at
    ]  # fmt: skip
    action = Action(
        id=number, number=number, client_id=story.file.client.id, origin_id=story.origin_id,
        deal_id=rng.choice(before) if before and not deal and rng.random() < 0.22 else None,
        created_by=first.created_by, created_at=first.created_at,
    )  # fmt: skip
    settler = Settler(rng, action, since=since)
    settler.play(story.steps)
    if deal:
        deal["owner_id"], deal["org_unit_id"] = settler.action.responsible_id, settler.action.org_unit_id
        deal |= _standing(author, number, deal["expected_on"])
        settler.link(deal["id"], at=deal["created_at"], by=deal["created_by"])
    return settler


def _standing(author: Author, number: int, expected_on: date) -> dict[str, Any]:
    """Where a deal stands: won or lost, mostly, once its date is past; on its way before, the nearer the further."""
    rng = Random(number)  # noqa: S311 - of its own, so that the rest of the story stays what it was
    by_outcome: defaultdict[DealOutcome, list[int]] = defaultdict(list)
    for stage in author.reference.deal_stages.values():
        by_outcome[stage.outcome].append(stage.id)
    days = (expected_on - author.today).days
    if days < 0 and rng.random() < 0.85:
        is_won = rng.random() < 0.6
        closed_on = min(expected_on + timedelta(days=rng.randint(-10, 10)), author.today)
        stage_id = by_outcome[DealOutcome.WON if is_won else DealOutcome.LOST][0]
        reason = "" if is_won else rng.choice(texts.LOST_REASONS)
        return {"stage_id": stage_id, "closed_on": closed_on, "lost_reason": reason}
    ahead = by_outcome[DealOutcome.OPEN]
    place = len(ahead) - 1 - min(max(days, 0) // 25, len(ahead) - 1)
    return {"stage_id": ahead[place], "closed_on": None, "lost_reason": ""}


def _deals(rng: Random, author: Author, ordered: list[Story]) -> dict[int, dict[str, Any]]:
    """The deals that reports led to, by the number of their chain; their own numbers in the order of their creation."""
    found: list[tuple[datetime, int, dict[str, Any]]] = []
    for number, story in enumerate(ordered, 1):
        sub = story.steps[-1].sub
        if sub.follow_up == FollowUp.DEAL and sub.reported_at and sub.done_on:
            domain = author.reference.domains[sub.domain_id or 1]
            deal = {
                "client_id": story.file.client.id,
                "title": rng.choice(texts.DEAL_TITLES).format_map(story.values | {"domain": domain.label}),
                "amount_eur": Decimal("".join(each for each in story.values["amount"] if each.isdigit())),
                "expected_on": sub.done_on + timedelta(days=rng.randint(20, 90)),
                "contact_id": sub.contact_id,
                "created_by": sub.reported_by,
                "created_at": sub.reported_at + timedelta(minutes=3),
                "version": 1,
            }
            found.append((sub.reported_at, number, deal))
    found.sort(key=lambda each: each[:2])
    return {number: {"id": key, "number": key, **deal} for key, (_at, number, deal) in enumerate(found, 1)}


def _sub_action_row(author: Author, story: Story, step: Step) -> dict[str, Any]:
    sub = step.sub
    return {name: getattr(sub, name) for name in _COLUMNS} | {
        "client_id": story.file.client.id,
        "is_open": sub.is_open,
        "listed_at": listed_at(sub, author.zone),
        "detail_html": step.detail_html,
        "detail_text": richtext.text_of(step.detail_html),
        "report_html": step.report_html,
        "report_text": richtext.text_of(step.report_html),
    }


def _document(number: int, story: Story, row: dict[str, Any]) -> str:
    client = story.file.client
    contact = next((each.name for each in story.file.contacts if each.id == row["contact_id"]), None)
    return document(
        number=number, seq=row["seq"], names=[client.name, client.town, contact],
        texts=[row["detail_text"], row["report_text"]], assignee_id=row["assignee_id"], unit_id=row["org_unit_id"],
        is_open=row["is_open"],
    )  # fmt: skip
