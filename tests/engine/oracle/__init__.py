"""Random well-formed diagrams, and a small token game that says what must happen in them.

Written from BPMN 2.0.2, chapter 13, and independent of what it judges: nothing here but `playing` and the tests knows
the engine.

`game` is the board: tokens, scopes, what may happen next. `pen` draws. Each kind of block is one small class that can
draw itself and says what a token does in it: `flow` has those around gateways and events, `activities` the tasks and
sub-processes with their borders, `markers` loops and multi-instance, `handlers` the event sub-processes.
`strategies` makes random ones, `playing` compares.

To add a kind: a dataclass that extends `game.Block` with `parts` (the blocks inside), `draw` (strokes → the first and
last nodes), `enter` (a token has come), `left` (a token comes out of a part), and, if tokens rest in it, `waits` and
`happen`; then one line in `strategies`.
"""
