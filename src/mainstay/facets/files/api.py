"""What rooms and facets use of files: a record's files, where they are, how they are sent."""

from mainstay.facets.files.actions import Content, Wish, attach
from mainstay.facets.files.arrive import receive, settings_of
from mainstay.facets.files.entities import File
from mainstay.facets.files.kinds import icon_of, shown_as, spoken_size
from mainstay.facets.files.serve import sent
from mainstay.facets.files.slot import chains, files_of, href

__all__ = [
    "Content",
    "File",
    "Wish",
    "attach",
    "chains",
    "files_of",
    "href",
    "icon_of",
    "receive",
    "sent",
    "settings_of",
    "shown_as",
    "spoken_size",
]
