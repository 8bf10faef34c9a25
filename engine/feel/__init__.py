"""FEEL, the Friendly Enough Expression Language of DMN 1.5 (chapter 10), compiled to closures.

```python
compile_expression('priority in ("P1", "P2") and age > duration("PT4H")').evaluate({"priority": "P1", ...})
compile_unary_tests("< 5, [10..20]").matches(12, {})
```

`lexer` and `brackets` make tokens, `parser` a tree by `grammar.lark`, `compiler` (with the rules in `literals`,
`operators`, `iterations`, `calls`) closures; `functions/` holds the built-in functions; `kinds` and `arithmetic` what
values are and do. Nothing in here knows processes or decisions: the package could be published alone.
"""

from engine.feel.calls import ContextFunction
from engine.feel.compiler import UNKNOWN
from engine.feel.errors import FeelLimitError, FeelSyntaxError
from engine.feel.expression import Expression, UnaryTests, compile_expression, compile_unary_tests, constant_value
from engine.feel.functions import BUILTINS
from engine.feel.functions.writing import write as feel_text
from engine.feel.kinds import FeelFunction, Range, compare, equal, in_range, kind_of, less
from engine.feel.types import FeelType, named_type

__all__ = [
    "BUILTINS",
    "UNKNOWN",
    "ContextFunction",
    "Expression",
    "FeelFunction",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelType",
    "Range",
    "UnaryTests",
    "compare",
    "compile_expression",
    "compile_unary_tests",
    "constant_value",
    "equal",
    "feel_text",
    "in_range",
    "kind_of",
    "less",
    "named_type",
]
