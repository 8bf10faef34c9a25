"""The front door, on a real database, with real diagrams."""
