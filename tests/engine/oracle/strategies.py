"""Random blocks, diagrams and scripts; every kind of block is one line here."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.engine.oracle.activities import AT_ONCE, Activity, Border, Handler, Process
from tests.engine.oracle.flow import And, Catch, Link, Loop, Or, Race, Seq, Throw, Xor
from tests.engine.oracle.game import Block
from tests.engine.oracle.markers import Again, Marker, Multi
from tests.engine.oracle.playing import Script

S = st.SearchStrategy
CODES, SIGNALS = st.sampled_from(["E1", "E2"]), st.sampled_from(["red", "blue"])
KINDS = st.sampled_from(
    ["userTask"] * 4 + ["serviceTask"] * 3 + ["manualTask", "receiveTask", "task", "scriptTask", "sendTask"]
)
NEVER = st.just(False)


# --- what stands at borders ---------------------------------------------------------------------------------------


def _catching(kind: str, make: type[Border] | type[Handler], **given: S[object]) -> S[object]:
    what: S[str | None] = st.none()
    if kind in ("error", "escalation"):
        what = st.sampled_from([None, "E1", "E2"])
    elif kind == "signal":
        what = SIGNALS
    interrupting = st.just(True) if kind == "error" else st.booleans()
    return st.builds(make, kind=st.just(kind), what=what, interrupting=interrupting, **given)


def _same(event: Border | Handler) -> tuple[str, str | None]:
    """Two events at one place may not wait for the same."""
    return event.kind, event.what


CAUGHT = ("message", "duration", "cycle", "signal", "error", "escalation")
BORDER = st.one_of([_catching(kind, Border, back=st.booleans()) for kind in CAUGHT])
BORDERS: S[list[Border]] = st.one_of(st.just([]), st.lists(BORDER, min_size=1, max_size=3, unique_by=_same))
MARKERS: S[Marker | None] = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.builds(Again, before=st.booleans(), most=st.sampled_from([None, 1, 2, 3])),
    st.builds(
        Multi, sequential=st.booleans(), items=st.booleans(), until=st.sampled_from([None, None, "two", "choice"])
    ),
)


def _one(*choices: tuple[int, S[Block]]) -> S[Block]:
    """One of several, each as often as its weight says."""
    options = [chosen for weight, chosen in choices for _ in range(weight)]
    return st.integers(0, len(options) - 1).flatmap(lambda n: options[n])  # not `one_of`, which levels weights out


def _activity(marker: Marker | None, **given: object) -> Activity:
    """An activity; what may take no time is not repeated for ever."""
    made = Activity(**given, marker=marker)  # type: ignore[arg-type]
    if isinstance(marker, Again) and marker.most is None and (made.body is not None or made.kind in AT_ONCE):
        marker.most = 3
    return made


# --- blocks -------------------------------------------------------------------------------------------------------

TASK = st.builds(_activity, kind=KINDS, borders=BORDERS, marker=MARKERS)


def _throw(kind: str) -> S[Block]:
    if kind == "signal":
        return st.builds(Throw, kind=st.just(kind), what=SIGNALS, often=st.booleans())
    return st.builds(Throw, kind=st.just(kind), what=CODES, often=NEVER if kind == "error" else st.booleans())


LEAVES: S[Block] = _one(
    (12, TASK),
    (3, st.builds(Catch, kind=st.sampled_from(["message", "duration", "signal"]), signal=SIGNALS)),
    (1, st.builds(Link)),
    (1, _throw("signal")),
    (1, _throw("escalation")),
    (1, _throw("error")),
    (1, st.builds(Throw, kind=st.sampled_from(["terminate", "none", "message"]), what=st.just("sent"), often=NEVER)),
)


def _race(smaller: S[Block]) -> S[Block]:
    kinds = st.lists(st.sampled_from(["message", "duration", "signal", "receive"]), min_size=2, max_size=3, unique=True)
    return kinds.flatmap(
        lambda k: st.builds(
            Race, kinds=st.just(k), blocks=st.lists(smaller, min_size=len(k), max_size=len(k)), signal=SIGNALS
        )
    )


def _handlers(smaller: S[Block]) -> S[list[Handler]]:
    one = st.one_of([_catching(kind, Handler, body=smaller) for kind in CAUGHT])
    return st.one_of(st.just([]), st.just([]), st.lists(one, min_size=1, max_size=2, unique_by=_same))


def _bigger(smaller: S[Block]) -> S[Block]:
    several = st.lists(smaller, min_size=2, max_size=3)
    return _one(
        (3, st.builds(Seq, several)),
        (1, st.builds(Xor, several, merge=st.booleans())),
        (2, st.builds(And, several, split=st.booleans(), join=st.sampled_from([True, True, False]))),
        (1, st.builds(Or, several, by_task=st.booleans())),
        (1, st.builds(Loop, smaller)),
        (1, _race(smaller)),
        (2, _sub(smaller, BORDERS, _handlers(smaller))),
        (2, _trouble(smaller)),
    )


def _sub(body: S[Block], borders: S[list[Border]], handlers: S[list[Handler]]) -> S[Block]:
    return st.builds(_activity, body=body, handlers=handlers, bare=st.booleans(), borders=borders, marker=MARKERS)


def _trouble(smaller: S[Block]) -> S[Block]:
    """A sub-process in which something is thrown that its event sub-processes or its border may catch."""
    return st.sampled_from(["error", "escalation", "signal"]).flatmap(
        lambda kind: _sub(
            st.builds(_beside, _throw(kind), smaller, st.booleans()),
            st.lists(_catching(kind, Border, back=st.booleans()), min_size=0, max_size=2, unique_by=_same),
            st.lists(_catching(kind, Handler, body=smaller), min_size=0, max_size=2, unique_by=_same),
        )
    )


def _beside(throw: Block, block: Block, at_once: bool) -> Block:
    return And([throw, block]) if at_once else Seq([throw, block])


def _ending_in_a_task(block: Block) -> Block:
    """With a task behind it, a block that lets one token too many through is seen."""
    return Seq([block, Activity()])


BLOCKS = _bigger(st.recursive(LEAVES, _bigger, max_leaves=8))
DIAGRAMS: S[Process] = st.builds(
    Process, BLOCKS.map(_ending_in_a_task), _handlers(LEAVES), seed=st.one_of(st.just(0), st.integers(0, 999))
)
CHOICES = st.integers(0, 11)
SCRIPTS: S[Script] = st.lists(st.tuples(st.integers(0, 20), CHOICES), min_size=12, max_size=30)
