"""`mainstay config`: every setting, its value, where it came from, what it means."""

import textwrap

import rich_click as click

from mainstay.cli import out


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def config(terms: out.Terms, as_json: bool) -> None:
    """Show every setting: its value, where it came from, what it means."""
    from mainstay.settings import told

    settings = told(*terms.traced())
    if as_json:
        out.say_json({item.name: item for item in settings})
        return
    for item in settings:
        value = ", ".join(item.value) if isinstance(item.value, list) else str(item.value)
        said = {"True": "true", "False": "false"}.get(value, value)
        out.say(f"{click.style(item.name, bold=True)} = {said or '(empty)'}   [{item.source}]")
        about = f"{item.means} Expects {item.expects}. Variable: {item.variable}."
        out.say(textwrap.fill(about, 96, initial_indent="    ", subsequent_indent="    "))
