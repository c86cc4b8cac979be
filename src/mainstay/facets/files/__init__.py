"""Files: what is attached to a record, kept under hashed names, with versions."""
