"""What rooms use of tags: the field that carries them."""

from mainstay.facets.tags.entities import Tags

__all__ = ["Tags"]
