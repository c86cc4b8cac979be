"""What can be done with weeks, their cells, timers and rates."""
