"""What can be drawn in BPMN, and what becomes of it here: a catalogue with a sample diagram for each construct.

No state is written down: it is what the intake says about the sample. So `docs/bpmn-support.md` can't go stale, and
the matrix test plays each sample that runs (`tests/engine/matrix`).
"""

from engine.constructs.catalogue import CHAPTERS, CONSTRUCTS
from engine.constructs.construct import Construct, Judgement, Status, judge, registry
from engine.constructs.page import write_support

__all__ = ["CHAPTERS", "CONSTRUCTS", "Construct", "Judgement", "Status", "judge", "registry", "write_support"]
