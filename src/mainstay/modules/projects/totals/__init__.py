"""What is kept beside tasks and projects: how many, how far, and what waits for what."""
