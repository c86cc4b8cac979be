"""The face of this room: who somebody is, signing in and out, accounts and one-time links."""

from mainstay.modules.identity.api.accounts import (
    TwoFactorStart,
    administrators,
    change_password,
    confirm_two_factor,
    create_user,
    disable_two_factor,
    forgotten,
    owner_link,
    set_password,
    start_two_factor,
)
from mainstay.modules.identity.api.guard import Visit
from mainstay.modules.identity.api.links import LinkAnswer, peek
from mainstay.modules.identity.api.people import doubt, grants_of, me_of
from mainstay.modules.identity.api.sessions import (
    SecondStepNeeded,
    rotated,
    second_step,
    sign_in,
    sign_out,
    use_link,
    who,
)
from mainstay.modules.identity.entities import Preferences
from mainstay.modules.identity.rules import guarded, safe_next

__all__ = [
    "LinkAnswer",
    "Preferences",
    "SecondStepNeeded",
    "TwoFactorStart",
    "Visit",
    "administrators",
    "change_password",
    "confirm_two_factor",
    "create_user",
    "disable_two_factor",
    "doubt",
    "forgotten",
    "grants_of",
    "guarded",
    "me_of",
    "owner_link",
    "peek",
    "rotated",
    "safe_next",
    "second_step",
    "set_password",
    "sign_in",
    "sign_out",
    "start_two_factor",
    "use_link",
    "who",
]
