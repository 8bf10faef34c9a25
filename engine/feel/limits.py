"""How much an expression may ask for. A diagram's author is not trusted with the server's time or memory."""

from __future__ import annotations

MAX_TEXT = 20_000  # characters of an expression; a long decision table cell has a few hundred
MAX_DEPTH = 80  # levels of nesting; each costs up to four Python frames of about a thousand
MAX_CALL_DEPTH = 600  # levels in sum while functions call each other; the end of the stack is caught besides
MAX_STEPS = 100_000  # node evaluations within loops, filters and calls
MAX_STRING = 200_000  # characters of a result
MAX_LIST = 50_000  # items of a result
MAX_PATTERN = 500  # characters of a regular expression
MAX_MATCHED = 20_000  # characters a regular expression is run over
MAX_ITERATORS = 16  # of one `for`, `some` or `every`
