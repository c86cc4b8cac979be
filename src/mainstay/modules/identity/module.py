"""The card of this room: people, roles, sessions, tokens, teams, units and skills."""

from mainstay.kernel.context import Context
from mainstay.kernel.module import Menu, Module, Related, Resource
from mainstay.kernel.views import Chart, Gallery, Pivot, Table
from mainstay.modules.identity import entities, grants, questions, scopes
from mainstay.modules.identity.actions import access, people, teams, units
from mainstay.modules.identity.api import accounts, links
from mainstay.modules.identity.api.people import active, person
from mainstay.modules.identity.demo import demo
from mainstay.modules.identity.entities import Language, Role

DAY = 86_400
NAMED = ("name", "description")
CARD = ("first_name", "last_name", "display_name", "avatar_url", "bio", "phone", "mobile")
PERSONAL = ("language", "timezone", "theme", "preferences")
LANGUAGES = (
    "Arabic ar ara,Bengali bn ben,Bulgarian bg bul,Chinese zh zho,Croatian hr hrv,Czech cs ces,"
    "Danish da dan,Dutch nl nld,English en eng,Estonian et est,Finnish fi fin,French fr fra,"
    "German de deu,Greek el ell,Hebrew he heb,Hindi hi hin,Hungarian hu hun,Indonesian id ind,"
    "Italian it ita,Japanese ja jpn,Korean ko kor,Latvian lv lav,Lithuanian lt lit,Malay ms msa,"
    "Norwegian no nor,Persian fa fas,Polish pl pol,Portuguese pt por,Romanian ro ron,"
    "Russian ru rus,Serbian sr srp,Slovak sk slk,Slovenian sl slv,Spanish es spa,Swahili sw swa,"
    "Swedish sv swe,Thai th tha,Turkish tr tur,Ukrainian uk ukr,Urdu ur urd,Vietnamese vi vie"
)

USERS = Resource(
    entities.User,
    "identity/users",
    write=(
        "username",
        "email",
        *CARD,
        "roles",
        "permissions",
        "department",
        "job_title",
        "manager_id",
        "units",
        "professions",
        "hourly_rate",
        "currency",
        "hire_date",
        *PERSONAL,
    ),
    columns=("display_name", "email", "job_title", "department", "status", "last_login_at"),
    brief=("display_name", "username", "avatar_url"),
    search=("display_name", "username", "email", "first_name", "last_name", "job_title"),
    sort="display_name",
    scope=scopes.PEOPLE,
    actions=(
        people.invite,
        people.activate,
        people.deactivate,
        people.suspend,
        people.reset_password,
        people.reset_two_factor,
        people.unlock,
    ),
    verbs=("create", "update"),
    create=people.create_person,
    update=people.edit_person,
    side=("status", "department", "job_title", "manager_id", "timezone", "language"),
    related=(
        Related("identity/team-members", "user_id", "Teams", ("team_id", "role", "allocation")),
        Related("identity/user-skills", "user_id", "Skills", ("skill_id", "proficiency")),
        Related("identity/users", "manager_id", "Reports", ("display_name", "job_title")),
    ),
    filters=("status", "department", "roles"),
    views=(Table(), Gallery(image="avatar_url"), Chart(by="status"), Pivot(by="status")),
    icon="users",
    title="Person",
    plural="People",
)

ROLES = Resource(
    entities.Role,
    "identity/roles",
    write=("name", "description", "permissions", "profession_id", "position_id"),
    create_only=("code",),
    columns=("name", "code", "description", "is_system_role"),
    search=("name", "code", "description"),
    sort="name",
    create=access.create_role,
    update=access.edit_role,
    delete=access.drop_role,
    icon="shield",
)

SESSIONS = Resource(
    entities.UserSession,
    "identity/sessions",
    undo=False,
    columns=("user_id", "browser", "os", "ip_address", "last_activity_at", "expires_at"),
    brief=("browser", "os"),
    sort="-last_activity_at",
    scope=scopes.OWN,
    actions=(access.end,),
    verbs=(),
    icon="device-desktop",
    title="Session",
)

TOKENS = Resource(
    entities.ApiToken,
    "identity/tokens",
    undo=False,
    write=NAMED,
    columns=("name", "prefix", "permissions", "is_active", "expired_at", "last_used_at"),
    search=NAMED,
    scope=scopes.OWN,
    actions=(access.issue, access.revoke),
    verbs=("update",),
    icon="key",
    title="API token",
    plural="API tokens",
)

LINKS = Resource(
    entities.AccountLink,
    "identity/links",
    undo=False,
    columns=("user_id", "purpose", "created_at", "expires_at", "used_at"),
    brief=("purpose",),
    scope=scopes.HIDDEN,
    verbs=(),
    icon="link",
    title="One-time link",
    plural="One-time links",
)

ATTEMPTS = Resource(
    entities.SignInGuard,
    "identity/sign-in-guards",
    undo=False,
    columns=("kind", "failures", "started_at", "last_failed_at"),
    brief=("kind",),
    sort="-last_failed_at",
    scope=scopes.HIDDEN,
    verbs=(),
    icon="lock",
    title="Failed sign-ins",
    plural="Failed sign-ins",
)

UNITS = Resource(
    entities.OrganisationUnit,
    "identity/units",
    write=(*NAMED, "unit_type", "parent_id", "manager_id"),
    columns=("name", "unit_type", "parent_id", "manager_id"),
    search=NAMED,
    sort="name",
    filters=("unit_type", "parent_id"),
    after=units.settle_units,
    related=(Related("identity/units", "parent_id", "Parts", ("name", "unit_type")),),
    icon="building",
    title="Unit",
)

TEAMS = Resource(
    entities.Team,
    "identity/teams",
    write=(
        *NAMED,
        "avatar",
        "color",
        "team_type",
        "status",
        "manager_id",
        "location",
        "time_zone",
        "working_hours",
        "links",
        "budget",
        "cost_per_hour",
        "utilization_target",
        "velocity_target",
    ),
    columns=("name", "team_type", "status", "manager_id", "location"),
    brief=("name", "color"),
    search=(*NAMED, "location"),
    sort="name",
    actions=(teams.add_member, teams.remove_member),
    after=teams.settle_teams,
    related=(
        Related(
            "identity/team-members",
            "team_id",
            "Members",
            ("user_id", "role", "allocation", "capacity_hours", "seniority", "status"),
        ),
    ),
    filters=("team_type", "status", "manager_id"),
    icon="users-group",
)

MEMBERS = Resource(
    entities.TeamMember,
    "identity/team-members",
    write=(
        "role",
        "status",
        "seniority",
        "allocation",
        "capacity_hours",
        "hourly_rate",
        "start_date",
        "end_date",
        "performance_rating",
        "last_review",
        "certifications",
    ),
    create_only=("team_id", "user_id"),
    columns=("team_id", "user_id", "role", "allocation", "seniority", "status"),
    brief=("user_id", "role"),
    actions=(teams.leave,),
    verbs=("create", "update"),
    create=teams.join,
    update=teams.edit_member,
    after=teams.settle_members,
    filters=("team_id", "user_id", "status"),
    icon="user",
    title="Team member",
    parent="team_id",
)

SKILLS = Resource(
    entities.Skill,
    "identity/skills",
    write=(*NAMED, "category"),
    columns=("name", "category"),
    search=NAMED,
    sort="name",
    related=(Related("identity/user-skills", "skill_id", "People", ("user_id", "proficiency")),),
    filters=("category",),
    icon="star",
)

USER_SKILLS = Resource(
    entities.UserSkill,
    "identity/user-skills",
    write=(
        "proficiency",
        "years_experience",
        "certified",
        "certification_date",
        "certification_expiry",
    ),
    create_only=("user_id", "skill_id"),
    columns=("user_id", "skill_id", "proficiency", "years_experience", "certified"),
    brief=("skill_id", "proficiency"),
    create=teams.learn,
    update=teams.edit_skill,
    delete=teams.forget_skill,
    filters=("user_id", "skill_id", "proficiency"),
    icon="certificate",
    title="Skill of a person",
    plural="Skills of people",
)

PROFESSIONS = Resource(
    entities.Profession,
    "identity/professions",
    write=(*NAMED, "unit_id"),
    columns=("name", "unit_id"),
    search=NAMED,
    sort="name",
    icon="briefcase",
)

POSITIONS = Resource(
    entities.Position,
    "identity/positions",
    write=NAMED,
    columns=NAMED,
    search=NAMED,
    sort="name",
    icon="id-badge",
)

TONGUES = Resource(
    entities.Language,
    "identity/languages",
    write=("name", "iso2", "iso3"),
    columns=("name", "iso2", "iso3"),
    search=("name",),
    sort="name",
    icon="language",
)


async def seed(ctx: Context) -> None:
    """Write the roles that every workspace begins with, and the languages; again changes nothing.

    Rooms add their own grants to the roles on their cards. A role that somebody has edited is
    theirs and is left alone.
    """
    codes = dict.fromkeys(grants.SYSTEM_ROLES)
    for module in ctx.registry.modules.values():
        codes |= dict.fromkeys(module.roles)
    known = {role.code: role for role in await ctx.all(Role, deleted="with")}
    for code in codes:
        name, description, own = grants.role_of(code)
        wanted = list(dict.fromkeys((*own, *_of_rooms(ctx, code))))
        role = known.get(code)
        if role is None:
            made = Role(code=code, name=name, description=description, is_system_role=True)
            made.permissions = wanted
            await ctx.create(made, verb="seed")
        elif role.updated_by is None and role.permissions != wanted:
            role.permissions = wanted
    await _seed_languages(ctx)


def _of_rooms(ctx: Context, code: str) -> list[str]:
    rooms = ctx.registry.modules.values()
    return [grant for module in rooms for grant in module.roles.get(code, ())]


async def _seed_languages(ctx: Context) -> None:
    known = {one.iso2 for one in await ctx.all(Language, deleted="with")}
    for line in LANGUAGES.split(","):
        name, iso2, iso3 = line.split()
        if iso2 not in known:
            await ctx.create(Language(name=name, iso2=iso2, iso3=iso3), verb="seed")


MODULE = Module(
    "identity",
    "Who people are, how they prove it, what they may do, and the teams they work in.",
    resources=(
        USERS,
        ROLES,
        SESSIONS,
        TOKENS,
        LINKS,
        ATTEMPTS,
        UNITS,
        TEAMS,
        MEMBERS,
        SKILLS,
        USER_SKILLS,
        PROFESSIONS,
        POSITIONS,
        TONGUES,
    ),
    questions=(questions.statistics, questions.team_capacity),
    menu=Menu("People", "users", ("users", "teams", "units", "skills", "roles"), order=60),
    jobs={links.MAIL: links.mail_link, accounts.PURGE: accounts.purge},
    every={accounts.PURGE: DAY},
    seed=seed,
    demo=demo,
    permissions=(people.MANAGE, teams.MANAGE_SKILLS, teams.MANAGE_TEAMS),
    people=active,
    person=person,
)
