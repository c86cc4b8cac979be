"""What must hold for every resource, whatever its room: these tests walk the registry."""
