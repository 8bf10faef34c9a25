"""The engine's tables and the only SQL that touches them: one module per aggregate.

Every function takes the connection of a transaction that its caller began, so that all which follows from one act is
stored together or not at all.
"""
