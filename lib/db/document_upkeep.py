"""What the collector of files asks: which rows nothing names any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Table, delete, exists, or_, select

from lib.db import tables as t
from lib.domain.holders import Entity

_D, _L = t.document.c, t.document_link.c
_TEXTS: Mapping[Entity, tuple[Table, tuple[Column[str], ...]]] = {
    Entity.SUB_ACTION: (t.sub_action, (t.sub_action.c.detail_html, t.sub_action.c.report_html)),
    Entity.EXCHANGE: (t.exchange, (t.exchange.c.body_html, t.exchange.c.quoted_html)),
    Entity.SERVICE_REPORT: (t.service_report, (t.service_report.c.body_html,)),
    Entity.MESSAGE_TEMPLATE: (t.message_template, (t.message_template.c.body_html,)),
}
"""The texts that an image of a record may stand in."""
_RECORDS: Mapping[Entity, Table] = {
    Entity.ACTION: t.action, Entity.SUB_ACTION: t.sub_action, Entity.EXCHANGE: t.exchange, Entity.DEAL: t.deal,
    Entity.SERVICE_REPORT: t.service_report, Entity.CLIENT: t.client, Entity.MESSAGE_TEMPLATE: t.message_template,
}  # fmt: skip


class DocumentUpkeep:
    """The part of `lib.domain.store.Documents` that the collector uses."""

    connection: Connection

    def named(self, sha256s: Collection[str]) -> frozenset[str]:
        """Those of these contents that a row names."""
        return frozenset(self.connection.scalars(select(_D.sha256).where(_D.sha256.in_(sha256s)).distinct()))

    def older(self, before: datetime, *, after: int, is_inline: bool, limit: int) -> Sequence[int]:
        """Ids of rows made before an instant, in order, from the one after `after` on."""
        mine = select(_D.id).where(_D.id > after, _D.is_inline == is_inline, _D.created_at < before)
        return self.connection.scalars(mine.order_by(_D.id).limit(limit)).all()

    def forget_unnamed(self, document_ids: Collection[int], *, is_inline: bool) -> int:
        """Delete those of these rows that no record holds, or, of images, that no text names; how many.

        They are locked first: whoever gives one of them to one more record waits, and finds it gone.
        """
        locked = select(_D.id).where(_D.id.in_(document_ids)).order_by(_D.id).with_for_update()
        ids = self.connection.scalars(locked).all()
        held: set[int] = set()
        for entity, entity_id, document_id in self._links(ids):
            if not is_inline or self._names(entity, entity_id, document_id):
                held.add(document_id)
        gone = [each for each in ids if each not in held and not (is_inline and self._is_in_a_draft(each))]
        if gone:
            self.connection.execute(delete(t.document_link).where(_L.document_id.in_(gone)))
            self.connection.execute(delete(t.document).where(_D.id.in_(gone)))
        return len(gone)

    def _links(self, document_ids: Collection[int]) -> list[tuple[Entity, int, int]]:
        """The records that are still there, of those that these documents hang on."""
        found = self.connection.execute(
            select(_L.entity, _L.entity_id, _L.document_id).where(_L.document_id.in_(document_ids))
        )
        by_entity: defaultdict[Entity, list[tuple[int, int]]] = defaultdict(list)
        for entity, entity_id, document_id in found:
            by_entity[Entity(entity)].append((entity_id, document_id))
        links: list[tuple[Entity, int, int]] = []
        for entity, pairs in by_entity.items():
            table = _RECORDS[entity]
            there = set(self.connection.scalars(select(table.c.id).where(table.c.id.in_({each for each, _ in pairs}))))
            links += [(entity, entity_id, document_id) for entity_id, document_id in pairs if entity_id in there]
        return links

    def _names(self, entity: Entity, entity_id: int, document_id: int) -> bool:
        """Whether a text of the record shows the image."""
        if entity not in _TEXTS:
            return False
        table, texts = _TEXTS[entity]
        shows = or_(*(text.contains(f'"attachment:{document_id}"', autoescape=True) for text in texts))
        return bool(self.connection.scalar(select(exists().where(table.c.id == entity_id, shows))))

    def _is_in_a_draft(self, document_id: int) -> bool:
        """Whether somebody is typing a text that shows it, of whatever record."""
        shows = t.draft.c.content.contains(f"attachment:{document_id}", autoescape=True)  # 12 is kept for 123 too
        return bool(self.connection.scalar(select(exists().where(shows))))
