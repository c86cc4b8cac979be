"""The verbs of milestones, one file for each noun."""
