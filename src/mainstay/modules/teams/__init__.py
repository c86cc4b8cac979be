"""What teams can do, know, aim for and how they are doing."""
