"""What can be done with a team's goals, rituals, metrics and skills, and with its work."""
