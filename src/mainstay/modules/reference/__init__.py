"""The words a company plans with: terms, tools, placements and frequencies."""
