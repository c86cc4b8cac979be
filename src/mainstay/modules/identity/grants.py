"""What each role may do from the start, in this house's own permission names.

A room that is there adds its own grants on its card (`Module.roles`); named here are this room's
own, and those of rooms that are still to come.
"""

from mainstay.kernel.fields import spoken

EVERYBODY = (
    "identity.user.read",
    "identity.user.update",
    "identity.user_session.read",
    "identity.user_session.end",
    "identity.api_token.read",
    "identity.api_token.update",
    "identity.api_token.issue",
    "identity.api_token.revoke",
    "identity.language.read",
    "transfer.import_run.read",
    "transfer.import_run.stop",
    "transfer.import_run.resume",
    "places.favourite.read",
    "places.favourite.create",
    "places.favourite.update",
    "places.favourite.delete",
    "places.favourite.restore",
    "places.recent.read",
    "places.visit.read",
)
"""What every active person may do: see and keep their own account, sessions and tokens."""

DIRECTORY = (
    "identity.user.see_all",
    "identity.role.read",
    "identity.organisation_unit.read",
    "identity.team.read",
    "identity.team_member.read",
    "identity.skill.read",
    "identity.user_skill.read",
    "identity.user_skill.create",
    "identity.user_skill.update",
    "identity.user_skill.delete",
    "identity.profession.read",
    "identity.position.read",
    "identity.team_capacity.read",
)
"""What everybody who works here may do besides: look up colleagues, teams and skills."""

TEAMS = (
    "identity.team.*",
    "identity.team_member.*",
    "identity.skill.*",
    "identity.user_skill.*",
)

TALK = (
    "chat.*.read",
    "chat.message.*",
    "calendar.*.read",
    "calendar.event.join",
    "notices.*",
    "learning.*.read",
)

LOOK = ("scrum.*.read", "issues.*.read")

WORK = (
    *DIRECTORY,
    *TALK,
    *LOOK,
    "issues.issue.create",
    "issues.issue.update",
)

SYSTEM_ROLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "admin": ("Administrator", "May do everything.", ("*",)),
    "manager": (
        "Manager",
        "Runs projects, teams and their people; sees customers and stock.",
        (
            *WORK,
            *TEAMS,
            "identity.organisation_unit.*",
            "identity.profession.*",
            "identity.position.*",
            "identity.statistics.read",
            "scrum.*",
            "issues.*",
            "crm.*",
            "calendar.*",
            "chat.*",
            "people.*.read",
            "inventory.*.read",
            "analytics.*",
        ),
    ),
    "lead": (
        "Team lead",
        "Plans and assigns the team's tasks, sprints and meetings.",
        (
            *WORK,
            "identity.team.update",
            "identity.team.add_member",
            "identity.team.remove_member",
            "identity.team_member.create",
            "identity.team_member.update",
            "calendar.*",
            "chat.*",
        ),
    ),
    "member": ("Member", "Works on tasks and issues, talks and meets.", WORK),
    "sales": (
        "Sales",
        "Keeps leads and customers.",
        (*WORK, "crm.*", "directory.*"),
    ),
    "support": (
        "Support",
        "Answers customers and follows their issues.",
        (*WORK, "crm.*.read", "crm.goal.*"),
    ),
    "tech": ("Technical staff", "Builds and runs things.", WORK),
    "technician": (
        "Technician",
        "Works on site: tasks, attendance, stock.",
        (*WORK, "people.attendance.*", "inventory.*.read"),
    ),
    "engineer": (
        "Engineer",
        "Builds projects and sees the stock.",
        (*WORK, "inventory.*.read"),
    ),
    "designer": ("Designer", "Designs, and works on tasks and issues.", WORK),
    "tester": ("Tester", "Tests, and keeps the issues.", WORK),
    "analyst": (
        "Analyst",
        "Reads everything that is counted, and draws reports from it.",
        (*WORK, "crm.*.read", "inventory.*.read", "analytics.*"),
    ),
    "client": (
        "Client",
        "A customer who looks in: sees what is shared with them, and nobody else.",
        ("issues.*.read", "issues.issue.create", "chat.message.*"),
    ),
    "viewer": ("Viewer", "Reads, and changes nothing.", (*DIRECTORY[:9], *TALK[:1], *LOOK)),
}


def role_of(code: str) -> tuple[str, str, tuple[str, ...]]:
    """Return a role's name, description and grants; a room may name one that is not known here."""
    return SYSTEM_ROLES.get(code, (spoken(code), "", ()))
