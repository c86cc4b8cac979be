"""Import contracts that hold for every room at once, so that a new room needs no new contract."""

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOMS = "mainstay.modules."


def room_of(module: str) -> str | None:
    """Return the room that a module belongs to, or nothing."""
    return module.removeprefix(ROOMS).split(".")[0] if module.startswith(ROOMS) else None


def file_of(module: str) -> str | None:
    """Return the name of a room's file or folder that a module is part of."""
    parts = module.removeprefix(ROOMS).split(".")
    return parts[1] if module.startswith(ROOMS) and len(parts) > 1 else None


class RoomFacesContract(Contract):
    """Lets a room import of another room only the files named in `faces`."""

    type_name = "room_faces"
    faces = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """Compare every import between two rooms with the faces."""
        wrong = sorted(self._wrong(graph))
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def _wrong(self, graph: ImportGraph) -> Iterator[str]:
        for importer in graph.modules:
            room = room_of(importer)
            if room is None:
                continue
            for imported in graph.find_modules_directly_imported_by(importer):
                other = room_of(imported)
                if other not in {None, room} and file_of(imported) not in self.faces:
                    yield f"{importer} imports {imported}: use {ROOMS}{other}.{self.faces[0]}"

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import with what to use instead."""
        for line in check.metadata["wrong"]:
            output.print_error(line)


class RoomFilesContract(Contract):
    """Keeps packages named in `never` out of the files named in `files`, by any path."""

    type_name = "room_files"
    files = fields.ListField(subfield=fields.StringField())
    never = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """Look for a chain of imports from each such file to each such package."""
        wrong = [
            " imports ".join(chain)
            for module in sorted(graph.modules)
            if file_of(module) in self.files
            for package in self.never
            if package in graph.modules
            and (chain := graph.find_shortest_chain(importer=module, imported=package))
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each chain of imports."""
        for line in check.metadata["wrong"]:
            output.print_error(line)
