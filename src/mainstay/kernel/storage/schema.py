"""The kernel's own tables: the log, its seals and readers, jobs, counters and replies."""

import sqlalchemy as sa

from mainstay.kernel.fields import Instant, Json, Stored

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


INSTANT, DOCUMENT = Stored(Instant()), Stored(Json())


def kernel_tables(metadata: sa.MetaData) -> None:
    """Declare the kernel's tables."""
    for declare in (log, seal, reader, job, small):
        declare(metadata)


def log(metadata: sa.MetaData) -> None:
    """Declare the log: who did what to which record, in which transaction."""
    sa.Table(
        "kernel_log",
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("change_set", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("before", DOCUMENT),
        sa.Column("after", DOCUMENT),
        sa.Column("events", DOCUMENT),
        sa.Index("ix_kernel_log_record", "entity", "record_id", "id"),
        sa.Index("ix_kernel_log_order", "xid", "id"),
        sa.Index("ix_kernel_log_change_set", "change_set"),
        sqlite_autoincrement=True,
    )


def seal(metadata: sa.MetaData) -> None:
    """Declare the seals: the hash chain over the log, one row a batch."""
    sa.Table(
        "kernel_seal",
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("summary", DOCUMENT),
        sqlite_autoincrement=True,
    )


def reader(metadata: sa.MetaData) -> None:
    """Declare the readers: how far each has come in the log."""
    sa.Table(
        "kernel_reader",
        metadata,
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("holder", sa.String(80)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
    )


def job(metadata: sa.MetaData) -> None:
    """Declare the jobs: what is to be done, when, and who has leased it."""
    sa.Table(
        "kernel_job",
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("key", sa.String(120)),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.Index("ix_kernel_job_due", "state", "due_at"),
        sa.Index("uq_kernel_job_key", "key", unique=True),
        sqlite_autoincrement=True,
    )


def small(metadata: sa.MetaData) -> None:
    """Declare counters, answers kept for idempotency keys, and the workspace's own notes."""
    sa.Table(
        "kernel_counter",
        metadata,
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    sa.Table(
        "kernel_reply",
        metadata,
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("actor", sa.String(80), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Index("ix_kernel_reply_at", "at"),
    )
    sa.Table(
        "kernel_setting",
        metadata,
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
