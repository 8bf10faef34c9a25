"""`make fuzz`: thousands of random diagrams against the token game, and thousands of damaged files against the intake.

`mutations` damages files, `hostile` has those that mean harm, `corpus` collects what is damaged, `trial` is what each
file goes through in a child process with bounded memory, `__main__` spreads the work over the processors and counts.
`GUICHENG_FUZZ_DIAGRAMS`, `GUICHENG_FUZZ_FILES` and `GUICHENG_FUZZ_SEED` say how much of what.
"""
