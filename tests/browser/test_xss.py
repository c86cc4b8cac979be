"""Hostile text in every field of every resource, on every page that shows it: nothing runs."""

import itertools
from collections.abc import Iterator

from playwright.async_api import Page

from mainstay.delivery.pages.listing import views_of
from mainstay.kernel import perform
from mainstay.kernel.fields import Text
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Problem
from mainstay.kernel.scope import SYSTEM
from scripts.pages import SHOWN, filled
from tests.browser.conftest import Site
from tests.harness.naughty import naughty_strings
from tests.harness.samples import Samples

# Each is shorter than a short field, so that every field takes at least one of them.
SHORT = (
    "<svg onload=pwned()>",
    "'\"><img src=x onerror=pwned()>",
    "<script>pwned()</script>",
    "javascript:pwned()",
    "{{constructor.constructor('pwned()')()}}",
    "</title><svg/onload=pwned()>",
    "<details open ontoggle=pwned()>",
    '"autofocus onfocus=pwned() x="',
    "[x](javascript:pwned())",
    '![x](x"onerror="pwned())',
    "<iframe srcdoc='<script>parent.pwned()</script>'>",
    "<a hx-get=/ hx-trigger=load hx-on::load=pwned()>",
    "<div hx-on:click=pwned()>",
    "--><svg onload=pwned()>",
    "]]><svg onload=pwned()>",
    "<math><mtext><img src=x onerror=pwned()>",
    "`${pwned()}`",
    "<style>@import'javascript:pwned()'</style>",
)
HOOK = """
window.executed = [];
window.pwned = () => window.executed.push("pwned");
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => window.executed.push(name);
document.addEventListener("securitypolicyviolation", (event) =>
  window.executed.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


def payloads(most: int) -> Iterator[str]:
    """Hostile texts that fit into a field, one after another, for ever."""
    known = [text for text in naughty_strings() if "<" in text and "\x00" not in text]
    fitting = [text for text in (*SHORT, *known) if len(text) <= most]
    return itertools.cycle(fitting or [SHORT[0][:most]])


async def planted(site: Site, samples: Samples, noun: Noun) -> list[int]:
    """Make records whose every free text is hostile, as far as the room's rules take them."""
    fields = [
        noun.fields[name]
        for name in noun.create_type.__struct_fields__
        if name in noun.fields
        and isinstance(kind := noun.fields[name].kind, Text)
        and not kind.pattern
        and not kind.normal
        and name not in ("entity", "resource", "path", "refers_to", "timezone", "language")
    ]
    if "create" not in noun.resource.verbs or not fields:
        return []
    waiting = {item.name: payloads(min(item.kind.most, 4000)) for item in fields}
    made = []
    for _ in range(3):
        values = {
            name: " ".join(itertools.islice(texts, 6 if noun.fields[name].kind.most > 2000 else 1))
            for name, texts in waiting.items()
        }
        try:
            data = await samples.data(noun, **values)
            entity = await site.ws.run(SYSTEM, lambda ctx, d=data: perform.create(ctx, noun, d))
        except Problem:
            continue
        made.append(entity.id)
    return made


async def calm(page: Page, address: str) -> None:
    """Open a page, let its scripts settle, and look whether anything hostile ran."""
    await page.goto(address)
    await page.wait_for_timeout(30)
    assert await page.evaluate("window.executed") == [], address


async def test_hostile_text_stays_text_on_every_page(site: Site, nora: Page) -> None:
    await nora.add_init_script(HOOK)
    samples = Samples(site.ws)
    shown, made = 0, {}
    for noun in site.ws.registry.nouns.values():
        ids = await planted(site, samples, noun)
        if not ids:
            continue
        made[noun.key] = ids[-1]
        base = f"{site.url}/{noun.path}"
        views = views_of(noun)
        for view in views if noun.key in SHOWN else ():
            await calm(nora, f"{base}?view={view.kind}&sort=-id")
        if noun.resource.panels or noun.key in SHOWN:
            await calm(nora, f"{base}/{ids[-1]}")
        if noun.key in SHOWN:
            await calm(nora, f"{base}/{ids[-1]}/edit")
            await calm(nora, f"{base}/{ids[0]}/history")
        shown += 1
    assert shown >= 10
    for module in site.ws.registry.modules.values():
        for page in module.pages:
            if path := filled(page.path, site.ws.registry, made):
                await calm(nora, f"{site.url}{path}")
    for path in ("/", "/search?q=pwned", "/search?q=onload", "/projects/tasks?q=onerror"):
        await calm(nora, f"{site.url}{path}")


async def test_the_hook_would_see_it(nora: Page) -> None:
    await nora.add_init_script(HOOK)
    await nora.goto("about:blank")
    await nora.set_content("<svg onload=pwned()></svg>")
    await nora.wait_for_timeout(100)
    assert await nora.evaluate("window.executed") == ["pwned"]
