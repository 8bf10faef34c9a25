"""What the processes keep: records with their trail, people, calendars, SLA clocks, knowledge, mails.

Outside this package, only the names below are imported.
"""

from registers.calendars import BUSINESS_HOURS, ROUND_THE_CLOCK, ZONE, Calendars, WorkingCalendar, calendar_functions
from registers.case_records import CaseRecords
from registers.definition import Definitions, Register, State, load_definitions
from registers.demo_data import load_demo
from registers.errors import (
    DuplicateNumber,
    IllegalTransition,
    InvalidDefinitions,
    InvalidQuery,
    InvalidRecord,
    PersonNotFound,
    ProtectedRecord,
    RecordNotFound,
    RoleUnassigned,
    StaleRecord,
    UnknownRegister,
)
from registers.fields import Field, Option
from registers.knowledge import Suggestion
from registers.organisation import EMPLOYEE, Role, roles
from registers.outbox import Mail, Recipient
from registers.people import Assignment, People, Person
from registers.records import Between, Change, Link, Note, Record
from registers.references import References
from registers.schema import check_schema, migrate
from registers.sla import RESOLUTION, RESPONSE, ClockState, Milestone, SlaClock, Targets
from registers.store import RegisterStore
from registers.tokens import ApiToken
from registers.unit_of_work import Registers
from registers.workdays import ChineseWorkdays, set_day

__all__ = [
    "BUSINESS_HOURS",
    "EMPLOYEE",
    "RESOLUTION",
    "RESPONSE",
    "ROUND_THE_CLOCK",
    "ZONE",
    "ApiToken",
    "Assignment",
    "Between",
    "Calendars",
    "CaseRecords",
    "Change",
    "ChineseWorkdays",
    "ClockState",
    "Definitions",
    "DuplicateNumber",
    "Field",
    "IllegalTransition",
    "InvalidDefinitions",
    "InvalidQuery",
    "InvalidRecord",
    "Link",
    "Mail",
    "Milestone",
    "Note",
    "Option",
    "People",
    "Person",
    "PersonNotFound",
    "ProtectedRecord",
    "Recipient",
    "Record",
    "RecordNotFound",
    "References",
    "Register",
    "RegisterStore",
    "Registers",
    "Role",
    "RoleUnassigned",
    "SlaClock",
    "StaleRecord",
    "State",
    "Suggestion",
    "Targets",
    "UnknownRegister",
    "WorkingCalendar",
    "calendar_functions",
    "check_schema",
    "load_definitions",
    "load_demo",
    "migrate",
    "roles",
    "set_day",
]
