"""What a published process is: the owner's file, what was read out of it, and everything it names.

A definition is immutable. Its version covers the diagram *and* the decisions and forms that it names, so that
one number says exactly what governed a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from engine.texts import Text

if TYPE_CHECKING:
    from engine.dmn import DecisionModel
    from engine.feel import Expression
    from engine.forms import Form


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that are checked and published together: file name → bytes as the owner wrote them."""

    diagrams: Mapping[str, bytes] = field(default_factory=dict)  # "leave.bpmn"
    decisions: Mapping[str, bytes] = field(default_factory=dict)  # "leave_days.dmn"
    forms: Mapping[str, bytes] = field(default_factory=dict)  # "request.json"


@dataclass(frozen=True, slots=True)
class Separation:
    """A segregation-of-duties rule on a user task: whoever completed one of `elements` in this case may not do it.

    Written on the task as `SOD-09: resolve, first_line if priority = "P1"`; the condition is FEEL and optional.
    """

    rule: str
    elements: tuple[str, ...]
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class ImplicitThrow:
    """An event that a run of a multi-instance throws when it is done, to be caught at the activity's border."""

    kind: str  # signal, escalation, error
    name: str  # of the signal, or the code
    condition: Expression | None = None  # None: always
    once: bool = False  # by the first run only


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """An activity that runs several times (BPMN 2.0.2, 10.3.8): as often as `cardinality` says, or for each item.

    Each run has variables of its own: `item`, `output_name`, and the counters. `output` is evaluated there when the
    run is done; what comes out becomes the list `output_collection`, in the order of the items.
    """

    sequential: bool = False
    cardinality: Expression | None = None
    collection: Expression | None = None
    item: str | None = None
    until: Expression | None = None  # the completion condition: true after a run, it ends the activity
    output_collection: str | None = None
    output: Expression | None = None
    output_name: str | None = None  # when the output is a plain name: the run's own variable
    throws: tuple[ImplicitThrow, ...] = ()  # its behavior: what is thrown when a run is done


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """An activity that is repeated while `condition` is true, `maximum` times at most (BPMN 2.0.2, 10.3.8)."""

    condition: Expression | None = None  # None: always
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes the border of a call one way: everything, the entries of a context, single values; later ones win."""

    everything: bool = False
    context: Expression | None = None
    values: Mapping[str, Expression] = field(default_factory=dict)


LATEST = "latest"  # `Call.version`: the newest when the call begins
AT_PUBLISHING = "deployment"  # the newest when the caller was published


@dataclass(frozen=True, slots=True)
class Call:
    """What a call activity calls (BPMN 2.0.2, 10.3.4): a process by its key, run as an instance of its own.

    `inputs` read the caller's variables and become the called instance's; `outputs` read those of the called one at
    its end and become the caller's. Passing everything back means what the called instance has changed.
    """

    process: str
    version: int | str = LATEST
    inputs: Passing = Passing(everything=True)
    outputs: Passing = Passing(everything=True)
    business_key: Expression | None = None  # None: the called process's own expression decides


@dataclass(frozen=True, slots=True)
class Compensation:
    """How an activity is undone, or what a throwing event undoes (BPMN 2.0.2, 10.7 and 13.5.5)."""

    handler: str | None = None  # of an activity: its compensation activity, or the event sub-process inside it
    activity: str | None = None  # of an event; None: everything done that is visible from it
    waits: bool = True  # of an event: it goes on when all is undone


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value on its way (BPMN 2.0.2, 10.4.2): what `value` gives becomes `target`, or what is at `path` inside it."""

    target: str  # name of a variable
    value: Expression
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataFlow:
    """The data of an activity or event (BPMN 2.0.2, 10.4): variables of its own, what goes in, what comes out."""

    own: Mapping[str, Expression | None] = field(default_factory=dict)  # data objects, properties → their first value
    inputs: tuple[Assignment, ...] = ()  # evaluated around it, into variables of its own
    input_sets: tuple[frozenset[str], ...] = ()  # it begins when all inputs of one of these have a value
    produced: tuple[str, ...] = ()  # its data outputs: variables of its own, too
    outputs: tuple[Assignment, ...] = ()  # evaluated in it, into variables around it
    closed: bool = False  # what it results in stays inside, but for `outputs`
    in_turn: bool = False  # other tools' way: a value sees those before it, and each run of a loop has its own


@dataclass(frozen=True, slots=True)
class Correlation:
    """How the messages of one name find their case (BPMN 2.0.2, 8.4.2)."""

    key: str  # id of the correlation key
    paths: tuple[Expression, ...]  # of its properties, in the message's contents
    bindings: tuple[Expression, ...] = ()  # of the same, in the case's variables; none: the first message says it


@dataclass(frozen=True, slots=True)
class AdHoc:
    """A sub-process in which people choose what is done (BPMN 2.0.2, 10.3.5 and 13.3.5)."""

    enabled: tuple[str, ...] = ()  # ids of the activities that can be begun, in the order drawn
    at_entry: Expression | None = None  # → ids of those that begin at once; None: all
    sequential: bool = False  # one thing at a time
    until: Expression | None = None  # the completion condition; None: until nothing runs any more
    cancels: bool = True  # when the condition is true, what still runs is cancelled


@dataclass(frozen=True, slots=True)
class Element:
    """One flow node of the owner's diagram with all that the engine reads from it.

    `kind` is the BPMN local name (`userTask`, `boundaryEvent`); `event` the kind of its event definition
    (`message`, `timer`, `error`, `terminate`, `link` …, `multiple` for several) or None; `parent` the id of the scope
    around it.
    """

    id: str
    kind: str
    name: str = ""
    line: int = 0
    parent: str = ""
    documentation: str = ""
    lane: str | None = None
    role: str | None = None  # the task's own property, else its lane's, else the lane's id
    event: str | None = None
    message: str | None = None  # message name
    error_code: str | None = None
    escalation_code: str | None = None
    code_variable: str | None = None  # takes the code of the error or escalation that is caught here
    message_variable: str | None = None  # takes its message
    signal: str | None = None  # signal name
    condition: Expression | None = None  # of a conditional event
    timer: tuple[str, Expression] | None = None  # ("date" | "duration" | "cycle", expression)
    triggers: tuple[Element, ...] = ()  # of a multiple event: one for each definition, all with the drawn id
    parallel: bool = False  # a multiple event or an instantiating gateway that needs all of its triggers
    instantiates: bool = False  # a case may begin here, though it is no start event
    attached_to: str | None = None
    interrupting: bool = True
    handler: str | None = None
    external: bool = False
    inputs: Mapping[str, Expression] = field(default_factory=dict)  # handler parameter → expression
    parameters: tuple[str, ...] = ()  # the handler's; those not in `inputs` take the variable of their name
    result: str | None = None  # variable that takes the whole result; None: each output becomes a variable
    retries: int = 3
    timeout: int = 60  # seconds an external handler may take
    script: Expression | None = None
    decision: str | None = None
    form: str | None = None
    assignee: Expression | None = None  # → user id or null
    due: Expression | None = None  # → date-time or duration after `opened_at`
    priority: Expression | None = None  # → number, higher is more urgent, default 0
    separations: tuple[Separation, ...] = ()
    on_claim: str | None = None  # handler run when the task is claimed, in the claim's transaction
    record_state: str | None = None  # state the case's record takes when a token arrives
    correlation_key: Expression | None = None  # default: the instance's business key
    payload: Expression | None = None  # a thrown message's variables, default {}
    expires: Expression | None = None  # how long a thrown message waits in the inbox, default: for ever
    loop: MultiInstance | StandardLoop | None = None
    compensation: Compensation | None = None
    ad_hoc: AdHoc | None = None
    activation: Expression | None = None  # of a complex gateway: what has to be true for it to go on
    start_quantity: int = 1  # tokens that an activity needs to begin
    completion_quantity: int = 1  # tokens that it sends along each outgoing flow
    call: Call | None = None  # of a call activity
    data: DataFlow | None = None
    clause: str | None = None  # the manual clause this element carries out
    properties: Mapping[str, str] = field(default_factory=dict)  # every extension property as written

    @property
    def title(self) -> Text:
        """What people read: the name, translated where the reader's language has it, else the id."""
        return Text(self.name or self.id)

    @property
    def events(self) -> tuple[Element, ...]:
        """What it waits for or throws, one by one: the triggers of a multiple event, else the element itself."""
        return self.triggers or (self,)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow of the owner's diagram."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """A diagram as the intake understood it; what the interpreter runs.

    `normalised` is the XML that SpiffWorkflow is given; element ids of the owner's file are kept in it.
    `variables` are the names that any expression of the model reads: form values under other names
    stay with the record and out of the instance.
    """

    key: str
    name: str
    source: bytes
    normalised: bytes
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    lanes: Mapping[str, str]  # lane id → role
    decisions: Mapping[str, DecisionModel]  # decision id → the model that holds it
    forms: Mapping[str, Form]
    variables: frozenset[str]
    register: str | None = None  # register that keeps the case's record
    business_key: Expression | None = None
    owner: str | None = None  # role that may publish
    starters: tuple[str, ...] = ()  # roles that may start it by hand; empty: the role of the start event's lane
    documentation: str = ""
    data: Mapping[str, Expression | None] = field(default_factory=dict)  # data objects, properties → their first value
    inputs: tuple[str, ...] = ()  # of the process's ioSpecification: variables that a caller gives
    results: tuple[str, ...] = ()  # variables that a caller gets
    correlations: Mapping[str, Correlation] = field(default_factory=dict)  # by message name

    @property
    def title(self) -> Text:
        """What people read: the name, translated where the reader's language has it, else the key."""
        return Text(self.name or self.key)

    def is_repeated(self, element: str) -> bool:
        """Whether an element, or a sub-process around it, has variables of its own, as the runs of a loop have."""
        at = self.elements.get(element)
        while at is not None:
            if at.loop is not None or at.data is not None:
                return True
            at = self.elements.get(at.parent)
        return False

    @property
    def passes_everything(self) -> bool:
        """Whether a call is given all variables: then nothing that is entered may stay with the record alone."""
        return any(e.call is not None and e.call.inputs.everything for e in self.elements.values())

    def starts(self) -> tuple[Element, ...]:
        """Where a case can begin, in the order drawn: top-level start events and what else instantiates.

        A process that has neither begins with everything that no flow leads to: at itself, so to speak.
        """
        found = tuple(e for e in self.elements.values() if e.parent == self.key and _begins(e))
        return found or (self._itself(),)

    def _itself(self) -> Element:
        targets = {flow.target for flow in self.flows.values()}
        first = [e for e in self.elements.values() if e.parent == self.key and e.id not in targets]
        role = next((e.role for e in first if e.role is not None), None)
        return Element(self.key, "process", self.name, role=role)


def _begins(element: Element) -> bool:
    return element.kind == "startEvent" or (element.instantiates and element.kind != "eventBasedGateway")


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """A published version of a process."""

    id: int
    key: str
    version: int
    checksum: str
    published_at: datetime
    published_by: str
    model: ProcessModel
