"""Projects, the tasks in them, the time spent on them, and who does what by when."""
