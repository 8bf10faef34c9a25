"""DMN decisions: read, checked at publish, evaluated.

```python
model, findings = parse_decisions("leave_days.dmn", content)
model.evaluate("leave_days", {"years": 12}).value
```

For the engine's own processes. Any DMN file of any tool is run as the bare standard has it (`Policy.STANDARD`) by

```python
answer("lending.dmn", content, "Routing", {"Applicant data": {...}}, imports={"bank.dmn": ...})
```

`document` parses XML safely, `reading`, `boxes` and `parsing` make a `DecisionModel`, `checks` (with `domains`) finds
gaps and overlaps; `table` and `boxed` give values, `making` goes through the requirements, `knowledge` holds the
file's functions, `typing` its types, `imports` its neighbours, `policy` where we part from the standard.
"""

from engine.dmn.answering import answer
from engine.dmn.decision import Decision
from engine.dmn.errors import DecisionError
from engine.dmn.model import DecisionModel, decision_functions
from engine.dmn.parsing import load_decisions, parse_decisions
from engine.dmn.policy import Policy
from engine.dmn.table import Aggregation, DecisionResult, HitPolicy

__all__ = ["Aggregation", "Decision", "DecisionError", "DecisionModel", "DecisionResult", "HitPolicy", "Policy",
           "answer", "decision_functions", "load_decisions", "parse_decisions"]  # fmt: skip
