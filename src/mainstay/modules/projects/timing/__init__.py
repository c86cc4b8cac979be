"""What an hour of work costs, and how long a timer may run before it asks."""
