"""facets."""

import sqlalchemy as sa
from alembic import op

from mainstay.migrations import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


SEARCH_UP = {
    "sqlite": (
        "CREATE VIRTUAL TABLE tags_tag_fts USING fts5(name, content='tags_tag', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER tags_tag_fts_insert AFTER INSERT ON tags_tag BEGIN INSERT INTO tags_tag_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER tags_tag_fts_delete AFTER DELETE ON tags_tag BEGIN INSERT INTO tags_tag_fts(tags_tag_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER tags_tag_fts_update AFTER UPDATE OF name ON tags_tag WHEN new.name IS NOT old.name BEGIN INSERT INTO tags_tag_fts(tags_tag_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO tags_tag_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE comments_comment_fts USING fts5(body, content='comments_comment', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER comments_comment_fts_insert AFTER INSERT ON comments_comment BEGIN INSERT INTO comments_comment_fts(rowid, body) VALUES (new.id, new.body); END",
        "CREATE TRIGGER comments_comment_fts_delete AFTER DELETE ON comments_comment BEGIN INSERT INTO comments_comment_fts(comments_comment_fts, rowid, body) VALUES ('delete', old.id, old.body); END",
        "CREATE TRIGGER comments_comment_fts_update AFTER UPDATE OF body ON comments_comment WHEN new.body IS NOT old.body BEGIN INSERT INTO comments_comment_fts(comments_comment_fts, rowid, body) VALUES ('delete', old.id, old.body); INSERT INTO comments_comment_fts(rowid, body) VALUES (new.id, new.body); END",
        "CREATE VIRTUAL TABLE files_file_fts USING fts5(name, description, content='files_file', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER files_file_fts_insert AFTER INSERT ON files_file BEGIN INSERT INTO files_file_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER files_file_fts_delete AFTER DELETE ON files_file BEGIN INSERT INTO files_file_fts(files_file_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER files_file_fts_update AFTER UPDATE OF name, description ON files_file WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO files_file_fts(files_file_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO files_file_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE custom_fields_custom_field_fts USING fts5(label, name, content='custom_fields_custom_field', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER custom_fields_custom_field_fts_insert AFTER INSERT ON custom_fields_custom_field BEGIN INSERT INTO custom_fields_custom_field_fts(rowid, label, name) VALUES (new.id, new.label, new.name); END",
        "CREATE TRIGGER custom_fields_custom_field_fts_delete AFTER DELETE ON custom_fields_custom_field BEGIN INSERT INTO custom_fields_custom_field_fts(custom_fields_custom_field_fts, rowid, label, name) VALUES ('delete', old.id, old.label, old.name); END",
        "CREATE TRIGGER custom_fields_custom_field_fts_update AFTER UPDATE OF label, name ON custom_fields_custom_field WHEN new.label IS NOT old.label OR new.name IS NOT old.name BEGIN INSERT INTO custom_fields_custom_field_fts(custom_fields_custom_field_fts, rowid, label, name) VALUES ('delete', old.id, old.label, old.name); INSERT INTO custom_fields_custom_field_fts(rowid, label, name) VALUES (new.id, new.label, new.name); END",
        "CREATE VIRTUAL TABLE views_saved_view_fts USING fts5(title, content='views_saved_view', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER views_saved_view_fts_insert AFTER INSERT ON views_saved_view BEGIN INSERT INTO views_saved_view_fts(rowid, title) VALUES (new.id, new.title); END",
        "CREATE TRIGGER views_saved_view_fts_delete AFTER DELETE ON views_saved_view BEGIN INSERT INTO views_saved_view_fts(views_saved_view_fts, rowid, title) VALUES ('delete', old.id, old.title); END",
        "CREATE TRIGGER views_saved_view_fts_update AFTER UPDATE OF title ON views_saved_view WHEN new.title IS NOT old.title BEGIN INSERT INTO views_saved_view_fts(views_saved_view_fts, rowid, title) VALUES ('delete', old.id, old.title); INSERT INTO views_saved_view_fts(rowid, title) VALUES (new.id, new.title); END",
    ),
    "postgresql": (
        "CREATE INDEX ix_tags_tag_search ON tags_tag USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_comments_comment_search ON comments_comment USING gin (to_tsvector('simple', translate(coalesce(body, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_files_file_search ON files_file USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_custom_fields_custom_field_search ON custom_fields_custom_field USING gin (to_tsvector('simple', translate(coalesce(label, '') || ' ' || coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_views_saved_view_search ON views_saved_view USING gin (to_tsvector('simple', translate(coalesce(title, ''), './-_@:', '      ')))",
    ),
}
SEARCH_DOWN = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS tags_tag_fts_insert",
        "DROP TRIGGER IF EXISTS tags_tag_fts_delete",
        "DROP TRIGGER IF EXISTS tags_tag_fts_update",
        "DROP TABLE IF EXISTS tags_tag_fts",
        "DROP TRIGGER IF EXISTS comments_comment_fts_insert",
        "DROP TRIGGER IF EXISTS comments_comment_fts_delete",
        "DROP TRIGGER IF EXISTS comments_comment_fts_update",
        "DROP TABLE IF EXISTS comments_comment_fts",
        "DROP TRIGGER IF EXISTS files_file_fts_insert",
        "DROP TRIGGER IF EXISTS files_file_fts_delete",
        "DROP TRIGGER IF EXISTS files_file_fts_update",
        "DROP TABLE IF EXISTS files_file_fts",
        "DROP TRIGGER IF EXISTS custom_fields_custom_field_fts_insert",
        "DROP TRIGGER IF EXISTS custom_fields_custom_field_fts_delete",
        "DROP TRIGGER IF EXISTS custom_fields_custom_field_fts_update",
        "DROP TABLE IF EXISTS custom_fields_custom_field_fts",
        "DROP TRIGGER IF EXISTS views_saved_view_fts_insert",
        "DROP TRIGGER IF EXISTS views_saved_view_fts_delete",
        "DROP TRIGGER IF EXISTS views_saved_view_fts_update",
        "DROP TABLE IF EXISTS views_saved_view_fts",
    ),
    "postgresql": (
        "DROP INDEX IF EXISTS ix_tags_tag_search",
        "DROP INDEX IF EXISTS ix_comments_comment_search",
        "DROP INDEX IF EXISTS ix_files_file_search",
        "DROP INDEX IF EXISTS ix_custom_fields_custom_field_search",
        "DROP INDEX IF EXISTS ix_views_saved_view_search",
    ),
}


def upgrade() -> None:
    """Make the step."""
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "bulk_bulk_run",
        sa.Column("resource", sa.String(80), nullable=False),
        sa.Column("deed", sa.String(80), nullable=False),
        sa.Column("values", types.document(), nullable=False),
        sa.Column("ids", types.document(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("faults", types.document(), nullable=False),
        sa.Column("change_sets", types.document(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("finished_at", types.instant(), nullable=True),
        sa.Column("person", types.document(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_bulk_bulk_run_created_by_id", "bulk_bulk_run", ["created_by", "id"], unique=False
    )
    op.create_index("ix_bulk_bulk_run_state", "bulk_bulk_run", ["state"], unique=False)
    op.create_table(
        "comments_comment",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("edited_at", types.instant(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["parent_id"], ["comments_comment.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_comments_comment_created_by_id", "comments_comment", ["created_by", "id"], unique=False
    )
    op.create_index(
        "ix_comments_comment_entity_record_id_id",
        "comments_comment",
        ["entity", "record_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_comments_comment_parent_id", "comments_comment", ["parent_id"], unique=False
    )
    op.create_table(
        "custom_fields_custom_field",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("help", sa.String(300), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("options", types.document(), nullable=False),
        sa.Column("refers_to", sa.String(80), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("initial", sa.String(1000), nullable=False),
        sa.Column("within_id", sa.BigInteger(), nullable=True),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_custom_fields_custom_field_entity_name",
        "custom_fields_custom_field",
        ["entity", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "files_file",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.String(1000), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("mime", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("first_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("storage", sa.String(20), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("thumbnail", sa.String(500), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["first_id"], ["files_file.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_files_file_digest", "files_file", ["digest"], unique=False)
    op.create_index(
        "ix_files_file_entity_record_id_id",
        "files_file",
        ["entity", "record_id", "id"],
        unique=False,
    )
    op.create_index("ix_files_file_first_id", "files_file", ["first_id"], unique=False)
    op.create_index(
        "uq_files_file_first_id_revision",
        "files_file",
        ["first_id", "revision"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "places_favourite",
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_places_favourite_user_id", "places_favourite", ["user_id"], unique=False)
    op.create_index(
        "uq_places_favourite_user_id_path",
        "places_favourite",
        ["user_id", "path"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "places_recent",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", types.instant(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_places_recent_user_id_seen_at", "places_recent", ["user_id", "seen_at"], unique=False
    )
    op.create_index(
        "uq_places_recent_user_id_entity_record_id",
        "places_recent",
        ["user_id", "entity", "record_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "places_visit",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", types.instant(), nullable=False),
        sa.Column("before_at", types.instant(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_places_visit_user_id", "places_visit", ["user_id"], unique=False)
    op.create_index(
        "uq_places_visit_user_id",
        "places_visit",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "sharing_share_link",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("with_comments", sa.Boolean(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("expires_at", types.instant(), nullable=True),
        sa.Column("opened_count", sa.BigInteger(), nullable=False),
        sa.Column("last_opened_at", types.instant(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_sharing_share_link_created_by_id",
        "sharing_share_link",
        ["created_by", "id"],
        unique=False,
    )
    op.create_index(
        "ix_sharing_share_link_entity_record_id",
        "sharing_share_link",
        ["entity", "record_id"],
        unique=False,
    )
    op.create_index(
        "uq_sharing_share_link_digest",
        "sharing_share_link",
        ["digest"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "tags_tag",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_tags_tag_name",
        "tags_tag",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "views_column_limit",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("value", sa.String(100), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("within_id", sa.BigInteger(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_views_column_limit_entity_field_value",
        "views_column_limit",
        ["entity", "field", "value"],
        unique=False,
    )
    op.create_table(
        "views_saved_view",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.String(40), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_views_saved_view_created_by_entity",
        "views_saved_view",
        ["created_by", "entity"],
        unique=False,
    )
    op.create_index(
        "ix_views_saved_view_entity_shared", "views_saved_view", ["entity", "shared"], unique=False
    )
    op.create_table(
        "watchers_watcher",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_watchers_watcher_entity_record_id_user_id",
        "watchers_watcher",
        ["entity", "record_id", "user_id"],
        unique=False,
    )
    op.create_index(
        "ix_watchers_watcher_user_id_entity",
        "watchers_watcher",
        ["user_id", "entity"],
        unique=False,
    )
    op.create_index(
        "uq_watchers_watcher_entity_record_id_user_id",
        "watchers_watcher",
        ["entity", "record_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "comments_comment_mentions",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["comments_comment.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_comments_comment_mentions_target",
        "comments_comment_mentions",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "comments_reaction",
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("emoji", sa.String(32), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comments_comment.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_comments_reaction_comment_id", "comments_reaction", ["comment_id"], unique=False
    )
    op.create_index(
        "ix_comments_reaction_entity_record_id",
        "comments_reaction",
        ["entity", "record_id"],
        unique=False,
    )
    op.create_index("ix_comments_reaction_user_id", "comments_reaction", ["user_id"], unique=False)
    op.create_index(
        "uq_comments_reaction_comment_id_user_id_emoji",
        "comments_reaction",
        ["comment_id", "user_id", "emoji"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "projects_project_tags",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["projects_project.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["tags_tag.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_projects_project_tags_target",
        "projects_project_tags",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "sharing_wrong_password",
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("last_at", types.instant(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["link_id"], ["sharing_share_link.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_sharing_wrong_password_link_id", "sharing_wrong_password", ["link_id"], unique=False
    )
    op.create_index(
        "uq_sharing_wrong_password_link_id_place",
        "sharing_wrong_password",
        ["link_id", "place"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "views_view_memory",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("usual_id", sa.BigInteger(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["usual_id"], ["views_saved_view.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_views_view_memory_user_id", "views_view_memory", ["user_id"], unique=False)
    op.create_index(
        "ix_views_view_memory_usual_id", "views_view_memory", ["usual_id"], unique=False
    )
    op.create_index(
        "uq_views_view_memory_user_id_entity",
        "views_view_memory",
        ["user_id", "entity"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "projects_task_dependency",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("depends_on_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("lag_days", sa.BigInteger(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["depends_on_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_task_dependency_depends_on_id",
        "projects_task_dependency",
        ["depends_on_id"],
        unique=False,
    )
    op.create_index(
        "ix_projects_task_dependency_task_id", "projects_task_dependency", ["task_id"], unique=False
    )
    op.create_index(
        "uq_projects_task_dependency_task_id_depends_on_id",
        "projects_task_dependency",
        ["task_id", "depends_on_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "projects_task_tags",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["tags_tag.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_projects_task_tags_target",
        "projects_task_tags",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.add_column(
        "projects_project",
        sa.Column("custom_fields", types.document(), nullable=False, server_default="{}"),
    )
    op.add_column(
        "projects_task",
        sa.Column("custom_fields", types.document(), nullable=False, server_default="{}"),
    )
    op.create_index(
        "ix_projects_task_status_sort_order",
        "projects_task",
        ["status", "sort_order"],
        unique=False,
    )
    op.add_column(
        "transfer_import_run",
        sa.Column("headers", types.document(), nullable=False, server_default="[]"),
    )
    op.add_column(
        "transfer_import_run", sa.Column("sheet", sa.String(120), nullable=False, server_default="")
    )
    # ### end Alembic commands ###
    for statement in SEARCH_UP.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    """Take the step back."""
    for statement in SEARCH_DOWN.get(op.get_bind().dialect.name, ()):
        op.execute(statement)
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_column("transfer_import_run", "sheet")
    op.drop_column("transfer_import_run", "headers")
    op.drop_index("ix_projects_task_status_sort_order", table_name="projects_task")
    op.drop_column("projects_task", "custom_fields")
    op.drop_column("projects_project", "custom_fields")
    op.drop_index("ix_projects_task_tags_target", table_name="projects_task_tags")
    op.drop_table("projects_task_tags")
    op.drop_index(
        "uq_projects_task_dependency_task_id_depends_on_id",
        table_name="projects_task_dependency",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_projects_task_dependency_task_id", table_name="projects_task_dependency")
    op.drop_index(
        "ix_projects_task_dependency_depends_on_id", table_name="projects_task_dependency"
    )
    op.drop_table("projects_task_dependency")
    op.drop_index(
        "uq_views_view_memory_user_id_entity",
        table_name="views_view_memory",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_views_view_memory_usual_id", table_name="views_view_memory")
    op.drop_index("ix_views_view_memory_user_id", table_name="views_view_memory")
    op.drop_table("views_view_memory")
    op.drop_index(
        "uq_sharing_wrong_password_link_id_place",
        table_name="sharing_wrong_password",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_sharing_wrong_password_link_id", table_name="sharing_wrong_password")
    op.drop_table("sharing_wrong_password")
    op.drop_index("ix_projects_project_tags_target", table_name="projects_project_tags")
    op.drop_table("projects_project_tags")
    op.drop_index(
        "uq_comments_reaction_comment_id_user_id_emoji",
        table_name="comments_reaction",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_comments_reaction_user_id", table_name="comments_reaction")
    op.drop_index("ix_comments_reaction_entity_record_id", table_name="comments_reaction")
    op.drop_index("ix_comments_reaction_comment_id", table_name="comments_reaction")
    op.drop_table("comments_reaction")
    op.drop_index("ix_comments_comment_mentions_target", table_name="comments_comment_mentions")
    op.drop_table("comments_comment_mentions")
    op.drop_index(
        "uq_watchers_watcher_entity_record_id_user_id",
        table_name="watchers_watcher",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_watchers_watcher_user_id_entity", table_name="watchers_watcher")
    op.drop_index("ix_watchers_watcher_entity_record_id_user_id", table_name="watchers_watcher")
    op.drop_table("watchers_watcher")
    op.drop_index("ix_views_saved_view_entity_shared", table_name="views_saved_view")
    op.drop_index("ix_views_saved_view_created_by_entity", table_name="views_saved_view")
    op.drop_table("views_saved_view")
    op.drop_index("ix_views_column_limit_entity_field_value", table_name="views_column_limit")
    op.drop_table("views_column_limit")
    op.drop_index(
        "uq_tags_tag_name",
        table_name="tags_tag",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("tags_tag")
    op.drop_index(
        "uq_sharing_share_link_digest",
        table_name="sharing_share_link",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_sharing_share_link_entity_record_id", table_name="sharing_share_link")
    op.drop_index("ix_sharing_share_link_created_by_id", table_name="sharing_share_link")
    op.drop_table("sharing_share_link")
    op.drop_index(
        "uq_places_visit_user_id",
        table_name="places_visit",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_places_visit_user_id", table_name="places_visit")
    op.drop_table("places_visit")
    op.drop_index(
        "uq_places_recent_user_id_entity_record_id",
        table_name="places_recent",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_places_recent_user_id_seen_at", table_name="places_recent")
    op.drop_table("places_recent")
    op.drop_index(
        "uq_places_favourite_user_id_path",
        table_name="places_favourite",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_places_favourite_user_id", table_name="places_favourite")
    op.drop_table("places_favourite")
    op.drop_index(
        "uq_files_file_first_id_revision",
        table_name="files_file",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_files_file_first_id", table_name="files_file")
    op.drop_index("ix_files_file_entity_record_id_id", table_name="files_file")
    op.drop_index("ix_files_file_digest", table_name="files_file")
    op.drop_table("files_file")
    op.drop_index(
        "uq_custom_fields_custom_field_entity_name",
        table_name="custom_fields_custom_field",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("custom_fields_custom_field")
    op.drop_index("ix_comments_comment_parent_id", table_name="comments_comment")
    op.drop_index("ix_comments_comment_entity_record_id_id", table_name="comments_comment")
    op.drop_index("ix_comments_comment_created_by_id", table_name="comments_comment")
    op.drop_table("comments_comment")
    op.drop_index("ix_bulk_bulk_run_state", table_name="bulk_bulk_run")
    op.drop_index("ix_bulk_bulk_run_created_by_id", table_name="bulk_bulk_run")
    op.drop_table("bulk_bulk_run")
    # ### end Alembic commands ###
