"""What can be done with issues, their links and parts."""
