"""The card of watchers."""

from mainstay.facets.roles import WORKING
from mainstay.facets.watchers import actions
from mainstay.facets.watchers.entities import Watcher
from mainstay.facets.watchers.slots import watching
from mainstay.kernel.module import Module, Resource, Wear
from mainstay.kernel.scope import Scope, of_wearer

SEE = ("watchers.watcher.read",)
WATCH = (*SEE, "watchers.watcher.create", "watchers.watcher.delete")

MODULE = Module(
    "watchers",
    "Who wants to know what happens to a record.",
    depends=("identity",),
    resources=(
        Resource(
            Watcher,
            "watchers/watchers",
            create_only=("entity", "record_id", "user_id"),
            columns=("entity", "record_id", "user_id", "reason"),
            brief=("user_id", "entity"),
            verbs=("create", "delete"),
            actions=(actions.watch, actions.unwatch),
            create=actions.create_watcher,
            delete=actions.delete_watcher,
            scope=Scope(of_wearer, "You see the record that is watched.", worn=True),
            icon="eye",
            logged=False,
        ),
    ),
    roles={
        "manager": ("watchers.*",),
        **dict.fromkeys(("lead", *WORKING), WATCH),
        "client": WATCH,
        "viewer": WATCH,
    },
    wears=(
        Wear(
            "watchers",
            "Watchers",
            "watchers/slot.html",
            watching,
            place="side",
            order=80,
            grant="watchers.watcher.read",
        ),
    ),
    guard=actions.watch_along,
    permissions=(actions.OTHERS,),
)
