"""The verbs of the room, and what is settled at the end of every unit of work."""
