"""A mail server that keeps what it is sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

WAIT_SECONDS = 5.0


@dataclass
class Mail:
    """One message with the envelope it came in."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The decoded subject line."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain-text part, or nothing."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""


@dataclass
class MailSink:
    """Where mails arrive; `refuse` answers them with an SMTP error instead."""

    host: str
    port: int
    messages: list[Mail] = field(default_factory=list)
    refuse: str | None = None
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        """The server's address as a setting."""
        return f"smtp://{self.host}:{self.port}"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message; the name is aiosmtpd's."""
        if self.refuse:
            return self.refuse
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        async with self.arrived:
            self.messages.append(Mail(envelope.mail_from or "", envelope.rcpt_tos, message))
            self.arrived.notify_all()
        return "250 kept"

    async def wait(self, count: int = 1, seconds: float = WAIT_SECONDS) -> list[Mail]:
        """Return the messages once there are `count` of them, or fail after `seconds`."""
        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(lambda: len(self.messages) >= count)
        return self.messages


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailSink]:
    """Run a sink in this event loop, on a port that the system chooses."""
    sink = MailSink("127.0.0.1", 0)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, enable_SMTPUTF8=True, ident="mainstay-tests"), sink.host, 0
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def mail_sink() -> AsyncIterator[MailSink]:
    """A mail server for one test."""
    async with mail_server() as sink:
        yield sink
