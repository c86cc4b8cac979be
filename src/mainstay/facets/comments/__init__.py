"""Comments: what people say about a record, in threads, with reactions."""
