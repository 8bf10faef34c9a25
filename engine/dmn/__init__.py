"""DMN decisions: read, checked at publish, evaluated.

```python
model, findings = parse_decisions("leave_days.dmn", content)
model.evaluate("leave_days", {"years": 12}).value
```

`document` parses XML safely, `reading` and `parsing` make a `DecisionModel`, `checks` (with `domains`) finds gaps and
overlaps, `table` decides.
"""

from engine.dmn.errors import DecisionError
from engine.dmn.model import Decision, DecisionModel, decision_functions
from engine.dmn.parsing import parse_decisions
from engine.dmn.table import Aggregation, DecisionResult, HitPolicy

__all__ = ["Aggregation", "Decision", "DecisionError", "DecisionModel", "DecisionResult", "HitPolicy",
           "decision_functions", "parse_decisions"]  # fmt: skip
