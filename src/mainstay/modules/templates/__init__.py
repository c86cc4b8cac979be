"""Work to be done again: templates of projects, milestones, tasks, steps and checklist items."""
