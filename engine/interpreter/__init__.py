"""Runs a model: commands go in, steps come out; no database, no clock, no handler of its own."""
