"""What people ask about plans: how they stand, what a move brings, what was planned, what comes."""
