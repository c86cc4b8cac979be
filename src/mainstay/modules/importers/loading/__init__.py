"""From a file that was read to records: the ground, the items, what they say of one another."""
