"""Runs migration steps on a connection that the kernel hands over."""

from alembic import context

from mainstay.migrations.render import compared, rendered

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    render_item=rendered,
    include_object=compared,
    compare_type=True,
    transactional_ddl=True,
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()
