"""Work in sprints: the backlog, planning, the days of a sprint, and what its history shows."""
