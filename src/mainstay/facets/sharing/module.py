"""The card of sharing."""

from datetime import timedelta
from typing import Any

from mainstay.facets.sharing import scopes
from mainstay.facets.sharing.entities import ShareLink, WrongPassword
from mainstay.facets.sharing.links import CREATE
from mainstay.kernel.context import Context
from mainstay.kernel.module import Deed, Module, Resource

SHARE = (CREATE, "sharing.share_link.read", "sharing.share_link.delete")


async def forget(ctx: Context, _: dict[str, Any]) -> None:
    """Forget wrong passwords of more than a day ago."""
    await scopes.purge(ctx, ctx.now - timedelta(days=1))


MODULE = Module(
    "sharing",
    "Links that show one record or list to people without an account.",
    depends=("identity", "comments", "files"),
    resources=(
        Resource(
            ShareLink,
            "sharing/links",
            columns=(
                "title",
                "entity",
                "record_id",
                "locked",
                "expires_at",
                "opened_count",
                "last_opened_at",
            ),
            brief=("title", "entity"),
            verbs=("delete",),
            undo=False,
            scope=scopes.OWN,
            icon="share",
            title="Shared link",
            plural="Shared links",
        ),
        Resource(
            WrongPassword,
            "sharing/wrong-passwords",
            columns=("link_id", "failures", "last_at"),
            brief=("link_id",),
            verbs=(),
            undo=False,
            logged=False,
            scope=scopes.HIDDEN,
            icon="lock",
            title="Wrong password",
        ),
    ),
    roles={"manager": SHARE, "lead": SHARE},
    jobs={"sharing.forget": forget},
    every={"sharing.forget": 86_400},
    permissions=(CREATE,),
    deeds=(Deed("Share by link", "share", "/share", CREATE, "share_links"),),
)
