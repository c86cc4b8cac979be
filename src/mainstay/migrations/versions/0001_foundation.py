"""Make the tables of the kernel, identity, transfer and projects."""

import sqlalchemy as sa
from alembic import op

from mainstay.migrations import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


SEARCH_UP = {
    "sqlite": (
        "CREATE VIRTUAL TABLE identity_user_fts USING fts5(display_name, username, email, first_name, last_name, job_title, content='identity_user', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_user_fts_insert AFTER INSERT ON identity_user BEGIN INSERT INTO identity_user_fts(rowid, display_name, username, email, first_name, last_name, job_title) VALUES (new.id, new.display_name, new.username, new.email, new.first_name, new.last_name, new.job_title); END",
        "CREATE TRIGGER identity_user_fts_delete AFTER DELETE ON identity_user BEGIN INSERT INTO identity_user_fts(identity_user_fts, rowid, display_name, username, email, first_name, last_name, job_title) VALUES ('delete', old.id, old.display_name, old.username, old.email, old.first_name, old.last_name, old.job_title); END",
        "CREATE TRIGGER identity_user_fts_update AFTER UPDATE OF display_name, username, email, first_name, last_name, job_title ON identity_user WHEN new.display_name IS NOT old.display_name OR new.username IS NOT old.username OR new.email IS NOT old.email OR new.first_name IS NOT old.first_name OR new.last_name IS NOT old.last_name OR new.job_title IS NOT old.job_title BEGIN INSERT INTO identity_user_fts(identity_user_fts, rowid, display_name, username, email, first_name, last_name, job_title) VALUES ('delete', old.id, old.display_name, old.username, old.email, old.first_name, old.last_name, old.job_title); INSERT INTO identity_user_fts(rowid, display_name, username, email, first_name, last_name, job_title) VALUES (new.id, new.display_name, new.username, new.email, new.first_name, new.last_name, new.job_title); END",
        "CREATE VIRTUAL TABLE identity_role_fts USING fts5(name, code, description, content='identity_role', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_role_fts_insert AFTER INSERT ON identity_role BEGIN INSERT INTO identity_role_fts(rowid, name, code, description) VALUES (new.id, new.name, new.code, new.description); END",
        "CREATE TRIGGER identity_role_fts_delete AFTER DELETE ON identity_role BEGIN INSERT INTO identity_role_fts(identity_role_fts, rowid, name, code, description) VALUES ('delete', old.id, old.name, old.code, old.description); END",
        "CREATE TRIGGER identity_role_fts_update AFTER UPDATE OF name, code, description ON identity_role WHEN new.name IS NOT old.name OR new.code IS NOT old.code OR new.description IS NOT old.description BEGIN INSERT INTO identity_role_fts(identity_role_fts, rowid, name, code, description) VALUES ('delete', old.id, old.name, old.code, old.description); INSERT INTO identity_role_fts(rowid, name, code, description) VALUES (new.id, new.name, new.code, new.description); END",
        "CREATE VIRTUAL TABLE identity_api_token_fts USING fts5(name, description, content='identity_api_token', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_api_token_fts_insert AFTER INSERT ON identity_api_token BEGIN INSERT INTO identity_api_token_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER identity_api_token_fts_delete AFTER DELETE ON identity_api_token BEGIN INSERT INTO identity_api_token_fts(identity_api_token_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER identity_api_token_fts_update AFTER UPDATE OF name, description ON identity_api_token WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO identity_api_token_fts(identity_api_token_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO identity_api_token_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE identity_organisation_unit_fts USING fts5(name, description, content='identity_organisation_unit', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_organisation_unit_fts_insert AFTER INSERT ON identity_organisation_unit BEGIN INSERT INTO identity_organisation_unit_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER identity_organisation_unit_fts_delete AFTER DELETE ON identity_organisation_unit BEGIN INSERT INTO identity_organisation_unit_fts(identity_organisation_unit_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER identity_organisation_unit_fts_update AFTER UPDATE OF name, description ON identity_organisation_unit WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO identity_organisation_unit_fts(identity_organisation_unit_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO identity_organisation_unit_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE identity_team_fts USING fts5(name, description, location, content='identity_team', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_team_fts_insert AFTER INSERT ON identity_team BEGIN INSERT INTO identity_team_fts(rowid, name, description, location) VALUES (new.id, new.name, new.description, new.location); END",
        "CREATE TRIGGER identity_team_fts_delete AFTER DELETE ON identity_team BEGIN INSERT INTO identity_team_fts(identity_team_fts, rowid, name, description, location) VALUES ('delete', old.id, old.name, old.description, old.location); END",
        "CREATE TRIGGER identity_team_fts_update AFTER UPDATE OF name, description, location ON identity_team WHEN new.name IS NOT old.name OR new.description IS NOT old.description OR new.location IS NOT old.location BEGIN INSERT INTO identity_team_fts(identity_team_fts, rowid, name, description, location) VALUES ('delete', old.id, old.name, old.description, old.location); INSERT INTO identity_team_fts(rowid, name, description, location) VALUES (new.id, new.name, new.description, new.location); END",
        "CREATE VIRTUAL TABLE identity_skill_fts USING fts5(name, description, content='identity_skill', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_skill_fts_insert AFTER INSERT ON identity_skill BEGIN INSERT INTO identity_skill_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER identity_skill_fts_delete AFTER DELETE ON identity_skill BEGIN INSERT INTO identity_skill_fts(identity_skill_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER identity_skill_fts_update AFTER UPDATE OF name, description ON identity_skill WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO identity_skill_fts(identity_skill_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO identity_skill_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE identity_profession_fts USING fts5(name, description, content='identity_profession', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_profession_fts_insert AFTER INSERT ON identity_profession BEGIN INSERT INTO identity_profession_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER identity_profession_fts_delete AFTER DELETE ON identity_profession BEGIN INSERT INTO identity_profession_fts(identity_profession_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER identity_profession_fts_update AFTER UPDATE OF name, description ON identity_profession WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO identity_profession_fts(identity_profession_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO identity_profession_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE identity_position_fts USING fts5(name, description, content='identity_position', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_position_fts_insert AFTER INSERT ON identity_position BEGIN INSERT INTO identity_position_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER identity_position_fts_delete AFTER DELETE ON identity_position BEGIN INSERT INTO identity_position_fts(identity_position_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER identity_position_fts_update AFTER UPDATE OF name, description ON identity_position WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO identity_position_fts(identity_position_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO identity_position_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE identity_language_fts USING fts5(name, content='identity_language', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER identity_language_fts_insert AFTER INSERT ON identity_language BEGIN INSERT INTO identity_language_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER identity_language_fts_delete AFTER DELETE ON identity_language BEGIN INSERT INTO identity_language_fts(identity_language_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER identity_language_fts_update AFTER UPDATE OF name ON identity_language WHEN new.name IS NOT old.name BEGIN INSERT INTO identity_language_fts(identity_language_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO identity_language_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE transfer_import_run_fts USING fts5(file_name, content='transfer_import_run', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER transfer_import_run_fts_insert AFTER INSERT ON transfer_import_run BEGIN INSERT INTO transfer_import_run_fts(rowid, file_name) VALUES (new.id, new.file_name); END",
        "CREATE TRIGGER transfer_import_run_fts_delete AFTER DELETE ON transfer_import_run BEGIN INSERT INTO transfer_import_run_fts(transfer_import_run_fts, rowid, file_name) VALUES ('delete', old.id, old.file_name); END",
        "CREATE TRIGGER transfer_import_run_fts_update AFTER UPDATE OF file_name ON transfer_import_run WHEN new.file_name IS NOT old.file_name BEGIN INSERT INTO transfer_import_run_fts(transfer_import_run_fts, rowid, file_name) VALUES ('delete', old.id, old.file_name); INSERT INTO transfer_import_run_fts(rowid, file_name) VALUES (new.id, new.file_name); END",
        "CREATE VIRTUAL TABLE projects_project_fts USING fts5(code, name, description, content='projects_project', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER projects_project_fts_insert AFTER INSERT ON projects_project BEGIN INSERT INTO projects_project_fts(rowid, code, name, description) VALUES (new.id, new.code, new.name, new.description); END",
        "CREATE TRIGGER projects_project_fts_delete AFTER DELETE ON projects_project BEGIN INSERT INTO projects_project_fts(projects_project_fts, rowid, code, name, description) VALUES ('delete', old.id, old.code, old.name, old.description); END",
        "CREATE TRIGGER projects_project_fts_update AFTER UPDATE OF code, name, description ON projects_project WHEN new.code IS NOT old.code OR new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO projects_project_fts(projects_project_fts, rowid, code, name, description) VALUES ('delete', old.id, old.code, old.name, old.description); INSERT INTO projects_project_fts(rowid, code, name, description) VALUES (new.id, new.code, new.name, new.description); END",
        "CREATE VIRTUAL TABLE projects_label_fts USING fts5(name, content='projects_label', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER projects_label_fts_insert AFTER INSERT ON projects_label BEGIN INSERT INTO projects_label_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER projects_label_fts_delete AFTER DELETE ON projects_label BEGIN INSERT INTO projects_label_fts(projects_label_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER projects_label_fts_update AFTER UPDATE OF name ON projects_label WHEN new.name IS NOT old.name BEGIN INSERT INTO projects_label_fts(projects_label_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO projects_label_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE projects_task_fts USING fts5(code, title, description, content='projects_task', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER projects_task_fts_insert AFTER INSERT ON projects_task BEGIN INSERT INTO projects_task_fts(rowid, code, title, description) VALUES (new.id, new.code, new.title, new.description); END",
        "CREATE TRIGGER projects_task_fts_delete AFTER DELETE ON projects_task BEGIN INSERT INTO projects_task_fts(projects_task_fts, rowid, code, title, description) VALUES ('delete', old.id, old.code, old.title, old.description); END",
        "CREATE TRIGGER projects_task_fts_update AFTER UPDATE OF code, title, description ON projects_task WHEN new.code IS NOT old.code OR new.title IS NOT old.title OR new.description IS NOT old.description BEGIN INSERT INTO projects_task_fts(projects_task_fts, rowid, code, title, description) VALUES ('delete', old.id, old.code, old.title, old.description); INSERT INTO projects_task_fts(rowid, code, title, description) VALUES (new.id, new.code, new.title, new.description); END",
        "CREATE VIRTUAL TABLE projects_subtask_fts USING fts5(title, content='projects_subtask', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER projects_subtask_fts_insert AFTER INSERT ON projects_subtask BEGIN INSERT INTO projects_subtask_fts(rowid, title) VALUES (new.id, new.title); END",
        "CREATE TRIGGER projects_subtask_fts_delete AFTER DELETE ON projects_subtask BEGIN INSERT INTO projects_subtask_fts(projects_subtask_fts, rowid, title) VALUES ('delete', old.id, old.title); END",
        "CREATE TRIGGER projects_subtask_fts_update AFTER UPDATE OF title ON projects_subtask WHEN new.title IS NOT old.title BEGIN INSERT INTO projects_subtask_fts(projects_subtask_fts, rowid, title) VALUES ('delete', old.id, old.title); INSERT INTO projects_subtask_fts(rowid, title) VALUES (new.id, new.title); END",
        "CREATE VIRTUAL TABLE projects_time_entry_fts USING fts5(description, content='projects_time_entry', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER projects_time_entry_fts_insert AFTER INSERT ON projects_time_entry BEGIN INSERT INTO projects_time_entry_fts(rowid, description) VALUES (new.id, new.description); END",
        "CREATE TRIGGER projects_time_entry_fts_delete AFTER DELETE ON projects_time_entry BEGIN INSERT INTO projects_time_entry_fts(projects_time_entry_fts, rowid, description) VALUES ('delete', old.id, old.description); END",
        "CREATE TRIGGER projects_time_entry_fts_update AFTER UPDATE OF description ON projects_time_entry WHEN new.description IS NOT old.description BEGIN INSERT INTO projects_time_entry_fts(projects_time_entry_fts, rowid, description) VALUES ('delete', old.id, old.description); INSERT INTO projects_time_entry_fts(rowid, description) VALUES (new.id, new.description); END",
    ),
    "postgresql": (
        "CREATE INDEX ix_identity_user_search ON identity_user USING gin (to_tsvector('simple', translate(coalesce(display_name, '') || ' ' || coalesce(username, '') || ' ' || coalesce(email, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(job_title, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_role_search ON identity_role USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(code, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_api_token_search ON identity_api_token USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_organisation_unit_search ON identity_organisation_unit USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_team_search ON identity_team USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, '') || ' ' || coalesce(location, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_skill_search ON identity_skill USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_profession_search ON identity_profession USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_position_search ON identity_position USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_identity_language_search ON identity_language USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_transfer_import_run_search ON transfer_import_run USING gin (to_tsvector('simple', translate(coalesce(file_name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_projects_project_search ON projects_project USING gin (to_tsvector('simple', translate(coalesce(code, '') || ' ' || coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_projects_label_search ON projects_label USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_projects_task_search ON projects_task USING gin (to_tsvector('simple', translate(coalesce(code, '') || ' ' || coalesce(title, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_projects_subtask_search ON projects_subtask USING gin (to_tsvector('simple', translate(coalesce(title, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_projects_time_entry_search ON projects_time_entry USING gin (to_tsvector('simple', translate(coalesce(description, ''), './-_@:', '      ')))",
    ),
}
SEARCH_DOWN = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS identity_user_fts_insert",
        "DROP TRIGGER IF EXISTS identity_user_fts_delete",
        "DROP TRIGGER IF EXISTS identity_user_fts_update",
        "DROP TABLE IF EXISTS identity_user_fts",
        "DROP TRIGGER IF EXISTS identity_role_fts_insert",
        "DROP TRIGGER IF EXISTS identity_role_fts_delete",
        "DROP TRIGGER IF EXISTS identity_role_fts_update",
        "DROP TABLE IF EXISTS identity_role_fts",
        "DROP TRIGGER IF EXISTS identity_api_token_fts_insert",
        "DROP TRIGGER IF EXISTS identity_api_token_fts_delete",
        "DROP TRIGGER IF EXISTS identity_api_token_fts_update",
        "DROP TABLE IF EXISTS identity_api_token_fts",
        "DROP TRIGGER IF EXISTS identity_organisation_unit_fts_insert",
        "DROP TRIGGER IF EXISTS identity_organisation_unit_fts_delete",
        "DROP TRIGGER IF EXISTS identity_organisation_unit_fts_update",
        "DROP TABLE IF EXISTS identity_organisation_unit_fts",
        "DROP TRIGGER IF EXISTS identity_team_fts_insert",
        "DROP TRIGGER IF EXISTS identity_team_fts_delete",
        "DROP TRIGGER IF EXISTS identity_team_fts_update",
        "DROP TABLE IF EXISTS identity_team_fts",
        "DROP TRIGGER IF EXISTS identity_skill_fts_insert",
        "DROP TRIGGER IF EXISTS identity_skill_fts_delete",
        "DROP TRIGGER IF EXISTS identity_skill_fts_update",
        "DROP TABLE IF EXISTS identity_skill_fts",
        "DROP TRIGGER IF EXISTS identity_profession_fts_insert",
        "DROP TRIGGER IF EXISTS identity_profession_fts_delete",
        "DROP TRIGGER IF EXISTS identity_profession_fts_update",
        "DROP TABLE IF EXISTS identity_profession_fts",
        "DROP TRIGGER IF EXISTS identity_position_fts_insert",
        "DROP TRIGGER IF EXISTS identity_position_fts_delete",
        "DROP TRIGGER IF EXISTS identity_position_fts_update",
        "DROP TABLE IF EXISTS identity_position_fts",
        "DROP TRIGGER IF EXISTS identity_language_fts_insert",
        "DROP TRIGGER IF EXISTS identity_language_fts_delete",
        "DROP TRIGGER IF EXISTS identity_language_fts_update",
        "DROP TABLE IF EXISTS identity_language_fts",
        "DROP TRIGGER IF EXISTS transfer_import_run_fts_insert",
        "DROP TRIGGER IF EXISTS transfer_import_run_fts_delete",
        "DROP TRIGGER IF EXISTS transfer_import_run_fts_update",
        "DROP TABLE IF EXISTS transfer_import_run_fts",
        "DROP TRIGGER IF EXISTS projects_project_fts_insert",
        "DROP TRIGGER IF EXISTS projects_project_fts_delete",
        "DROP TRIGGER IF EXISTS projects_project_fts_update",
        "DROP TABLE IF EXISTS projects_project_fts",
        "DROP TRIGGER IF EXISTS projects_label_fts_insert",
        "DROP TRIGGER IF EXISTS projects_label_fts_delete",
        "DROP TRIGGER IF EXISTS projects_label_fts_update",
        "DROP TABLE IF EXISTS projects_label_fts",
        "DROP TRIGGER IF EXISTS projects_task_fts_insert",
        "DROP TRIGGER IF EXISTS projects_task_fts_delete",
        "DROP TRIGGER IF EXISTS projects_task_fts_update",
        "DROP TABLE IF EXISTS projects_task_fts",
        "DROP TRIGGER IF EXISTS projects_subtask_fts_insert",
        "DROP TRIGGER IF EXISTS projects_subtask_fts_delete",
        "DROP TRIGGER IF EXISTS projects_subtask_fts_update",
        "DROP TABLE IF EXISTS projects_subtask_fts",
        "DROP TRIGGER IF EXISTS projects_time_entry_fts_insert",
        "DROP TRIGGER IF EXISTS projects_time_entry_fts_delete",
        "DROP TRIGGER IF EXISTS projects_time_entry_fts_update",
        "DROP TABLE IF EXISTS projects_time_entry_fts",
    ),
    "postgresql": (
        "DROP INDEX IF EXISTS ix_identity_user_search",
        "DROP INDEX IF EXISTS ix_identity_role_search",
        "DROP INDEX IF EXISTS ix_identity_api_token_search",
        "DROP INDEX IF EXISTS ix_identity_organisation_unit_search",
        "DROP INDEX IF EXISTS ix_identity_team_search",
        "DROP INDEX IF EXISTS ix_identity_skill_search",
        "DROP INDEX IF EXISTS ix_identity_profession_search",
        "DROP INDEX IF EXISTS ix_identity_position_search",
        "DROP INDEX IF EXISTS ix_identity_language_search",
        "DROP INDEX IF EXISTS ix_transfer_import_run_search",
        "DROP INDEX IF EXISTS ix_projects_project_search",
        "DROP INDEX IF EXISTS ix_projects_label_search",
        "DROP INDEX IF EXISTS ix_projects_task_search",
        "DROP INDEX IF EXISTS ix_projects_subtask_search",
        "DROP INDEX IF EXISTS ix_projects_time_entry_search",
    ),
}


def upgrade() -> None:
    """Make the step."""
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "identity_user",
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("avatar_url", sa.String(500), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("mobile", sa.String(20), nullable=False),
        sa.Column("permissions", types.document(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("department", sa.String(50), nullable=False),
        sa.Column("job_title", sa.String(50), nullable=False),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.Column("hourly_rate", types.decimal(10, 2), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("hire_date", types.day(), nullable=True),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("timezone", sa.String(50), nullable=False),
        sa.Column("theme", sa.String(40), nullable=False),
        sa.Column("preferences", types.document(), nullable=False),
        sa.Column("last_login_at", types.instant(), nullable=True),
        sa.Column("last_login_ip", sa.String(45), nullable=False),
        sa.Column("email_verified_at", types.instant(), nullable=True),
        sa.Column("two_factor_enabled", sa.Boolean(), nullable=False),
        sa.Column("two_factor_secret", sa.String(64), nullable=False),
        sa.Column("two_factor_pending", sa.String(64), nullable=False),
        sa.Column("two_factor_timecode", sa.BigInteger(), nullable=False),
        sa.Column("recovery_codes", types.document(), nullable=False),
        sa.Column("password_changed_at", types.instant(), nullable=True),
        sa.Column("failed_login_attempts", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", types.instant(), nullable=True),
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
        sa.ForeignKeyConstraint(["manager_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identity_user_created_at", "identity_user", ["created_at"], unique=False)
    op.create_index(
        "ix_identity_user_department_status",
        "identity_user",
        ["department", "status"],
        unique=False,
    )
    op.create_index("ix_identity_user_manager_id", "identity_user", ["manager_id"], unique=False)
    op.create_index("ix_identity_user_status", "identity_user", ["status"], unique=False)
    op.create_index(
        "uq_identity_user_email",
        "identity_user",
        ["email"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_identity_user_username",
        "identity_user",
        ["username"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "kernel_counter",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "kernel_job",
        sa.Column("id", types.key(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("payload", types.document(), nullable=False),
        sa.Column("due_at", types.instant(), nullable=False),
        sa.Column("lease_until", types.instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("done_at", types.instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kernel_job_due", "kernel_job", ["state", "due_at"], unique=False)
    op.create_index("uq_kernel_job_key", "kernel_job", ["key"], unique=True)
    op.create_table(
        "kernel_log",
        sa.Column("id", types.key(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("at", types.instant(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("change_set", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("before", types.document(), nullable=True),
        sa.Column("after", types.document(), nullable=True),
        sa.Column("events", types.document(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kernel_log_change_set", "kernel_log", ["change_set"], unique=False)
    op.create_index("ix_kernel_log_order", "kernel_log", ["xid", "id"], unique=False)
    op.create_index(
        "ix_kernel_log_record", "kernel_log", ["entity", "record_id", "id"], unique=False
    )
    op.create_table(
        "kernel_reader",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", types.instant(), nullable=True),
        sa.Column("holder", sa.String(length=80), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "kernel_reply",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", types.instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", "actor"),
    )
    op.create_index("ix_kernel_reply_at", "kernel_reply", ["at"], unique=False)
    op.create_table(
        "kernel_seal",
        sa.Column("id", types.key(), nullable=False),
        sa.Column("at", types.instant(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("summary", types.document(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kernel_setting",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "identity_account_link",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", types.instant(), nullable=False),
        sa.Column("used_at", types.instant(), nullable=True),
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
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_identity_account_link_expires_at", "identity_account_link", ["expires_at"], unique=False
    )
    op.create_index(
        "ix_identity_account_link_user_id", "identity_account_link", ["user_id"], unique=False
    )
    op.create_index(
        "uq_identity_account_link_token_hash",
        "identity_account_link",
        ["token_hash"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_api_token",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("permissions", types.document(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("expired_at", types.instant(), nullable=True),
        sa.Column("last_used_at", types.instant(), nullable=True),
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
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_identity_api_token_user_id", "identity_api_token", ["user_id"], unique=False
    )
    op.create_index(
        "uq_identity_api_token_token_hash",
        "identity_api_token",
        ["token_hash"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_language",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("iso2", sa.String(2), nullable=False),
        sa.Column("iso3", sa.String(3), nullable=False),
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
        "uq_identity_language_iso2",
        "identity_language",
        ["iso2"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_organisation_unit",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("unit_type", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["manager_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_identity_organisation_unit_manager_id",
        "identity_organisation_unit",
        ["manager_id"],
        unique=False,
    )
    op.create_index(
        "ix_identity_organisation_unit_parent_id",
        "identity_organisation_unit",
        ["parent_id"],
        unique=False,
    )
    op.create_table(
        "identity_position",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
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
        "uq_identity_position_name",
        "identity_position",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_sign_in_guard",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("started_at", types.instant(), nullable=False),
        sa.Column("last_failed_at", types.instant(), nullable=False),
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
        "ix_identity_sign_in_guard_last_failed_at",
        "identity_sign_in_guard",
        ["last_failed_at"],
        unique=False,
    )
    op.create_index(
        "uq_identity_sign_in_guard_key",
        "identity_sign_in_guard",
        ["key"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_skill",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
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
        "uq_identity_skill_name",
        "identity_skill",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_team",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("avatar", sa.String(500), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("team_type", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("time_zone", sa.String(50), nullable=False),
        sa.Column("working_hours", types.document(), nullable=False),
        sa.Column("links", types.document(), nullable=False),
        sa.Column("budget", types.decimal(15, 2), nullable=True),
        sa.Column("cost_per_hour", types.decimal(10, 2), nullable=True),
        sa.Column("utilization_target", sa.Double(), nullable=True),
        sa.Column("velocity_target", sa.Double(), nullable=True),
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
        sa.ForeignKeyConstraint(["manager_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identity_team_manager_id", "identity_team", ["manager_id"], unique=False)
    op.create_index("ix_identity_team_name", "identity_team", ["name"], unique=False)
    op.create_index("ix_identity_team_status", "identity_team", ["status"], unique=False)
    op.create_table(
        "identity_user_session",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("device_hash", sa.String(64), nullable=False),
        sa.Column("ip_address", sa.String(45), nullable=False),
        sa.Column("user_agent", sa.String(255), nullable=False),
        sa.Column("device_type", sa.String(40), nullable=False),
        sa.Column("browser", sa.String(40), nullable=False),
        sa.Column("os", sa.String(40), nullable=False),
        sa.Column("expires_at", types.instant(), nullable=False),
        sa.Column("last_activity_at", types.instant(), nullable=False),
        sa.Column("rotated_at", types.instant(), nullable=False),
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
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_identity_user_session_expires_at", "identity_user_session", ["expires_at"], unique=False
    )
    op.create_index(
        "ix_identity_user_session_previous_hash",
        "identity_user_session",
        ["previous_hash"],
        unique=False,
    )
    op.create_index(
        "ix_identity_user_session_user_id_device_hash",
        "identity_user_session",
        ["user_id", "device_hash"],
        unique=False,
    )
    op.create_index(
        "uq_identity_user_session_token_hash",
        "identity_user_session",
        ["token_hash"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "projects_project",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("start_date", types.day(), nullable=True),
        sa.Column("end_date", types.day(), nullable=True),
        sa.Column("actual_start", types.day(), nullable=True),
        sa.Column("actual_end", types.day(), nullable=True),
        sa.Column("budget", types.decimal(15, 2), nullable=True),
        sa.Column("actual_cost", types.decimal(15, 2), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("billing_type", sa.String(40), nullable=True),
        sa.Column("hourly_rate", types.decimal(15, 2), nullable=True),
        sa.Column("estimated_hours", types.decimal(8, 2), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("task_count", sa.BigInteger(), nullable=False),
        sa.Column("done_count", sa.BigInteger(), nullable=False),
        sa.Column("risk_level", sa.SmallInteger(), nullable=False),
        sa.Column("methodology", sa.String(40), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("project_manager_id", sa.BigInteger(), nullable=True),
        sa.Column("settings", types.document(), nullable=False),
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
        sa.ForeignKeyConstraint(["owner_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_manager_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_project_created_at", "projects_project", ["created_at"], unique=False
    )
    op.create_index(
        "ix_projects_project_end_date_status",
        "projects_project",
        ["end_date", "status"],
        unique=False,
    )
    op.create_index("ix_projects_project_owner_id", "projects_project", ["owner_id"], unique=False)
    op.create_index(
        "ix_projects_project_project_manager_id",
        "projects_project",
        ["project_manager_id"],
        unique=False,
    )
    op.create_index(
        "ix_projects_project_status_priority",
        "projects_project",
        ["status", "priority"],
        unique=False,
    )
    op.create_index(
        "ix_projects_project_updated_at", "projects_project", ["updated_at"], unique=False
    )
    op.create_index(
        "uq_projects_project_code",
        "projects_project",
        ["code"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "transfer_import_run",
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("resource", sa.String(80), nullable=False),
        sa.Column("preset", sa.String(80), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("parents", sa.BigInteger(), nullable=False),
        sa.Column("columns", types.document(), nullable=False),
        sa.Column("key", types.document(), nullable=False),
        sa.Column("sums", types.document(), nullable=False),
        sa.Column("change_sets", types.document(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("started_at", types.instant(), nullable=True),
        sa.Column("finished_at", types.instant(), nullable=True),
        sa.Column("stored", sa.String(1000), nullable=False),
        sa.Column("error_file", sa.String(1000), nullable=False),
        sa.Column("error_bytes", sa.BigInteger(), nullable=False),
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
        "ix_transfer_import_run_content_hash_resource",
        "transfer_import_run",
        ["content_hash", "resource"],
        unique=False,
    )
    op.create_index("ix_transfer_import_run_state", "transfer_import_run", ["state"], unique=False)
    op.create_table(
        "identity_profession",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.String(500), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["unit_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_identity_profession_unit_id", "identity_profession", ["unit_id"], unique=False
    )
    op.create_index(
        "uq_identity_profession_name",
        "identity_profession",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_team_member",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("seniority", sa.SmallInteger(), nullable=True),
        sa.Column("allocation", sa.Double(), nullable=False),
        sa.Column("capacity_hours", types.decimal(5, 2), nullable=False),
        sa.Column("hourly_rate", types.decimal(10, 2), nullable=True),
        sa.Column("start_date", types.day(), nullable=True),
        sa.Column("end_date", types.day(), nullable=True),
        sa.Column("performance_rating", sa.BigInteger(), nullable=True),
        sa.Column("last_review", types.day(), nullable=True),
        sa.Column("certifications", types.document(), nullable=False),
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
        sa.ForeignKeyConstraint(["team_id"], ["identity_team.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_identity_team_member_team_id", "identity_team_member", ["team_id"], unique=False
    )
    op.create_index(
        "ix_identity_team_member_user_id", "identity_team_member", ["user_id"], unique=False
    )
    op.create_index(
        "uq_identity_team_member_team_id_user_id",
        "identity_team_member",
        ["team_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_user_skill",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("proficiency", sa.BigInteger(), nullable=False),
        sa.Column("years_experience", types.decimal(3, 1), nullable=True),
        sa.Column("certified", sa.Boolean(), nullable=False),
        sa.Column("certification_date", types.day(), nullable=True),
        sa.Column("certification_expiry", types.day(), nullable=True),
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
        sa.ForeignKeyConstraint(["skill_id"], ["identity_skill.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_identity_user_skill_skill_id", "identity_user_skill", ["skill_id"], unique=False
    )
    op.create_index(
        "ix_identity_user_skill_user_id", "identity_user_skill", ["user_id"], unique=False
    )
    op.create_index(
        "uq_identity_user_skill_user_id_skill_id",
        "identity_user_skill",
        ["user_id", "skill_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_user_units",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["target_id"], ["identity_organisation_unit.id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_identity_user_units_target",
        "identity_user_units",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "projects_label",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
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
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_projects_label_project_id", "projects_label", ["project_id"], unique=False)
    op.create_index(
        "uq_projects_label_project_id_name",
        "projects_label",
        ["project_id", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "projects_project_member",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("permissions", types.document(), nullable=False),
        sa.Column("joined_at", types.instant(), nullable=True),
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
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_project_member_project_id",
        "projects_project_member",
        ["project_id"],
        unique=False,
    )
    op.create_index(
        "ix_projects_project_member_user_id_project_id",
        "projects_project_member",
        ["user_id", "project_id"],
        unique=False,
    )
    op.create_index(
        "uq_projects_project_member_project_id_user_id",
        "projects_project_member",
        ["project_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "projects_task",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("reporter_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("story_points", sa.Double(), nullable=True),
        sa.Column("estimated_hours", types.decimal(8, 2), nullable=True),
        sa.Column("actual_hours", types.decimal(8, 2), nullable=False),
        sa.Column("remaining_hours", types.decimal(8, 2), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("start_date", types.day(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("completed_at", types.instant(), nullable=True),
        sa.Column("blocked_reason", sa.String(500), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("component", sa.String(100), nullable=False),
        sa.Column("target_version", sa.String(100), nullable=False),
        sa.Column("environment", sa.String(100), nullable=False),
        sa.Column("acceptance_criteria", sa.Text(), nullable=False),
        sa.Column("subtask_count", sa.BigInteger(), nullable=False),
        sa.Column("subtask_done", sa.BigInteger(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["assignee_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["parent_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["reporter_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_task_assignee_id_status",
        "projects_task",
        ["assignee_id", "status"],
        unique=False,
    )
    op.create_index("ix_projects_task_created_at", "projects_task", ["created_at"], unique=False)
    op.create_index(
        "ix_projects_task_deleted_at_id_project_id_status",
        "projects_task",
        ["deleted_at", "id", "project_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_projects_task_due_date_id_project_id_status",
        "projects_task",
        ["due_date", "id", "project_id", "status"],
        unique=False,
    )
    op.create_index("ix_projects_task_parent_id", "projects_task", ["parent_id"], unique=False)
    op.create_index(
        "ix_projects_task_project_id_status_sort_order",
        "projects_task",
        ["project_id", "status", "sort_order"],
        unique=False,
    )
    op.create_index("ix_projects_task_reporter_id", "projects_task", ["reporter_id"], unique=False)
    op.create_index("ix_projects_task_updated_at", "projects_task", ["updated_at"], unique=False)
    op.create_index(
        "uq_projects_task_project_id_code",
        "projects_task",
        ["project_id", "code"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_role",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("permissions", types.document(), nullable=False),
        sa.Column("is_system_role", sa.Boolean(), nullable=False),
        sa.Column("profession_id", sa.BigInteger(), nullable=True),
        sa.Column("position_id", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["position_id"], ["identity_position.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["profession_id"], ["identity_profession.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identity_role_position_id", "identity_role", ["position_id"], unique=False)
    op.create_index(
        "ix_identity_role_profession_id", "identity_role", ["profession_id"], unique=False
    )
    op.create_index(
        "uq_identity_role_code",
        "identity_role",
        ["code"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "identity_user_professions",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_profession.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_identity_user_professions_target",
        "identity_user_professions",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "projects_subtask",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("completed_at", types.instant(), nullable=True),
        sa.Column("completed_by", sa.BigInteger(), nullable=True),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["assignee_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["completed_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_subtask_assignee_id", "projects_subtask", ["assignee_id"], unique=False
    )
    op.create_index(
        "ix_projects_subtask_completed_by", "projects_subtask", ["completed_by"], unique=False
    )
    op.create_index(
        "ix_projects_subtask_task_id_sort_order",
        "projects_subtask",
        ["task_id", "sort_order"],
        unique=False,
    )
    op.create_table(
        "projects_task_assignees",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_projects_task_assignees_target",
        "projects_task_assignees",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "projects_task_labels",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["projects_label.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_projects_task_labels_target",
        "projects_task_labels",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "projects_time_entry",
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("date", types.day(), nullable=True),
        sa.Column("started_at", types.instant(), nullable=True),
        sa.Column("ended_at", types.instant(), nullable=True),
        sa.Column("hours", types.decimal(8, 2), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("hourly_rate", types.decimal(15, 2), nullable=True),
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
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_time_entry_project_id_date",
        "projects_time_entry",
        ["project_id", "date"],
        unique=False,
    )
    op.create_index(
        "ix_projects_time_entry_task_id", "projects_time_entry", ["task_id"], unique=False
    )
    op.create_index(
        "ix_projects_time_entry_user_id_date",
        "projects_time_entry",
        ["user_id", "date"],
        unique=False,
    )
    op.create_index(
        "ix_projects_time_entry_user_id_ended_at",
        "projects_time_entry",
        ["user_id", "ended_at"],
        unique=False,
    )
    op.create_table(
        "identity_user_roles",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_role.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_identity_user_roles_target",
        "identity_user_roles",
        ["target_id", "owner_id"],
        unique=False,
    )
    # ### end Alembic commands ###
    for statement in SEARCH_UP.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    """Take the step back."""
    for statement in SEARCH_DOWN.get(op.get_bind().dialect.name, ()):
        op.execute(statement)
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_index("ix_identity_user_roles_target", table_name="identity_user_roles")
    op.drop_table("identity_user_roles")
    op.drop_index("ix_projects_time_entry_user_id_ended_at", table_name="projects_time_entry")
    op.drop_index("ix_projects_time_entry_user_id_date", table_name="projects_time_entry")
    op.drop_index("ix_projects_time_entry_task_id", table_name="projects_time_entry")
    op.drop_index("ix_projects_time_entry_project_id_date", table_name="projects_time_entry")
    op.drop_table("projects_time_entry")
    op.drop_index("ix_projects_task_labels_target", table_name="projects_task_labels")
    op.drop_table("projects_task_labels")
    op.drop_index("ix_projects_task_assignees_target", table_name="projects_task_assignees")
    op.drop_table("projects_task_assignees")
    op.drop_index("ix_projects_subtask_task_id_sort_order", table_name="projects_subtask")
    op.drop_index("ix_projects_subtask_completed_by", table_name="projects_subtask")
    op.drop_index("ix_projects_subtask_assignee_id", table_name="projects_subtask")
    op.drop_table("projects_subtask")
    op.drop_index("ix_identity_user_professions_target", table_name="identity_user_professions")
    op.drop_table("identity_user_professions")
    op.drop_index(
        "uq_identity_role_code",
        table_name="identity_role",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_role_profession_id", table_name="identity_role")
    op.drop_index("ix_identity_role_position_id", table_name="identity_role")
    op.drop_table("identity_role")
    op.drop_index(
        "uq_projects_task_project_id_code",
        table_name="projects_task",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_projects_task_updated_at", table_name="projects_task")
    op.drop_index("ix_projects_task_reporter_id", table_name="projects_task")
    op.drop_index("ix_projects_task_project_id_status_sort_order", table_name="projects_task")
    op.drop_index("ix_projects_task_parent_id", table_name="projects_task")
    op.drop_index("ix_projects_task_due_date_id_project_id_status", table_name="projects_task")
    op.drop_index("ix_projects_task_deleted_at_id_project_id_status", table_name="projects_task")
    op.drop_index("ix_projects_task_created_at", table_name="projects_task")
    op.drop_index("ix_projects_task_assignee_id_status", table_name="projects_task")
    op.drop_table("projects_task")
    op.drop_index(
        "uq_projects_project_member_project_id_user_id",
        table_name="projects_project_member",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_projects_project_member_user_id_project_id", table_name="projects_project_member"
    )
    op.drop_index("ix_projects_project_member_project_id", table_name="projects_project_member")
    op.drop_table("projects_project_member")
    op.drop_index(
        "uq_projects_label_project_id_name",
        table_name="projects_label",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_projects_label_project_id", table_name="projects_label")
    op.drop_table("projects_label")
    op.drop_index("ix_identity_user_units_target", table_name="identity_user_units")
    op.drop_table("identity_user_units")
    op.drop_index(
        "uq_identity_user_skill_user_id_skill_id",
        table_name="identity_user_skill",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_user_skill_user_id", table_name="identity_user_skill")
    op.drop_index("ix_identity_user_skill_skill_id", table_name="identity_user_skill")
    op.drop_table("identity_user_skill")
    op.drop_index(
        "uq_identity_team_member_team_id_user_id",
        table_name="identity_team_member",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_team_member_user_id", table_name="identity_team_member")
    op.drop_index("ix_identity_team_member_team_id", table_name="identity_team_member")
    op.drop_table("identity_team_member")
    op.drop_index(
        "uq_identity_profession_name",
        table_name="identity_profession",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_profession_unit_id", table_name="identity_profession")
    op.drop_table("identity_profession")
    op.drop_index("ix_transfer_import_run_state", table_name="transfer_import_run")
    op.drop_index("ix_transfer_import_run_content_hash_resource", table_name="transfer_import_run")
    op.drop_table("transfer_import_run")
    op.drop_index(
        "uq_projects_project_code",
        table_name="projects_project",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_projects_project_updated_at", table_name="projects_project")
    op.drop_index("ix_projects_project_status_priority", table_name="projects_project")
    op.drop_index("ix_projects_project_project_manager_id", table_name="projects_project")
    op.drop_index("ix_projects_project_owner_id", table_name="projects_project")
    op.drop_index("ix_projects_project_end_date_status", table_name="projects_project")
    op.drop_index("ix_projects_project_created_at", table_name="projects_project")
    op.drop_table("projects_project")
    op.drop_index(
        "uq_identity_user_session_token_hash",
        table_name="identity_user_session",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_identity_user_session_user_id_device_hash", table_name="identity_user_session"
    )
    op.drop_index("ix_identity_user_session_previous_hash", table_name="identity_user_session")
    op.drop_index("ix_identity_user_session_expires_at", table_name="identity_user_session")
    op.drop_table("identity_user_session")
    op.drop_index("ix_identity_team_status", table_name="identity_team")
    op.drop_index("ix_identity_team_name", table_name="identity_team")
    op.drop_index("ix_identity_team_manager_id", table_name="identity_team")
    op.drop_table("identity_team")
    op.drop_index(
        "uq_identity_skill_name",
        table_name="identity_skill",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("identity_skill")
    op.drop_index(
        "uq_identity_sign_in_guard_key",
        table_name="identity_sign_in_guard",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_sign_in_guard_last_failed_at", table_name="identity_sign_in_guard")
    op.drop_table("identity_sign_in_guard")
    op.drop_index(
        "uq_identity_position_name",
        table_name="identity_position",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("identity_position")
    op.drop_index(
        "ix_identity_organisation_unit_parent_id", table_name="identity_organisation_unit"
    )
    op.drop_index(
        "ix_identity_organisation_unit_manager_id", table_name="identity_organisation_unit"
    )
    op.drop_table("identity_organisation_unit")
    op.drop_index(
        "uq_identity_language_iso2",
        table_name="identity_language",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("identity_language")
    op.drop_index(
        "uq_identity_api_token_token_hash",
        table_name="identity_api_token",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_api_token_user_id", table_name="identity_api_token")
    op.drop_table("identity_api_token")
    op.drop_index(
        "uq_identity_account_link_token_hash",
        table_name="identity_account_link",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_account_link_user_id", table_name="identity_account_link")
    op.drop_index("ix_identity_account_link_expires_at", table_name="identity_account_link")
    op.drop_table("identity_account_link")
    op.drop_table("kernel_setting")
    op.drop_table("kernel_seal")
    op.drop_index("ix_kernel_reply_at", table_name="kernel_reply")
    op.drop_table("kernel_reply")
    op.drop_table("kernel_reader")
    op.drop_index("ix_kernel_log_record", table_name="kernel_log")
    op.drop_index("ix_kernel_log_order", table_name="kernel_log")
    op.drop_index("ix_kernel_log_change_set", table_name="kernel_log")
    op.drop_table("kernel_log")
    op.drop_index("uq_kernel_job_key", table_name="kernel_job")
    op.drop_index("ix_kernel_job_due", table_name="kernel_job")
    op.drop_table("kernel_job")
    op.drop_table("kernel_counter")
    op.drop_index(
        "uq_identity_user_username",
        table_name="identity_user",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "uq_identity_user_email",
        table_name="identity_user",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_identity_user_status", table_name="identity_user")
    op.drop_index("ix_identity_user_manager_id", table_name="identity_user")
    op.drop_index("ix_identity_user_department_status", table_name="identity_user")
    op.drop_index("ix_identity_user_created_at", table_name="identity_user")
    op.drop_table("identity_user")
    # ### end Alembic commands ###
