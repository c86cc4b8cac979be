"""What the pages and panels of the room are given, in parts."""
