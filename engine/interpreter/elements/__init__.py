"""Our BPMN elements on SpiffWorkflow's core: what a token does at each kind of node.

SpiffWorkflow keeps the tokens (`Task`, its states, its tree per scope) and the graph (`WorkflowSpec`, `TaskSpec`); what
BPMN says about a node is written here, one theme per file. The states, as used here:

```
READY     a token has reached the node and is queued
STARTED   it rests there: a person, a job, a clock, a message or, at a join, other tokens must come
WAITING   an armed event: of the activity it is attached to, or of the event gateway before it
```

The tree is flat: tokens hang at the scope's root, armed events at the token they guard, and whatever is completed or
cancelled leaves the tree at once. So a snapshot holds what is open and nothing else, a step costs what is open, and
there is no depth at which it stops. No prediction (`FUTURE`, `MAYBE`) is made, and `Task.data` stays empty.
"""
