"""How a task is done: its steps with their clocks, its checklists, and what came of it."""
