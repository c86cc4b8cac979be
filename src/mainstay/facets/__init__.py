"""Facets: what any record may wear, each a small room of the modules' shape."""
