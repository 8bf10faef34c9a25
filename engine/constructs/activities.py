"""Activities: tasks, sub-processes, called ones, and their markers (BPMN 2.0.2, 10.3)."""

from __future__ import annotations

from engine.constructs.construct import Construct
from engine.constructs.strokes import boundary, condition, flows, inside, line, node, nodes, users

_OTHER = (
    '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="q_s"/>'
    + users("work")
    + '<bpmn:endEvent id="q_e"/>'
    + flows("q_s work q_e")
    + "</bpmn:process>"
)
_DATA = '<bpmn:dataObject id="items" name="items" isCollection="true"/>'


def _task(key: str, title: str, inner: str = "", attributes: str = "", **own: str) -> Construct:
    return Construct(key, title, "10.3.3", line(node(key.split(".")[0], "x", inner, attributes, **own)))


TASKS = (
    _task("task", "Task without a kind: passes at once"),
    _task("userTask", "User task: a person completes it", role="staff"),
    _task("manualTask", "Manual task: a person says that it is done", role="staff"),
    _task("serviceTask", "Service task, handler in the step's transaction", attributes='implementation="do"'),
    _task("serviceTask.external", "Service task, handler run as a job", attributes='implementation="far"'),
    _task("scriptTask", "Script task in FEEL", "<bpmn:script>1 + 2</bpmn:script>", 'scriptFormat="feel"', result="n"),
    _task("businessRuleTask", "Business rule task: a DMN decision", decision="decide", result="n"),
    _task("sendTask", "Send task", attributes='messageRef="m_ping"'),
    _task("receiveTask", "Receive task", attributes='messageRef="m_ping"'),
    Construct(
        "receiveTask.instantiate",
        "Receive task that starts the process",
        "10.3.3",
        node("receiveTask", "x", attributes='messageRef="m_ping" instantiate="true"')
        + users("after")
        + nodes("endEvent", "e")
        + flows("x after e"),
    ),
)


def _call(key: str, title: str, called: str, beside: str) -> Construct:
    section = "10.3.7" if "global" in key else "10.3.6"
    return Construct(
        key, title, section, line(node("callActivity", "x", attributes=f'calledElement="{called}"')), beside
    )


CALLS = (
    _call("callActivity", "Call activity: another process", "q", _OTHER),
    _call(
        "callActivity.globalUserTask",
        "Call activity: global user task",
        "g",
        node("globalUserTask", "g", attributes='name="G"', role="staff"),
    ),
    _call(
        "callActivity.globalManualTask",
        "Call activity: global manual task",
        "g",
        node("globalManualTask", "g", attributes='name="G"', role="staff"),
    ),
    _call(
        "callActivity.globalScriptTask",
        "Call activity: global script task",
        "g",
        node("globalScriptTask", "g", "<bpmn:script>1 + 2</bpmn:script>", 'scriptLanguage="feel"', result="n"),
    ),
    _call(
        "callActivity.globalBusinessRuleTask",
        "Call activity: global business rule task",
        "g",
        node("globalBusinessRuleTask", "g", decision="decide", result="n"),
    ),
    _call("callActivity.globalTask", "Call activity: global task without a kind", "g", node("globalTask", "g")),
)


def _sub(key: str, title: str, inner: str, attributes: str = "", *, section: str = "10.3.5") -> Construct:
    return Construct(key, title, section, line(node(key.split(".")[0], "x", inner, attributes)))


_FREE = users("a", "b")
_ORDERED = "<bpmn:completionCondition>ready = true</bpmn:completionCondition>"
SUB_PROCESSES = (
    _sub("subProcess", "Embedded sub-process", inside("work")),
    _sub("subProcess.nested", "Sub-process in a sub-process", node("subProcess", "inner", inside("work"))),
    _sub("subProcess.noStart", "Sub-process without start and end: everything unentered begins", _FREE),
    _sub("subProcess.empty", "Sub-process with nothing in it: passes at once", ""),
    _sub("transaction", "Transaction that succeeds", inside("work"), section="10.3.5, 10.7"),
    _sub("adHocSubProcess", "Ad-hoc sub-process", _FREE + _ORDERED),
    _sub("adHocSubProcess.sequential", "Ad-hoc sub-process, one at a time", _FREE + _ORDERED, 'ordering="Sequential"'),
    _sub(
        "adHocSubProcess.keep",
        "Ad-hoc sub-process that lets what runs finish",
        _FREE + _ORDERED,
        'cancelRemainingInstances="false"',
    ),
)


def _marked(key: str, title: str, inner: str = "", attributes: str = "", before: str = "", **own: str) -> Construct:
    section = "10.3.8" if key.startswith(("loop", "multiInstance")) else "10.3.2"
    return Construct(key, title, section, before + line(node("userTask", "x", inner, attributes, role="staff", **own)))


def _loop(inner: str = "", attributes: str = "") -> str:
    return node("standardLoopCharacteristics", "l", inner, attributes)


def _bars(inner: str, attributes: str = "") -> str:
    return node("multiInstanceLoopCharacteristics", "l", inner, attributes)


_AGAIN = "<bpmn:loopCondition>again = true</bpmn:loopCondition>"
_TWO = "<bpmn:loopCardinality>2</bpmn:loopCardinality>"
_ITEMS = "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef><bpmn:inputDataItem id='i' name='item'/>"
_THROWN = (
    nodes("startEvent", "s")
    + node("userTask", "host", _bars(_TWO, 'behavior="{}" {}'), role="staff")
    + boundary("x", "host", '<bpmn:signalEventDefinition id="told" signalRef="g_red"/>', 'cancelActivity="false"')
    + users("seen", "after")
    + nodes("endEvent", "e")
    + flows("s host after e", "x seen")
)


def _behaviour(key: str, title: str, behavior: str, attributes: str = "") -> Construct:
    return Construct(key, title, "10.3.8", _THROWN.replace("{}", behavior, 1).replace("{}", attributes, 1))


MARKERS = (
    _marked("loop", "Loop, asked after each run", _loop(_AGAIN)),
    _marked("loop.before", "Loop, asked before each run", _loop(_AGAIN, 'testBefore="true"')),
    _marked("loop.maximum", "Loop with a maximum", _loop("", 'loopMaximum="2"')),
    _marked("multiInstance.parallel", "Multi-instance, parallel, cardinality", _bars(_TWO)),
    _marked("multiInstance.sequential", "Multi-instance, sequential", _bars(_TWO, 'isSequential="true"')),
    _marked("multiInstance.data", "Multi-instance over the items of a data input", _bars(_ITEMS), before=_DATA),
    _marked(
        "multiInstance.collection",
        "Multi-instance over a FEEL list",
        _bars(""),
        collection="[1, 2]",
        element_variable="item",
    ),
    _marked(
        "multiInstance.until",
        "Multi-instance with completion condition",
        _bars(_TWO + "<bpmn:completionCondition>nrOfCompletedInstances = 1</bpmn:completionCondition>"),
    ),
    _behaviour(
        "multiInstance.none",
        "Multi-instance that throws for each run (behavior None)",
        "None",
        'noneBehaviorEventRef="told"',
    ),
    _behaviour(
        "multiInstance.one",
        "Multi-instance that throws for the first run (behavior One)",
        "One",
        'oneBehaviorEventRef="told"',
    ),
    Construct(
        "multiInstance.complex",
        "Multi-instance that throws what conditions say (behavior Complex)",
        "10.3.8",
        line(
            node(
                "userTask",
                "x",
                _bars(
                    _TWO
                    + '<bpmn:complexBehaviorDefinition id="cb"><bpmn:condition xsi:type="bpmn:tFormalExpression">'
                    + "nrOfCompletedInstances = 1</bpmn:condition>"
                    + '<bpmn:event id="told"><bpmn:signalEventDefinition signalRef="g_red"/></bpmn:event>'
                    + "</bpmn:complexBehaviorDefinition>",
                    'behavior="Complex"',
                ),
                role="staff",
            )
        ),
    ),
    Construct(
        "startQuantity",
        "Start quantity: waits for several tokens",
        "10.3.2",
        nodes("startEvent", "s")
        + nodes("parallelGateway", "fork")
        + node("userTask", "x", attributes='startQuantity="2"', role="staff")
        + users("a", "b", "after")
        + nodes("endEvent", "e")
        + flows("s fork a x", "fork b x", "x after e"),
    ),
    _marked("completionQuantity", "Completion quantity: sends several tokens", attributes='completionQuantity="2"'),
)


def _implicit(key: str, title: str, body: str, section: str = "13.3.1") -> Construct:
    return Construct(key, title, section, nodes("startEvent", "s") + body)


FLOWS = (
    _implicit(
        "flow.split",
        "Several flows out of an activity: all are taken",
        users("x", "a", "b") + nodes("endEvent", "e") + flows("s x a e", "x b e"),
    ),
    _implicit(
        "flow.merge",
        "Several flows into an activity: each token runs it",
        nodes("task", "t")
        + users("x")
        + nodes("parallelGateway", "fork")
        + nodes("task", "u")
        + nodes("endEvent", "e")
        + flows("s fork t x e", "fork u x"),
    ),
    _implicit("flow.noEnd", "No end event: the token ends with its element", users("x") + flows("s x")),
    _implicit(
        "flow.conditional",
        "Conditional flows out of an activity",
        users("x", "a", "b", "c")
        + nodes("endEvent", "e")
        + condition("x", "a", "n = 1 or n = 3")
        + condition("x", "b", "n = 2 or n = 3")
        + flows("s x c e", "a e", "b e"),
        "8.4.13",
    ),
    _implicit(
        "flow.default",
        "Default flow out of an activity",
        node("userTask", "x", attributes='default="x_b"', role="staff")
        + users("a", "b")
        + nodes("endEvent", "e")
        + condition("x", "a", "n = 1")
        + flows("s x b e", "a e"),
        "8.4.13",
    ),
    Construct(
        "flow.noStart",
        "Process without start event: everything unentered begins",
        "10.5.2",
        users("x", "y") + nodes("endEvent", "e") + flows("x e", "y e"),
    ),
    Construct(
        "flow.severalStarts",
        "Several start events: each begins a case",
        "10.5.2",
        nodes("startEvent", "s", "x") + users("a", "b") + nodes("endEvent", "e") + flows("s a e", "x b e"),
    ),
    _implicit(
        "flow.severalEnds",
        "Several end events: the case ends with its last token",
        nodes("parallelGateway", "fork")
        + users("a", "b")
        + nodes("endEvent", "e", "x")
        + flows("s fork a e", "fork b x"),
        "10.5.4",
    ),
)
