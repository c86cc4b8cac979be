"""The parts of the room's card, each in its own file; `module` puts them together."""
