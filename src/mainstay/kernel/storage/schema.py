"""The kernel's own tables: the log, its seals and readers, jobs, counters and replies."""

import sqlalchemy as sa

from mainstay.kernel.fields import Instant, Json, Stored

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def kernel_tables(metadata: sa.MetaData) -> None:
    """Declare the kernel's tables."""
    instant, document = Stored(Instant()), Stored(Json())
    sa.Table(
        "kernel_log",
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("change_set", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("before", document),
        sa.Column("after", document),
        sa.Column("events", document),
        sa.Index("ix_kernel_log_record", "entity", "record_id", "id"),
        sa.Index("ix_kernel_log_order", "xid", "id"),
        sa.Index("ix_kernel_log_change_set", "change_set"),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "kernel_seal",
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("at", instant, nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("summary", document),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "kernel_reader",
        metadata,
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", instant),
        sa.Column("holder", sa.String(80)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
    )
    sa.Table(
        "kernel_job",
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("key", sa.String(120)),
        sa.Column("payload", document, nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("lease_until", instant),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("done_at", instant),
        sa.Index("ix_kernel_job_due", "state", "due_at"),
        sa.Index("uq_kernel_job_key", "key", unique=True),
        sqlite_autoincrement=True,
    )
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
        sa.Column("at", instant, nullable=False),
        sa.Index("ix_kernel_reply_at", "at"),
    )
    sa.Table(
        "kernel_setting",
        metadata,
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
