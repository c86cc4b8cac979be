"""The words a company plans with: units, professions, terms, tools, placements, frequencies."""
