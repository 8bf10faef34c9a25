"""The words of BPMN 2.0 that the intake knows: namespaces, kinds of node, the attributes and children of each."""

from __future__ import annotations

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

TASKS = frozenset(
    "task userTask manualTask serviceTask scriptTask businessRuleTask sendTask receiveTask".split()  # noqa: SIM905
)
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
CHOREOGRAPHY = frozenset({"choreographyTask", "callChoreography", "subChoreography", "implicitThrowEvent"})
NODES = ACTIVITIES | GATEWAYS | EVENTS | CHOREOGRAPHY

PEOPLE = frozenset({"userTask", "manualTask"})  # a person finishes these
EVENT_KINDS = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
    "signalEventDefinition": "signal",
    "escalationEventDefinition": "escalation",
    "conditionalEventDefinition": "conditional",
    "compensateEventDefinition": "compensation",
    "cancelEventDefinition": "cancel",
}
# What this engine runs: kind of node → kinds of event; "" is an event without definition.
RUNS = {
    "startEvent": {"", "message", "signal", "timer", "conditional"},
    "startEvent in an event sub-process": {"message", "timer", "error", "escalation", "signal", "conditional"}
    | {"compensation"},
    "endEvent": {"", "message", "error", "escalation", "signal", "terminate", "compensation", "cancel"},
    "intermediateCatchEvent": {"message", "timer", "signal", "conditional", "link"},
    "intermediateThrowEvent": {"", "message", "escalation", "signal", "link", "compensation"},
    "boundaryEvent": {"message", "timer", "error", "escalation", "signal", "conditional", "compensation", "cancel"},
}

_NODE = "id name default".split()  # noqa: SIM905
_ACTIVITY = {*_NODE, "isForCompensation", "startQuantity", "completionQuantity"}
_GATEWAY = {"id", "name", "gatewayDirection"}
# Attributes without namespace that each element may carry by the standard. Any other is a mistake worth stopping at:
# `isInterupting="false"` would otherwise be overlooked.
ATTRIBUTES: dict[str, set[str]] = {
    "process": {"id", "name", "isExecutable", "isClosed", "processType", "definitionalCollaborationRef"},
    "task": _ACTIVITY,
    "userTask": _ACTIVITY | {"implementation"},
    "manualTask": _ACTIVITY,
    "serviceTask": _ACTIVITY | {"implementation", "operationRef"},
    "scriptTask": _ACTIVITY | {"scriptFormat"},
    "businessRuleTask": _ACTIVITY | {"implementation"},
    "sendTask": _ACTIVITY | {"implementation", "messageRef", "operationRef"},
    "receiveTask": _ACTIVITY | {"implementation", "messageRef", "operationRef", "instantiate"},
    "callActivity": _ACTIVITY | {"calledElement"},
    "subProcess": _ACTIVITY | {"triggeredByEvent"},
    "transaction": _ACTIVITY | {"triggeredByEvent", "method"},
    "adHocSubProcess": _ACTIVITY | {"triggeredByEvent", "ordering", "cancelRemainingInstances"},
    "exclusiveGateway": _GATEWAY | {"default"},
    "inclusiveGateway": _GATEWAY | {"default"},
    "parallelGateway": _GATEWAY,
    "complexGateway": _GATEWAY | {"default"},
    "eventBasedGateway": _GATEWAY | {"instantiate", "eventGatewayType"},
    "startEvent": {"id", "name", "isInterrupting", "parallelMultiple"},
    "endEvent": {"id", "name"},
    "intermediateCatchEvent": {"id", "name", "parallelMultiple"},
    "intermediateThrowEvent": {"id", "name"},
    "boundaryEvent": {"id", "name", "attachedToRef", "cancelActivity", "parallelMultiple"},
    "sequenceFlow": {"id", "name", "sourceRef", "targetRef", "isImmediate"},
    "laneSet": {"id", "name"},
    "lane": {"id", "name", "partitionElementRef"},
    "messageEventDefinition": {"id", "messageRef", "name"},
    "timerEventDefinition": {"id", "name"},
    "errorEventDefinition": {"id", "errorRef", "name"},
    "escalationEventDefinition": {"id", "escalationRef", "name"},
    "signalEventDefinition": {"id", "signalRef", "name"},
    "conditionalEventDefinition": {"id", "name"},
    "compensateEventDefinition": {"id", "name", "activityRef", "waitForCompletion"},
    "cancelEventDefinition": {"id", "name"},
    "terminateEventDefinition": {"id", "name"},
    "linkEventDefinition": {"id", "name"},
    "standardLoopCharacteristics": {"id", "testBefore", "loopMaximum"},
    "multiInstanceLoopCharacteristics": {
        "id",
        "isSequential",
        "behavior",
        "noneBehaviorEventRef",
        "oneBehaviorEventRef",
    },
}

# Children that mean nothing at run time.
SILENT = frozenset(
    {"documentation", "extensionElements", "incoming", "outgoing", "auditing", "monitoring", "laneSet"}
) | {
    "categoryValueRef",
    "rendering",
    "supportedInterfaceRef",
    "supports",
    "ioBinding",
}
# What an event definition or a flow may contain besides.
CONTENTS = {
    "messageEventDefinition": {"operationRef"},
    "timerEventDefinition": {"timeDate", "timeDuration", "timeCycle"},
    "conditionalEventDefinition": {"condition"},
    "linkEventDefinition": {"source", "target"},
    "sequenceFlow": {"conditionExpression"},
}
DRAWN_ONLY = frozenset({"textAnnotation", "association", "group", "category", "artifact"})
DATA = frozenset({"dataObject", "dataObjectReference", "dataStoreReference", "property", "ioSpecification"})
EVENT_DATA = frozenset({"dataInput", "dataOutput", "inputSet", "outputSet"})
ASSOCIATIONS = frozenset({"dataInputAssociation", "dataOutputAssociation"})

STANDARD_LOOP = "standardLoopCharacteristics"
MULTI_INSTANCE = "multiInstanceLoopCharacteristics"
LOOP_CONTENTS = {
    STANDARD_LOOP: {"loopCondition"},
    MULTI_INSTANCE: {
        "loopCardinality",
        "loopDataInputRef",
        "loopDataOutputRef",
        "inputDataItem",
        "outputDataItem",
        "completionCondition",
        "complexBehaviorDefinition",
    },
}
LOOP_PROPERTIES = frozenset({"collection", "element_variable", "output_collection", "output_element"})

PROCESS_PROPERTIES = frozenset({"register", "business_key", "owner", "starters", "time_zone"})
ANY_PROPERTIES = frozenset({"clause", "record_state"})
PROPERTIES: dict[str, frozenset[str]] = {
    "lane": frozenset({"role"}),
    "adHocSubProcess": frozenset({"active_elements", "role"}),
    "userTask": frozenset({"form", "role", "assignee", "due", "priority", "separation", "on_claim"}),
    "manualTask": frozenset({"form", "role", "assignee", "due", "priority", "separation", "on_claim"}),
    "startEvent": frozenset({"form", "correlation_key", "result", "initiator", "time_zone"}),
    "serviceTask": frozenset({"result", "retries", "timeout"}),
    "businessRuleTask": frozenset({"decision", "result"}),
    "scriptTask": frozenset({"result"}),
    "callActivity": frozenset({"calls", "version", "inputs", "outputs", "business_key"}),
    "sendTask": frozenset({"correlation_key", "payload", "expires"}),
    "intermediateThrowEvent": frozenset({"correlation_key", "payload", "expires"}),
    "endEvent": frozenset({"correlation_key", "payload", "expires"}),
    "receiveTask": frozenset({"correlation_key", "result"}),
    "intermediateCatchEvent": frozenset({"correlation_key", "result", "time_zone"}),
    "boundaryEvent": frozenset({"correlation_key", "result", "time_zone"}),
}
