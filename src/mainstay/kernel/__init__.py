"""Records, verbs, questions and rules; no HTTP and no domain."""
