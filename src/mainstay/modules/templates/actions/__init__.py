"""The verbs of templates: keeping the library, arranging what is in them, and using them."""
