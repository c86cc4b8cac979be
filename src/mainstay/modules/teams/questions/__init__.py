"""What people ask about teams: capacity, health, skills, load, and how work went."""
