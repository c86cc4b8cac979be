"""Custom fields: what a workspace adds to a resource without a programmer."""
