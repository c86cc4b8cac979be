"""Whole projects from other programs: Jira, Trello, GitHub and Asana."""
