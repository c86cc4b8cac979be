"""The verbs of doing a task, one file for each noun, and what is kept beside it."""
