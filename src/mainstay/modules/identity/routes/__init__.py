"""Addresses of this room that follow no resource: signing in, one-time links, the profile."""

from mainstay.modules.identity.routes import profile, programs, signing

ROUTES = (*signing.ROUTES, *profile.ROUTES, *programs.ROUTES)

__all__ = ["ROUTES"]
