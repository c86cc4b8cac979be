"""What is checked of the services that a project provides: each name once."""

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.problems import invalid
from mainstay.modules.charter.entities import ServiceProvided
from mainstay.modules.charter.scopes import same_service


async def create_service(ctx: Context, service: Entity) -> ServiceProvided:
    """Add a service to a project that does not provide it yet."""
    assert isinstance(service, ServiceProvided)
    await _only_once(ctx, service)
    return await ctx.create(service)


async def update_service(ctx: Context, service: Entity, before: Entity) -> None:
    """Let a service be renamed to what the project does not provide yet."""
    assert isinstance(service, ServiceProvided)
    assert isinstance(before, ServiceProvided)
    if service.service_name != before.service_name:
        await _only_once(ctx, service)


async def _only_once(ctx: Context, service: ServiceProvided) -> None:
    other = await same_service(ctx, service.project_id, service.service_name)
    if other not in (None, service.id):
        raise invalid("service_name", "is a service of this project already; edit that one")
