"""Turns declarations into surfaces: REST, pages, streams; knows Litestar, not the domain."""
