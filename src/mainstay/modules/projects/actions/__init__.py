"""The verbs of work, one file for each noun."""
