"""What people ask about sprints; each part in a file of its own."""
