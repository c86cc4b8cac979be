"""The roles that a facet gives its usual rights to, whatever rooms there are."""

LEADING = ("manager", "lead")
WORKING = (
    "member",
    "sales",
    "support",
    "tech",
    "technician",
    "engineer",
    "designer",
    "tester",
    "analyst",
)
READING = ("client", "viewer")
