"""Who people are, how they prove it, what they may do, and the teams and units they work in."""

from mainstay.modules.identity.module import MODULE

__all__ = ["MODULE"]
