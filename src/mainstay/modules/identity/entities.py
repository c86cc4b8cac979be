"""People, their roles and sessions, and the teams, units and skills they are described by."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from mainstay.kernel.entity import Entity, UserId
from mainstay.kernel.fields import Choice, Day, Dec, Json, Links, Real, Ref, Text, Whole
from mainstay.modules.identity import rules

Name = Annotated[str, Text(100, least=1)]
Words = Annotated[str, Text(500, lines=True)]
Story = Annotated[str, Text(10_000, lines=True)]
Color = Annotated[str, Text(7, pattern="^#[0-9A-Fa-f]{6}$", help="Like #3B82F6")]
Phone = Annotated[str, Text(20, personal=True, normal=rules.phone)]
WebLink = Annotated[str, Text(500, normal=rules.link)]
Zone = Annotated[str, Text(50, normal=rules.zone, help="Like Europe/Berlin")]
Tongue = Annotated[str, Text(10, pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", help="Like en or de")]
Grants = Annotated[
    list[Annotated[str, Meta(max_length=120, pattern=r"^[a-z0-9_*]+(\.[a-z0-9_*]+)*$")]],
    Json(help="Permissions like projects.task.create; * stands for any part"),
]
Digest = Annotated[str, Text(64, secret=True)]
RoleIds = Annotated[list[int], Links(target="identity.role", label="Roles")]
UnitIds = Annotated[list[int], Links(target="identity.organisation_unit", label="Units")]
ProfessionIds = Annotated[list[int], Links(target="identity.profession", label="Professions")]
UnitId = Annotated[int, Ref(target="identity.organisation_unit")]
ProfessionId = Annotated[int, Ref(target="identity.profession")]
PositionId = Annotated[int, Ref(target="identity.position")]
TeamId = Annotated[int, Ref(target="identity.team", cascade=True)]
SkillId = Annotated[int, Ref(target="identity.skill")]
PersonId = Annotated[int, Ref(target="identity.user", cascade=True)]
Rate = Annotated[Decimal, Dec(10, 2, group="pay", help="Cost of one hour")]
Currency = Annotated[str, Text(3, pattern="^[A-Z]{3}$", group="pay", help="Like EUR")]
Hours = Annotated[Decimal, Dec(5, 2, help="Hours in a week")]
Share = Annotated[float, Real(most=1.0, help="From 0 to 1")]
Score = Annotated[int, Whole(least=1, most=5, help="From 1 to 5")]

Status = Annotated[
    Literal["active", "inactive", "suspended", "pending"],
    Choice(
        colors=(
            ("active", "green"),
            ("inactive", "gray"),
            ("suspended", "red"),
            ("pending", "amber"),
        )
    ),
]
Theme = Annotated[Literal["system", "light", "dark"], Choice()]
TeamType = Annotated[
    Literal[
        "development",
        "qa",
        "design",
        "product",
        "marketing",
        "sales",
        "support",
        "operations",
        "security",
        "data",
        "research",
        "management",
        "cross_functional",
    ],
    Choice(),
]
TeamStatus = Annotated[
    Literal["forming", "storming", "norming", "performing", "adjourning", "disbanded"], Choice()
]
MemberStatus = Annotated[
    Literal["active", "inactive", "on_leave", "temporary", "contractor", "intern"], Choice()
]
Seniority = Annotated[
    Literal["intern", "junior", "mid_level", "senior", "lead", "principal", "architect"],
    Choice(ordered=True),
]


class Preferences(Struct, kw_only=True, forbid_unknown_fields=True):
    """How one person likes dates, times, views and notices."""

    date_format: Literal["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"] = "YYYY-MM-DD"
    time_format: Literal["24h", "12h"] = "24h"
    week_starts: Literal["monday", "sunday", "saturday"] = "monday"
    email_notifications: bool = True
    push_notifications: bool = True
    default_view: Literal["kanban", "table", "list", "calendar", "timeline"] = "kanban"


class User(Entity, kw_only=True):
    """A person who works here, or a customer who may look in."""

    __unique__: ClassVar = (("username",), ("email",))
    __index__: ClassVar = (("status",), ("department", "status"), ("created_at",))

    username: Annotated[
        str,
        Text(
            50,
            least=3,
            pattern=r"^[\w.@+-]+$",
            normal=rules.username,
            help="At least three letters, digits or . _ - + @",
        ),
    ]
    email: Annotated[str, Text(255, least=3, personal=True, normal=rules.email)]
    password_hash: Annotated[str, Text(255, secret=True)] = ""
    first_name: Annotated[str, Text(100)] = ""
    last_name: Annotated[str, Text(100)] = ""
    display_name: Annotated[
        str, Text(200, help="How others see this person; first and last name when left empty")
    ] = ""
    avatar_url: WebLink = ""
    bio: Annotated[str, Text(2000, lines=True)] = ""
    phone: Phone = ""
    mobile: Phone = ""
    roles: RoleIds = []
    permissions: Grants = []
    status: Status = "pending"
    department: Annotated[str, Text(50)] = ""
    job_title: Annotated[str, Text(50)] = ""
    manager_id: UserId | None = None
    units: UnitIds = []
    professions: ProfessionIds = []
    hourly_rate: Rate | None = None
    currency: Currency = "EUR"
    hire_date: date | None = None
    language: Tongue = "en"
    timezone: Zone = "UTC"
    theme: Theme = "system"
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    last_login_at: datetime | None = None
    last_login_ip: Annotated[str, Text(45, personal=True)] = ""
    email_verified_at: datetime | None = None
    two_factor_enabled: bool = False
    two_factor_secret: Annotated[str, Text(64, secret=True)] = ""
    two_factor_pending: Annotated[str, Text(64, secret=True)] = ""
    two_factor_timecode: Annotated[int, Whole(secret=True)] = 0
    recovery_codes: Annotated[list[str], Json(secret=True)] = []
    password_changed_at: datetime | None = None
    failed_login_attempts: Annotated[int, Whole()] = 0
    locked_until: datetime | None = None


class Role(Entity, kw_only=True):
    """A bundle of permissions that people are given together."""

    __unique__: ClassVar = (("code",),)

    code: Annotated[str, Text(20, least=2, pattern="^[a-z][a-z0-9_]*$", help="Like sales")]
    name: Name
    description: Words = ""
    permissions: Grants = []
    is_system_role: bool = False
    profession_id: ProfessionId | None = None
    position_id: PositionId | None = None


class UserSession(Entity, kw_only=True):
    """One browser or program in which a person is signed in."""

    __unique__: ClassVar = (("token_hash",),)
    __index__: ClassVar = (("previous_hash",), ("expires_at",), ("user_id", "device_hash"))

    user_id: PersonId
    token_hash: Digest
    previous_hash: Digest = ""
    device_hash: Digest = ""
    ip_address: Annotated[str, Text(45, personal=True)] = ""
    user_agent: Annotated[str, Text(255, personal=True)] = ""
    device_type: Annotated[str, Text(40)] = ""
    browser: Annotated[str, Text(40)] = ""
    os: Annotated[str, Text(40)] = ""
    expires_at: datetime
    last_activity_at: datetime
    rotated_at: datetime


class ApiToken(Entity, kw_only=True):
    """A key with which a program acts for its owner, within the permissions it was given."""

    __unique__: ClassVar = (("token_hash",),)

    user_id: PersonId
    name: Name
    description: Words = ""
    token_hash: Digest
    prefix: Annotated[str, Text(16)] = ""
    permissions: Grants = []
    is_active: bool = True
    expired_at: datetime | None = None
    last_used_at: datetime | None = None


class AccountLink(Entity, kw_only=True):
    """A link that lets one person in once: an invitation, a new password, a first sign-in."""

    __unique__: ClassVar = (("token_hash",),)
    __index__: ClassVar = (("expires_at",),)

    user_id: PersonId
    purpose: Annotated[Literal["invite", "reset", "sign_in", "second_step"], Choice()]
    token_hash: Digest
    expires_at: datetime
    used_at: datetime | None = None


class SignInGuard(Entity, kw_only=True):
    """How often signing in has failed of late for one account, address or known device."""

    __unique__: ClassVar = (("key",),)
    __index__: ClassVar = (("last_failed_at",),)

    key: Digest
    kind: Annotated[Literal["account", "address", "device"], Choice()]
    account: Digest = ""
    failures: Annotated[int, Whole()] = 0
    started_at: datetime
    last_failed_at: datetime


class OrganisationUnit(Entity, kw_only=True):
    """A part of the organisation: a company, a branch, a department."""

    name: Name
    description: Words = ""
    unit_type: Annotated[
        Literal["company", "division", "department", "branch", "office", "other"], Choice()
    ] = "department"
    parent_id: UnitId | None = None
    manager_id: UserId | None = None


class WorkingDay(Struct, kw_only=True, forbid_unknown_fields=True):
    """One weekday's hours."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    start: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "09:00"
    end: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "17:00"
    break_minutes: Annotated[int, Meta(ge=0, le=600)] = 0
    lunch_minutes: Annotated[int, Meta(ge=0, le=600)] = 60


class WorkingHours(Struct, kw_only=True, forbid_unknown_fields=True):
    """When a team works."""

    days: list[WorkingDay] = []
    flexible: bool = False
    core_start: str = ""
    core_end: str = ""


class TeamPlaces(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a team is found: its chat, address, wiki and repository."""

    slack: str = ""
    email: str = ""
    wiki: str = ""
    repository: str = ""


class Team(Entity, kw_only=True):
    """People who work together on something."""

    __index__: ClassVar = (("name",), ("status",))

    name: Name
    description: Story = ""
    avatar: WebLink = ""
    color: Color = "#3B82F6"
    team_type: TeamType = "development"
    status: TeamStatus = "forming"
    manager_id: UserId | None = None
    location: Annotated[str, Text(100)] = ""
    time_zone: Zone = "UTC"
    working_hours: WorkingHours = msgspec.field(default_factory=WorkingHours)
    links: TeamPlaces = msgspec.field(default_factory=TeamPlaces)
    budget: Annotated[Decimal, Dec(15, 2, group="pay")] | None = None
    cost_per_hour: Rate | None = None
    utilization_target: Annotated[float, Real(most=100.0, help="Percent")] | None = None
    velocity_target: Annotated[float, Real(help="Story points in a sprint")] | None = None


class TeamMember(Entity, kw_only=True):
    """One person's place in one team."""

    __unique__: ClassVar = (("team_id", "user_id"),)

    team_id: TeamId
    user_id: PersonId
    role: Annotated[Literal["leader", "member"], Choice()] = "member"
    status: MemberStatus = "active"
    seniority: Seniority | None = None
    allocation: Share = 1.0
    capacity_hours: Hours = Decimal(40)
    hourly_rate: Rate | None = None
    start_date: date | None = None
    end_date: date | None = None
    performance_rating: Annotated[int, Whole(least=1, most=5, group="review")] | None = None
    last_review: Annotated[date, Day(group="review")] | None = None
    certifications: list[str] = []


class Skill(Entity, kw_only=True):
    """Something people can be good at."""

    __unique__: ClassVar = (("name",),)

    name: Name
    category: Annotated[Literal["technical", "soft", "language"], Choice()] = "technical"
    description: Words = ""


class UserSkill(Entity, kw_only=True):
    """How well one person knows one thing."""

    __unique__: ClassVar = (("user_id", "skill_id"),)

    user_id: PersonId
    skill_id: SkillId
    proficiency: Score = 1
    years_experience: Annotated[Decimal, Dec(3, 1)] | None = None
    certified: bool = False
    certification_date: date | None = None
    certification_expiry: date | None = None


class Profession(Entity, kw_only=True):
    """What a person has learnt to do for a living."""

    __unique__: ClassVar = (("name",),)

    name: Name
    unit_id: UnitId | None = None
    description: Words = ""


class Position(Entity, kw_only=True):
    """A post in the organisation that somebody fills."""

    __unique__: ClassVar = (("name",),)

    name: Name
    description: Words = ""


class Language(Entity, kw_only=True):
    """A language people speak, by its ISO codes."""

    __unique__: ClassVar = (("iso2",),)

    name: Name
    iso2: Annotated[str, Text(2, least=2, pattern="^[a-z]{2}$")]
    iso3: Annotated[str, Text(3, least=3, pattern="^[a-z]{3}$")]
