"""The registers' schema, step by step. `registers.migrate(database)` runs what is missing."""
