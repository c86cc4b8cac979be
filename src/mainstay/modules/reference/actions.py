"""What can be done with words: used ones stay until nothing uses them any more."""

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.problems import Conflict
from mainstay.modules.reference.scopes import uses

SHOWN = 3


async def delete_word(ctx: Context, word: Entity) -> None:
    """Keep a word that something uses: what was named by it would lose its meaning."""
    noun = ctx.registry.noun(type(word))
    found = await uses(ctx, noun, word.id)
    if not found:
        return
    most = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    said = ", ".join(f"{ctx.registry.nouns[key].plural}: {n}" for key, n in most[:SHOWN])
    name = getattr(word, "name", str(word.id))
    raise Conflict(
        f"“{name}” is in use ({said}). Choose something else there first, or rename it here."
    )
