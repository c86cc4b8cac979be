"""What people ask about time: a week, what waits for approval, reports, estimates, profit."""
