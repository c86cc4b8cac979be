"""What rooms and facets use of files: a record's files, where they are, how they are sent."""

from mainstay.facets.files.entities import File
from mainstay.facets.files.kinds import icon_of, shown_as, spoken_size
from mainstay.facets.files.serve import sent
from mainstay.facets.files.slot import chains, files_of, href

__all__ = ["File", "chains", "files_of", "href", "icon_of", "sent", "shown_as", "spoken_size"]
