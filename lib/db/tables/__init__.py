"""The tables, in SQLAlchemy Core; the schema itself is made by the migrations only, and a test compares both.

Names ending in `_at` hold UTC instants (`Instant`), `_on` and `_date` local dates, `_min` minutes, `_eur` euros.
"""

from __future__ import annotations

from lib.db.columns import metadata as metadata
from lib.db.tables.actions import IS_DONE as IS_DONE
from lib.db.tables.actions import IS_PLANNED as IS_PLANNED
from lib.db.tables.actions import IS_TO_PLAN as IS_TO_PLAN
from lib.db.tables.actions import LIST_INDEXES as LIST_INDEXES
from lib.db.tables.actions import REPORTED_BY_COLLEAGUE as REPORTED_BY_COLLEAGUE
from lib.db.tables.actions import action as action
from lib.db.tables.actions import sub_action as sub_action
from lib.db.tables.actions import sub_action_participant as sub_action_participant
from lib.db.tables.clients import client as client
from lib.db.tables.clients import client_word as client_word
from lib.db.tables.clients import contact as contact
from lib.db.tables.clients import site as site
from lib.db.tables.deals import AMOUNT_ORDER as AMOUNT_ORDER
from lib.db.tables.deals import EXPECTED_ORDER as EXPECTED_ORDER
from lib.db.tables.deals import deal as deal
from lib.db.tables.deals import deal_stage as deal_stage
from lib.db.tables.documents import document as document
from lib.db.tables.documents import document_link as document_link
from lib.db.tables.exchanges import TO_ATTACH as TO_ATTACH
from lib.db.tables.exchanges import exchange as exchange
from lib.db.tables.exchanges import exchange_kind as exchange_kind
from lib.db.tables.exchanges import mailbox as mailbox
from lib.db.tables.exchanges import message_not_kept as message_not_kept
from lib.db.tables.exchanges import message_template as message_template
from lib.db.tables.exchanges import outbox as outbox
from lib.db.tables.journal import bulk_operation as bulk_operation
from lib.db.tables.journal import change as change
from lib.db.tables.journal import counter as counter
from lib.db.tables.journal import draft as draft
from lib.db.tables.journal import request as request
from lib.db.tables.labels import action_domain as action_domain
from lib.db.tables.labels import action_nature as action_nature
from lib.db.tables.labels import action_reason as action_reason
from lib.db.tables.labels import action_result as action_result
from lib.db.tables.labels import origin as origin
from lib.db.tables.labels import parameter as parameter
from lib.db.tables.people import absence as absence
from lib.db.tables.people import business_activity as business_activity
from lib.db.tables.people import credential as credential
from lib.db.tables.people import membership as membership
from lib.db.tables.people import org_unit as org_unit
from lib.db.tables.people import person as person
from lib.db.tables.people import profile as profile
from lib.db.tables.people import profile_right as profile_right
from lib.db.tables.people import sign_in_attempt as sign_in_attempt
from lib.db.tables.people import sign_in_session as sign_in_session
from lib.db.tables.people import working_hours as working_hours
from lib.db.tables.service_reports import service_report as service_report
