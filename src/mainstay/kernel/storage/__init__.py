"""Where records are kept: one small interface, one engine per file."""
