"""What people, machines and the clock do: each act is one transaction, stored with all that follows from it."""
