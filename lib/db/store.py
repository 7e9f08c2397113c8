"""The storage bound to one transaction, and the cache of the reference data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, select

from lib.db.absences import SqlAbsences
from lib.db.action_lists import SqlActionLists
from lib.db.actions import SqlActions
from lib.db.bulk_operations import SqlBulkOperations
from lib.db.changes import SqlChanges
from lib.db.clients import SqlClients
from lib.db.deals import SqlDeals
from lib.db.documents import SqlDocuments
from lib.db.drafts import SqlDrafts
from lib.db.exchanges import SqlExchanges
from lib.db.incoming import SqlIncoming
from lib.db.message_templates import SqlMessageTemplates
from lib.db.orphans import SqlOrphans
from lib.db.outbox import SqlOutbox
from lib.db.parameters import SqlParameters
from lib.db.people import SqlPeople
from lib.db.reference import REFERENCE, load_reference
from lib.db.requests import SqlRequests
from lib.db.service_reports import SqlServiceReports
from lib.db.sign_in import SqlSignIns
from lib.db.tables import counter
from lib.db.workload import SqlWorkload
from lib.domain import store as protocols
from lib.domain.reference import Reference

if TYPE_CHECKING:
    from lib.db.engine import Database

R = TypeVar("R")


class ReferenceCache:
    """The newest reference data this process has seen, by version; replaced whole, so that threads need no lock."""

    def __init__(self) -> None:
        self.newest: Reference | None = None


class SqlStore:
    """Everything stored, inside one open transaction; fulfils `lib.domain.store.Store`."""

    def __init__(self, connection: Connection, cache: ReferenceCache, database: Database) -> None:
        self.connection = connection
        self._cache = cache
        self._database = database
        self._reference: Reference | None = None
        self.actions: protocols.Actions = SqlActions(connection)
        self.lists: protocols.ActionLists = SqlActionLists(connection)
        self.clients: protocols.Clients = SqlClients(connection)
        self.deals: protocols.Deals = SqlDeals(connection)
        self.documents: protocols.Documents = SqlDocuments(connection)
        self.exchanges: protocols.Exchanges = SqlExchanges(connection)
        self.outbox: protocols.Outbox = SqlOutbox(connection)
        self.message_templates: protocols.MessageTemplates = SqlMessageTemplates(connection)
        self.incoming: protocols.Incoming = SqlIncoming(connection)
        self.service_reports: protocols.ServiceReports = SqlServiceReports(connection)
        self.parameters: protocols.Parameters = SqlParameters(connection)
        self.changes: protocols.Changes = SqlChanges(connection)
        self.drafts: protocols.Drafts = SqlDrafts(connection)
        self.requests: protocols.Requests = SqlRequests(connection)
        self.sign_ins: protocols.SignIns = SqlSignIns(connection)
        self.people: protocols.People = SqlPeople(connection)
        self.absences: protocols.Absences = SqlAbsences(connection)
        self.workload: protocols.Workloads = SqlWorkload(connection)
        self.orphans: protocols.Orphans = SqlOrphans(connection)
        self.bulk_operations: protocols.BulkOperations = SqlBulkOperations(connection)

    def read(self, work: Callable[[protocols.Store], R]) -> R:
        """Join the open transaction."""
        return work(self)

    def write(self, work: Callable[[protocols.Store], R]) -> R:
        """Join the open transaction."""
        return work(self)

    def reference(self) -> Reference:
        """The reference data as this transaction sees it: one small query when its version is the cached one."""
        if self._reference is None:
            version = self.connection.scalar(select(counter.c.value).where(counter.c.name == REFERENCE)) or 0
            newest = self._cache.newest
            if newest is None or newest.version != version:
                newest = self._cache.newest = load_reference(self.connection, version)
            self._reference = newest
        return self._reference
