"""The database's history, one file a step, up and down, for every engine."""
