"""Issues: what is wrong or wished for, how bad it is, how fast it must be answered."""
