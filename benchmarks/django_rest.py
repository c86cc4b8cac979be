"""A familiar yardstick: the same list from Django REST Framework over the same tables."""

import os
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings


def database(url: str) -> dict[str, Any]:
    """Return Django's own form of a database address."""
    if url.startswith("sqlite"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:///")}
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": parts.port,
        "CONN_MAX_AGE": None,
    }


settings.configure(
    DATABASES={"default": database(os.environ["BENCH_DATABASE"])},
    ROOT_URLCONF="benchmarks.django_rest",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    USE_TZ=True,
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    SECRET_KEY="for measuring only",
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django must be set up first
from django.db import models  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import authentication, generics, pagination, serializers  # noqa: E402
from rest_framework import permissions as allow  # noqa: E402


class User(models.Model):
    """A person."""

    username = models.CharField(max_length=50)
    display_name = models.CharField(max_length=200)
    avatar_url = models.CharField(max_length=500)
    status = models.CharField(max_length=40)
    is_authenticated = True

    class Meta:
        managed = False
        app_label = "identity"
        db_table = "identity_user"


class UserSession(models.Model):
    """A signed-in browser."""

    token_hash = models.CharField(max_length=64)
    user = models.ForeignKey(User, models.CASCADE)
    deleted_at = models.CharField(max_length=40, null=True)

    class Meta:
        managed = False
        app_label = "identity"
        db_table = "identity_user_session"


class Project(models.Model):
    """A project."""

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=20)
    color = models.CharField(max_length=7)

    class Meta:
        managed = False
        app_label = "projects"
        db_table = "projects_project"


class ProjectMember(models.Model):
    """A person's part in a project."""

    project = models.ForeignKey(Project, models.CASCADE)
    user = models.ForeignKey(User, models.CASCADE)
    deleted_at = models.CharField(max_length=40, null=True)

    class Meta:
        managed = False
        app_label = "projects"
        db_table = "projects_project_member"


class Task(models.Model):
    """A task."""

    project = models.ForeignKey(Project, models.CASCADE)
    assignee = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=500)
    description = models.TextField()
    note = models.TextField()
    type = models.CharField(max_length=40)
    status = models.CharField(max_length=40)
    priority = models.SmallIntegerField()
    reporter_id = models.BigIntegerField(null=True)
    parent_id = models.BigIntegerField(null=True)
    story_points = models.FloatField(null=True)
    estimated_hours = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    actual_hours = models.DecimalField(max_digits=8, decimal_places=2)
    remaining_hours = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    progress = models.FloatField()
    start_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    completed_at = models.DateTimeField(null=True)
    blocked_reason = models.CharField(max_length=500)
    sort_order = models.FloatField()
    component = models.CharField(max_length=100)
    target_version = models.CharField(max_length=100)
    environment = models.CharField(max_length=100)
    acceptance_criteria = models.TextField()
    subtask_count = models.BigIntegerField()
    subtask_done = models.BigIntegerField()
    version = models.BigIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    updated_by = models.BigIntegerField(null=True)
    deleted_at = models.CharField(max_length=40, null=True)
    deleted_by = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        app_label = "projects"
        db_table = "projects_task"


class UserBrief(serializers.ModelSerializer[User]):
    """What is shown of an assignee."""

    class Meta:
        model = User
        fields = ("id", "display_name", "username", "avatar_url")


class ProjectBrief(serializers.ModelSerializer[Project]):
    """What is shown of a project."""

    class Meta:
        model = Project
        fields = ("id", "name", "code", "color")


class TaskOut(serializers.ModelSerializer[Task]):
    """What is shown of a task."""

    assignee = UserBrief()
    project = ProjectBrief()

    class Meta:
        model = Task
        fields = "__all__"


class SessionCookie(authentication.BaseAuthentication):
    """Finds the person behind the session cookie by one query, as Django's own sessions do."""

    def authenticate(self, request: Any) -> tuple[User, None] | None:
        """Return the person."""
        token = request.COOKIES.get("mainstay_session", "")
        digest = sha256(token.encode()).hexdigest()
        found = UserSession.objects.select_related("user")
        session = found.filter(token_hash=digest, deleted_at=None, user__status="active").first()
        return (session.user, None) if session else None


class Pages(pagination.CursorPagination):
    """Pages of 50, newest first, without a count."""

    page_size = 50
    ordering = "-id"


class Tasks(generics.ListAPIView[Task]):
    """The list."""

    serializer_class = TaskOut
    pagination_class = Pages
    authentication_classes = (SessionCookie,)
    permission_classes = (allow.IsAuthenticated,)

    def get_queryset(self) -> Any:
        """Return the tasks of the person's projects that have the status asked for."""
        mine = ProjectMember.objects.filter(user=self.request.user, deleted_at=None)
        tasks = Task.objects.select_related("assignee", "project").filter(deleted_at=None)
        tasks = tasks.filter(project_id__in=mine.values("project_id"))
        return tasks.filter(status=self.request.query_params["status"])


urlpatterns = [
    path("health", lambda _: HttpResponse("ok")),
    path("api/projects/tasks", Tasks.as_view()),
]
app = get_wsgi_application()
