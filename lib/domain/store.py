"""What the domain asks of its storage, as Protocols; `lib.db` fulfils them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lib.domain.store_of_messages import Documents as Documents
from lib.domain.store_of_messages import Exchanges as Exchanges
from lib.domain.store_of_messages import Incoming as Incoming
from lib.domain.store_of_messages import MessageTemplates as MessageTemplates
from lib.domain.store_of_messages import Outbox as Outbox

if TYPE_CHECKING:
    from lib.domain.absences import Absence
    from lib.domain.bulk import BulkOperation, Touched
    from lib.domain.chain import Chain
    from lib.domain.changes import Change
    from lib.domain.client_sheet import Overview
    from lib.domain.clients import Client, ClientFile, ClientFilter, Contact, Site
    from lib.domain.deal_lists import DealFilter, DealPage, DealSort, StageSum
    from lib.domain.deals import Deal
    from lib.domain.drafts import Draft
    from lib.domain.lists import ActionFilter, ActionRow, DayCounts, Page, SortBy, Tab, Visibility
    from lib.domain.orphans import InCharge, StalledChain
    from lib.domain.parameters import ParameterState, Value
    from lib.domain.people import Person
    from lib.domain.reference import Reference
    from lib.domain.rights import Operation, Scope
    from lib.domain.service_reports import ReportFilter, ReportPage, ReportSort, ServiceReport
    from lib.domain.sign_in import Credential, Failures, SignInSession
    from lib.domain.working_hours import Week
    from lib.domain.workload import Amount, Holder

R = TypeVar("R")
Values = Mapping[str, Any]


class Database(Protocol):
    """The way into the storage: each call is one transaction."""

    def read(self, work: Callable[[Store], R]) -> R: ...

    def write(self, work: Callable[[Store], R]) -> R: ...


class Actions(Protocol):
    """Actions and their sub-actions."""

    def chain(self, action_id: int, *, for_update: bool = False) -> Chain | None: ...

    def locked_chains(self, action_ids: Collection[int]) -> dict[int, Chain]: ...

    def action_ids_of(self, sub_action_ids: Collection[int]) -> dict[int, int]: ...

    def action_id_of(self, sub_action_id: int) -> int | None: ...

    def texts(self, sub_action_id: int) -> tuple[str, str]: ...

    def texts_and_documents(self, sub_action_id: int, action_id: int) -> tuple[str, str, int]: ...

    def next_number(self) -> int: ...

    def next_seq(self, action_id: int) -> int: ...

    def add(self, values: Values) -> int: ...

    def add_sub_action(self, values: Values) -> int: ...

    def update(self, action_id: int, values: Values) -> None: ...

    def update_several(self, rows: Sequence[tuple[int, Values]]) -> None: ...

    def update_sub_action(self, sub_action_id: int, *, version: int, values: Values) -> bool: ...

    def update_sub_actions(self, rows: Sequence[tuple[int, int, Values]]) -> bool: ...

    def delete_sub_action(self, sub_action_id: int, *, version: int) -> bool: ...

    def delete(self, action_id: int) -> None: ...


class ActionLists(Protocol):
    """Lists and counts of sub-actions, as far as a scope sees them."""

    def page(
        self, chosen: ActionFilter, *, sort: SortBy, descending: bool, page: int, total: int | None = None
    ) -> Page: ...

    def tab_counts(self, chosen: ActionFilter) -> dict[Tab, int]: ...

    def count(self, chosen: ActionFilter) -> int: ...

    def rows(self, chosen: ActionFilter, *, limit: int) -> tuple[ActionRow, ...]: ...

    def of_ids(self, sub_action_ids: Collection[int]) -> tuple[ActionRow, ...]: ...

    def day_counts(self, chosen: ActionFilter, *, local_now: datetime, unit_ids: Sequence[int]) -> DayCounts: ...

    def unplanned_of(self, responsible_id: int, *, limit: int) -> list[ActionRow]: ...


class Clients(Protocol):
    """Clients, sites, contacts; a `noun` is "client", "site" or "contact"."""

    def find(self, words: Sequence[str], *, start: str, limit: int) -> list[Client]: ...

    def page(self, chosen: ClientFilter, words: Sequence[str], *, page: int) -> tuple[list[Client], int]: ...

    def places_of(self, client_ids: Collection[int]) -> tuple[list[Site], list[Contact]]: ...

    def file(self, client_id: int) -> ClientFile | None: ...

    def places(self, client_id: int) -> tuple[tuple[Site, ...], tuple[Contact, ...]]: ...

    def get(self, client_id: int, *, for_update: bool = False) -> Client | None: ...

    def overview(self, client_id: int) -> Overview | None: ...

    def site(self, site_id: int) -> Site | None: ...

    def contact(self, contact_id: int) -> Contact | None: ...

    def like(self, *, siret: str = "", folded_name: str = "", limit: int) -> list[Client]: ...

    def with_email(self, email: str, *, limit: int) -> list[tuple[Client, Contact]]: ...

    def has_code(self, code: str) -> bool: ...

    def next_number(self) -> int: ...

    def add(self, noun: str, values: Values) -> int: ...

    def update(self, noun: str, row_id: int, *, version: int, values: Values) -> bool: ...

    def index(self, client_id: int, *, with_actions: bool = False) -> None: ...


class Deals(Protocol):
    """Deals."""

    def get(self, deal_id: int, *, for_update: bool = False) -> Deal | None: ...

    def of_client(self, client_id: int) -> list[Deal]: ...

    def add(self, values: Values) -> int: ...

    def update(self, deal_id: int, *, version: int, values: Values) -> bool: ...

    def page(
        self, chosen: DealFilter, *, sort: DealSort, descending: bool, page: int, size: int, counted: int
    ) -> DealPage: ...

    def sums(self, chosen: DealFilter) -> list[StageSum]: ...


class ServiceReports(Protocol):
    """Reports of technical visits; their numbers come from a counter."""

    def get(self, report_id: int, *, for_update: bool = False) -> ServiceReport | None: ...

    def body(self, report_id: int) -> str: ...

    def add(self, values: Values) -> tuple[int, int]: ...

    def update(self, report_id: int, *, version: int, values: Values) -> bool: ...

    def page(self, chosen: ReportFilter, *, sort: ReportSort, descending: bool, page: int, size: int) -> ReportPage: ...


class Parameters(Protocol):
    """Parameter values; `save` is False when `version` isn't the stored one."""

    def states(self) -> dict[str, ParameterState]: ...

    def save(self, key: str, value: Value, *, version: int, by: int, at: datetime) -> bool: ...

    def count_without_date(self) -> int: ...

    def count_without_detail(self) -> int: ...


class Changes(Protocol):
    """The journal."""

    def add(self, changes: Iterable[Change]) -> None: ...

    def since(self, entity: str, entity_id: int, version: int) -> list[Change]: ...

    def of_operation(self, operation_id: str) -> list[Change]: ...

    def of_action(self, action_id: int, *, limit: int) -> list[Change]: ...


class Drafts(Protocol):
    """What people are typing."""

    def get(self, person_id: int, form: str, record_id: int) -> Draft | None: ...

    def put(self, draft: Draft) -> None: ...

    def delete(self, person_id: int, form: str, record_id: int) -> None: ...

    def of_person(self, person_id: int) -> list[Draft]: ...


class Requests(Protocol):
    """Keys of the commands already carried out, with their results."""

    def result_of(self, key: str, person_id: int) -> int | None: ...

    def add(self, key: str, person_id: int, operation: str, result_id: int, at: datetime) -> None: ...


class SignIns(Protocol):
    """Credentials, sessions and attempts; an account is an e-mail address in lower case."""

    def credential_of(self, account: str) -> Credential | None: ...

    def credential(self, person_id: int) -> Credential | None: ...

    def set_password(self, person_id: int, password_hash: str, *, must_change: bool, at: datetime) -> None: ...

    def add_session(self, session: SignInSession) -> None: ...

    def session(self, token_hash: str) -> SignInSession | None: ...

    def touch(self, token_hash: str, at: datetime) -> None: ...

    def delete_session(self, token_hash: str) -> None: ...

    def delete_sessions_of(self, person_id: int) -> None: ...

    def lock_attempts(self) -> None: ...

    def add_attempt(self, account: str, address: str, at: datetime) -> None: ...

    def failures(self, *, account: str, address: str, since: datetime) -> tuple[Failures, Failures]: ...

    def forget_attempts(self, account: str) -> None: ...

    def purge(self, *, attempts_before: datetime, idle_before: datetime, created_before: datetime) -> None: ...


class People(Protocol):
    """People and their units; writing any reference data bumps the reference version."""

    def by_email(self, account: str) -> Person | None: ...

    def add_profile(self, code: str, name: str, rights: Mapping[Operation, Scope]) -> int: ...

    def add(self, values: Values) -> int: ...

    def update(self, person_id: int, values: Values) -> None: ...

    def set_units(self, person_id: int, unit_ids: Sequence[int], *, preferred_id: int | None) -> None: ...

    def locked_week(self, person_id: int | None) -> Week: ...

    def set_week(self, person_id: int | None, week: Week) -> None: ...


class Absences(Protocol):
    """When people don't work, besides their weeks and the public holidays."""

    def get(self, absence_id: int) -> Absence | None: ...

    def lock(self, person_id: int) -> None: ...

    def between(self, person_ids: Collection[int], first: date, last: date) -> list[Absence]: ...

    def add(self, values: Values) -> int: ...

    def update(self, absence_id: int, *, version: int, values: Values) -> bool: ...

    def delete(self, absence_id: int, *, version: int) -> bool: ...


class Workloads(Protocol):
    """Sums of minutes, as far as a visibility sees; week n goes from `bounds[n]` to the day before the next bound."""

    def planned(
        self, person_ids: Collection[int], pool_ids: Collection[int], *, bounds: Sequence[date], seen: Visibility | None
    ) -> list[tuple[Holder, int, int, Amount]]: ...

    def done(
        self, person_ids: Collection[int], *, bounds: Sequence[date], seen: Visibility | None
    ) -> list[tuple[int, int, Amount]]: ...

    def waiting(
        self, person_ids: Collection[int], pool_ids: Collection[int], *, local_now: datetime, seen: Visibility | None
    ) -> Mapping[Holder, tuple[Amount, int]]: ...


class Orphans(Protocol):
    """What nobody takes care of: the first rows, and how many, counted up to one more than `counted`."""

    def clients_without_step(
        self, within: InCharge | None, *, limit: int, counted: int
    ) -> tuple[int, list[Client]]: ...

    def stalled(
        self, within: InCharge | None, *, seen: Visibility | None, limit: int, counted: int
    ) -> tuple[int, list[StalledChain]]: ...

    def holding_open(
        self, person_ids: Collection[int], *, unit_ids: Collection[int], seen: Visibility | None
    ) -> frozenset[int]: ...

    def planned_in_absences(
        self, person_ids: Collection[int], *, first: date, last: date, seen: Visibility | None, limit: int
    ) -> tuple[ActionRow, ...]: ...


class BulkOperations(Protocol):
    """Named gestures on many records; what they changed is in the journal, under their operation's id."""

    def add(self, operation: BulkOperation) -> int: ...

    def get(self, row_id: int, *, for_update: bool = False) -> BulkOperation | None: ...

    def recent(self, person_id: int | None, *, limit: int) -> list[BulkOperation]: ...

    def set_undone(self, row_id: int, *, by: int, at: datetime) -> None: ...

    def changed_since(self, operation_ids: Collection[str], *, limit: int) -> dict[str, list[Touched]]: ...


class Store(Database, Protocol):
    """Everything stored, inside one open transaction."""

    actions: Actions
    lists: ActionLists
    clients: Clients
    deals: Deals
    documents: Documents
    exchanges: Exchanges
    outbox: Outbox
    message_templates: MessageTemplates
    incoming: Incoming
    service_reports: ServiceReports
    parameters: Parameters
    changes: Changes
    drafts: Drafts
    requests: Requests
    sign_ins: SignIns
    people: People
    absences: Absences
    workload: Workloads
    orphans: Orphans
    bulk_operations: BulkOperations

    def reference(self) -> Reference: ...
