"""scrum, issues, teams, time."""

import sqlalchemy as sa
from alembic import op

from mainstay.migrations import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


SEARCH_UP = {
    "sqlite": (
        "CREATE VIRTUAL TABLE scrum_sprint_fts USING fts5(name, goal, content='scrum_sprint', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_sprint_fts_insert AFTER INSERT ON scrum_sprint BEGIN INSERT INTO scrum_sprint_fts(rowid, name, goal) VALUES (new.id, new.name, new.goal); END",
        "CREATE TRIGGER scrum_sprint_fts_delete AFTER DELETE ON scrum_sprint BEGIN INSERT INTO scrum_sprint_fts(scrum_sprint_fts, rowid, name, goal) VALUES ('delete', old.id, old.name, old.goal); END",
        "CREATE TRIGGER scrum_sprint_fts_update AFTER UPDATE OF name, goal ON scrum_sprint WHEN new.name IS NOT old.name OR new.goal IS NOT old.goal BEGIN INSERT INTO scrum_sprint_fts(scrum_sprint_fts, rowid, name, goal) VALUES ('delete', old.id, old.name, old.goal); INSERT INTO scrum_sprint_fts(rowid, name, goal) VALUES (new.id, new.name, new.goal); END",
        "CREATE VIRTUAL TABLE scrum_standup_fts USING fts5(notes, content='scrum_standup', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_standup_fts_insert AFTER INSERT ON scrum_standup BEGIN INSERT INTO scrum_standup_fts(rowid, notes) VALUES (new.id, new.notes); END",
        "CREATE TRIGGER scrum_standup_fts_delete AFTER DELETE ON scrum_standup BEGIN INSERT INTO scrum_standup_fts(scrum_standup_fts, rowid, notes) VALUES ('delete', old.id, old.notes); END",
        "CREATE TRIGGER scrum_standup_fts_update AFTER UPDATE OF notes ON scrum_standup WHEN new.notes IS NOT old.notes BEGIN INSERT INTO scrum_standup_fts(scrum_standup_fts, rowid, notes) VALUES ('delete', old.id, old.notes); INSERT INTO scrum_standup_fts(rowid, notes) VALUES (new.id, new.notes); END",
        "CREATE VIRTUAL TABLE scrum_standup_update_fts USING fts5(yesterday, today, blockers, content='scrum_standup_update', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_standup_update_fts_insert AFTER INSERT ON scrum_standup_update BEGIN INSERT INTO scrum_standup_update_fts(rowid, yesterday, today, blockers) VALUES (new.id, new.yesterday, new.today, new.blockers); END",
        "CREATE TRIGGER scrum_standup_update_fts_delete AFTER DELETE ON scrum_standup_update BEGIN INSERT INTO scrum_standup_update_fts(scrum_standup_update_fts, rowid, yesterday, today, blockers) VALUES ('delete', old.id, old.yesterday, old.today, old.blockers); END",
        "CREATE TRIGGER scrum_standup_update_fts_update AFTER UPDATE OF yesterday, today, blockers ON scrum_standup_update WHEN new.yesterday IS NOT old.yesterday OR new.today IS NOT old.today OR new.blockers IS NOT old.blockers BEGIN INSERT INTO scrum_standup_update_fts(scrum_standup_update_fts, rowid, yesterday, today, blockers) VALUES ('delete', old.id, old.yesterday, old.today, old.blockers); INSERT INTO scrum_standup_update_fts(rowid, yesterday, today, blockers) VALUES (new.id, new.yesterday, new.today, new.blockers); END",
        "CREATE VIRTUAL TABLE scrum_impediment_fts USING fts5(title, description, resolution, content='scrum_impediment', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_impediment_fts_insert AFTER INSERT ON scrum_impediment BEGIN INSERT INTO scrum_impediment_fts(rowid, title, description, resolution) VALUES (new.id, new.title, new.description, new.resolution); END",
        "CREATE TRIGGER scrum_impediment_fts_delete AFTER DELETE ON scrum_impediment BEGIN INSERT INTO scrum_impediment_fts(scrum_impediment_fts, rowid, title, description, resolution) VALUES ('delete', old.id, old.title, old.description, old.resolution); END",
        "CREATE TRIGGER scrum_impediment_fts_update AFTER UPDATE OF title, description, resolution ON scrum_impediment WHEN new.title IS NOT old.title OR new.description IS NOT old.description OR new.resolution IS NOT old.resolution BEGIN INSERT INTO scrum_impediment_fts(scrum_impediment_fts, rowid, title, description, resolution) VALUES ('delete', old.id, old.title, old.description, old.resolution); INSERT INTO scrum_impediment_fts(rowid, title, description, resolution) VALUES (new.id, new.title, new.description, new.resolution); END",
        "CREATE VIRTUAL TABLE scrum_retrospective_fts USING fts5(summary, content='scrum_retrospective', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_retrospective_fts_insert AFTER INSERT ON scrum_retrospective BEGIN INSERT INTO scrum_retrospective_fts(rowid, summary) VALUES (new.id, new.summary); END",
        "CREATE TRIGGER scrum_retrospective_fts_delete AFTER DELETE ON scrum_retrospective BEGIN INSERT INTO scrum_retrospective_fts(scrum_retrospective_fts, rowid, summary) VALUES ('delete', old.id, old.summary); END",
        "CREATE TRIGGER scrum_retrospective_fts_update AFTER UPDATE OF summary ON scrum_retrospective WHEN new.summary IS NOT old.summary BEGIN INSERT INTO scrum_retrospective_fts(scrum_retrospective_fts, rowid, summary) VALUES ('delete', old.id, old.summary); INSERT INTO scrum_retrospective_fts(rowid, summary) VALUES (new.id, new.summary); END",
        "CREATE VIRTUAL TABLE scrum_retrospective_note_fts USING fts5(text, content='scrum_retrospective_note', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_retrospective_note_fts_insert AFTER INSERT ON scrum_retrospective_note BEGIN INSERT INTO scrum_retrospective_note_fts(rowid, text) VALUES (new.id, new.text); END",
        "CREATE TRIGGER scrum_retrospective_note_fts_delete AFTER DELETE ON scrum_retrospective_note BEGIN INSERT INTO scrum_retrospective_note_fts(scrum_retrospective_note_fts, rowid, text) VALUES ('delete', old.id, old.text); END",
        "CREATE TRIGGER scrum_retrospective_note_fts_update AFTER UPDATE OF text ON scrum_retrospective_note WHEN new.text IS NOT old.text BEGIN INSERT INTO scrum_retrospective_note_fts(scrum_retrospective_note_fts, rowid, text) VALUES ('delete', old.id, old.text); INSERT INTO scrum_retrospective_note_fts(rowid, text) VALUES (new.id, new.text); END",
        "CREATE VIRTUAL TABLE scrum_action_item_fts USING fts5(title, content='scrum_action_item', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_action_item_fts_insert AFTER INSERT ON scrum_action_item BEGIN INSERT INTO scrum_action_item_fts(rowid, title) VALUES (new.id, new.title); END",
        "CREATE TRIGGER scrum_action_item_fts_delete AFTER DELETE ON scrum_action_item BEGIN INSERT INTO scrum_action_item_fts(scrum_action_item_fts, rowid, title) VALUES ('delete', old.id, old.title); END",
        "CREATE TRIGGER scrum_action_item_fts_update AFTER UPDATE OF title ON scrum_action_item WHEN new.title IS NOT old.title BEGIN INSERT INTO scrum_action_item_fts(scrum_action_item_fts, rowid, title) VALUES ('delete', old.id, old.title); INSERT INTO scrum_action_item_fts(rowid, title) VALUES (new.id, new.title); END",
        "CREATE VIRTUAL TABLE scrum_done_criterion_fts USING fts5(title, content='scrum_done_criterion', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER scrum_done_criterion_fts_insert AFTER INSERT ON scrum_done_criterion BEGIN INSERT INTO scrum_done_criterion_fts(rowid, title) VALUES (new.id, new.title); END",
        "CREATE TRIGGER scrum_done_criterion_fts_delete AFTER DELETE ON scrum_done_criterion BEGIN INSERT INTO scrum_done_criterion_fts(scrum_done_criterion_fts, rowid, title) VALUES ('delete', old.id, old.title); END",
        "CREATE TRIGGER scrum_done_criterion_fts_update AFTER UPDATE OF title ON scrum_done_criterion WHEN new.title IS NOT old.title BEGIN INSERT INTO scrum_done_criterion_fts(scrum_done_criterion_fts, rowid, title) VALUES ('delete', old.id, old.title); INSERT INTO scrum_done_criterion_fts(rowid, title) VALUES (new.id, new.title); END",
        "CREATE VIRTUAL TABLE issues_issue_fts USING fts5(code, title, description, content='issues_issue', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER issues_issue_fts_insert AFTER INSERT ON issues_issue BEGIN INSERT INTO issues_issue_fts(rowid, code, title, description) VALUES (new.id, new.code, new.title, new.description); END",
        "CREATE TRIGGER issues_issue_fts_delete AFTER DELETE ON issues_issue BEGIN INSERT INTO issues_issue_fts(issues_issue_fts, rowid, code, title, description) VALUES ('delete', old.id, old.code, old.title, old.description); END",
        "CREATE TRIGGER issues_issue_fts_update AFTER UPDATE OF code, title, description ON issues_issue WHEN new.code IS NOT old.code OR new.title IS NOT old.title OR new.description IS NOT old.description BEGIN INSERT INTO issues_issue_fts(issues_issue_fts, rowid, code, title, description) VALUES ('delete', old.id, old.code, old.title, old.description); INSERT INTO issues_issue_fts(rowid, code, title, description) VALUES (new.id, new.code, new.title, new.description); END",
        "CREATE VIRTUAL TABLE issues_workaround_fts USING fts5(title, steps, content='issues_workaround', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER issues_workaround_fts_insert AFTER INSERT ON issues_workaround BEGIN INSERT INTO issues_workaround_fts(rowid, title, steps) VALUES (new.id, new.title, new.steps); END",
        "CREATE TRIGGER issues_workaround_fts_delete AFTER DELETE ON issues_workaround BEGIN INSERT INTO issues_workaround_fts(issues_workaround_fts, rowid, title, steps) VALUES ('delete', old.id, old.title, old.steps); END",
        "CREATE TRIGGER issues_workaround_fts_update AFTER UPDATE OF title, steps ON issues_workaround WHEN new.title IS NOT old.title OR new.steps IS NOT old.steps BEGIN INSERT INTO issues_workaround_fts(issues_workaround_fts, rowid, title, steps) VALUES ('delete', old.id, old.title, old.steps); INSERT INTO issues_workaround_fts(rowid, title, steps) VALUES (new.id, new.title, new.steps); END",
        "CREATE VIRTUAL TABLE issues_test_case_fts USING fts5(title, steps, content='issues_test_case', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER issues_test_case_fts_insert AFTER INSERT ON issues_test_case BEGIN INSERT INTO issues_test_case_fts(rowid, title, steps) VALUES (new.id, new.title, new.steps); END",
        "CREATE TRIGGER issues_test_case_fts_delete AFTER DELETE ON issues_test_case BEGIN INSERT INTO issues_test_case_fts(issues_test_case_fts, rowid, title, steps) VALUES ('delete', old.id, old.title, old.steps); END",
        "CREATE TRIGGER issues_test_case_fts_update AFTER UPDATE OF title, steps ON issues_test_case WHEN new.title IS NOT old.title OR new.steps IS NOT old.steps BEGIN INSERT INTO issues_test_case_fts(issues_test_case_fts, rowid, title, steps) VALUES ('delete', old.id, old.title, old.steps); INSERT INTO issues_test_case_fts(rowid, title, steps) VALUES (new.id, new.title, new.steps); END",
        "CREATE VIRTUAL TABLE issues_log_entry_fts USING fts5(message, source, content='issues_log_entry', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER issues_log_entry_fts_insert AFTER INSERT ON issues_log_entry BEGIN INSERT INTO issues_log_entry_fts(rowid, message, source) VALUES (new.id, new.message, new.source); END",
        "CREATE TRIGGER issues_log_entry_fts_delete AFTER DELETE ON issues_log_entry BEGIN INSERT INTO issues_log_entry_fts(issues_log_entry_fts, rowid, message, source) VALUES ('delete', old.id, old.message, old.source); END",
        "CREATE TRIGGER issues_log_entry_fts_update AFTER UPDATE OF message, source ON issues_log_entry WHEN new.message IS NOT old.message OR new.source IS NOT old.source BEGIN INSERT INTO issues_log_entry_fts(issues_log_entry_fts, rowid, message, source) VALUES ('delete', old.id, old.message, old.source); INSERT INTO issues_log_entry_fts(rowid, message, source) VALUES (new.id, new.message, new.source); END",
        "CREATE VIRTUAL TABLE issues_sla_policy_fts USING fts5(name, description, content='issues_sla_policy', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER issues_sla_policy_fts_insert AFTER INSERT ON issues_sla_policy BEGIN INSERT INTO issues_sla_policy_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER issues_sla_policy_fts_delete AFTER DELETE ON issues_sla_policy BEGIN INSERT INTO issues_sla_policy_fts(issues_sla_policy_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER issues_sla_policy_fts_update AFTER UPDATE OF name, description ON issues_sla_policy WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO issues_sla_policy_fts(issues_sla_policy_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO issues_sla_policy_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE issues_issue_form_fts USING fts5(name, address, content='issues_issue_form', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER issues_issue_form_fts_insert AFTER INSERT ON issues_issue_form BEGIN INSERT INTO issues_issue_form_fts(rowid, name, address) VALUES (new.id, new.name, new.address); END",
        "CREATE TRIGGER issues_issue_form_fts_delete AFTER DELETE ON issues_issue_form BEGIN INSERT INTO issues_issue_form_fts(issues_issue_form_fts, rowid, name, address) VALUES ('delete', old.id, old.name, old.address); END",
        "CREATE TRIGGER issues_issue_form_fts_update AFTER UPDATE OF name, address ON issues_issue_form WHEN new.name IS NOT old.name OR new.address IS NOT old.address BEGIN INSERT INTO issues_issue_form_fts(issues_issue_form_fts, rowid, name, address) VALUES ('delete', old.id, old.name, old.address); INSERT INTO issues_issue_form_fts(rowid, name, address) VALUES (new.id, new.name, new.address); END",
        "CREATE VIRTUAL TABLE issues_issue_ticket_fts USING fts5(name, email, content='issues_issue_ticket', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER issues_issue_ticket_fts_insert AFTER INSERT ON issues_issue_ticket BEGIN INSERT INTO issues_issue_ticket_fts(rowid, name, email) VALUES (new.id, new.name, new.email); END",
        "CREATE TRIGGER issues_issue_ticket_fts_delete AFTER DELETE ON issues_issue_ticket BEGIN INSERT INTO issues_issue_ticket_fts(issues_issue_ticket_fts, rowid, name, email) VALUES ('delete', old.id, old.name, old.email); END",
        "CREATE TRIGGER issues_issue_ticket_fts_update AFTER UPDATE OF name, email ON issues_issue_ticket WHEN new.name IS NOT old.name OR new.email IS NOT old.email BEGIN INSERT INTO issues_issue_ticket_fts(issues_issue_ticket_fts, rowid, name, email) VALUES ('delete', old.id, old.name, old.email); INSERT INTO issues_issue_ticket_fts(rowid, name, email) VALUES (new.id, new.name, new.email); END",
        "CREATE VIRTUAL TABLE teams_ritual_fts USING fts5(name, notes, content='teams_ritual', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER teams_ritual_fts_insert AFTER INSERT ON teams_ritual BEGIN INSERT INTO teams_ritual_fts(rowid, name, notes) VALUES (new.id, new.name, new.notes); END",
        "CREATE TRIGGER teams_ritual_fts_delete AFTER DELETE ON teams_ritual BEGIN INSERT INTO teams_ritual_fts(teams_ritual_fts, rowid, name, notes) VALUES ('delete', old.id, old.name, old.notes); END",
        "CREATE TRIGGER teams_ritual_fts_update AFTER UPDATE OF name, notes ON teams_ritual WHEN new.name IS NOT old.name OR new.notes IS NOT old.notes BEGIN INSERT INTO teams_ritual_fts(teams_ritual_fts, rowid, name, notes) VALUES ('delete', old.id, old.name, old.notes); INSERT INTO teams_ritual_fts(rowid, name, notes) VALUES (new.id, new.name, new.notes); END",
        "CREATE VIRTUAL TABLE teams_team_goal_fts USING fts5(title, description, content='teams_team_goal', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER teams_team_goal_fts_insert AFTER INSERT ON teams_team_goal BEGIN INSERT INTO teams_team_goal_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE TRIGGER teams_team_goal_fts_delete AFTER DELETE ON teams_team_goal BEGIN INSERT INTO teams_team_goal_fts(teams_team_goal_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); END",
        "CREATE TRIGGER teams_team_goal_fts_update AFTER UPDATE OF title, description ON teams_team_goal WHEN new.title IS NOT old.title OR new.description IS NOT old.description BEGIN INSERT INTO teams_team_goal_fts(teams_team_goal_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); INSERT INTO teams_team_goal_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE VIRTUAL TABLE teams_team_metric_fts USING fts5(name, content='teams_team_metric', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER teams_team_metric_fts_insert AFTER INSERT ON teams_team_metric BEGIN INSERT INTO teams_team_metric_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER teams_team_metric_fts_delete AFTER DELETE ON teams_team_metric BEGIN INSERT INTO teams_team_metric_fts(teams_team_metric_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER teams_team_metric_fts_update AFTER UPDATE OF name ON teams_team_metric WHEN new.name IS NOT old.name BEGIN INSERT INTO teams_team_metric_fts(teams_team_metric_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO teams_team_metric_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE timesheets_timesheet_fts USING fts5(note, reason, content='timesheets_timesheet', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER timesheets_timesheet_fts_insert AFTER INSERT ON timesheets_timesheet BEGIN INSERT INTO timesheets_timesheet_fts(rowid, note, reason) VALUES (new.id, new.note, new.reason); END",
        "CREATE TRIGGER timesheets_timesheet_fts_delete AFTER DELETE ON timesheets_timesheet BEGIN INSERT INTO timesheets_timesheet_fts(timesheets_timesheet_fts, rowid, note, reason) VALUES ('delete', old.id, old.note, old.reason); END",
        "CREATE TRIGGER timesheets_timesheet_fts_update AFTER UPDATE OF note, reason ON timesheets_timesheet WHEN new.note IS NOT old.note OR new.reason IS NOT old.reason BEGIN INSERT INTO timesheets_timesheet_fts(timesheets_timesheet_fts, rowid, note, reason) VALUES ('delete', old.id, old.note, old.reason); INSERT INTO timesheets_timesheet_fts(rowid, note, reason) VALUES (new.id, new.note, new.reason); END",
        "CREATE VIRTUAL TABLE timesheets_hourly_rate_fts USING fts5(name, content='timesheets_hourly_rate', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER timesheets_hourly_rate_fts_insert AFTER INSERT ON timesheets_hourly_rate BEGIN INSERT INTO timesheets_hourly_rate_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER timesheets_hourly_rate_fts_delete AFTER DELETE ON timesheets_hourly_rate BEGIN INSERT INTO timesheets_hourly_rate_fts(timesheets_hourly_rate_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER timesheets_hourly_rate_fts_update AFTER UPDATE OF name ON timesheets_hourly_rate WHEN new.name IS NOT old.name BEGIN INSERT INTO timesheets_hourly_rate_fts(timesheets_hourly_rate_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO timesheets_hourly_rate_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE timesheets_time_policy_fts USING fts5(name, content='timesheets_time_policy', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER timesheets_time_policy_fts_insert AFTER INSERT ON timesheets_time_policy BEGIN INSERT INTO timesheets_time_policy_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER timesheets_time_policy_fts_delete AFTER DELETE ON timesheets_time_policy BEGIN INSERT INTO timesheets_time_policy_fts(timesheets_time_policy_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER timesheets_time_policy_fts_update AFTER UPDATE OF name ON timesheets_time_policy WHEN new.name IS NOT old.name BEGIN INSERT INTO timesheets_time_policy_fts(timesheets_time_policy_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO timesheets_time_policy_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE importers_move_run_fts USING fts5(file_name, content='importers_move_run', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER importers_move_run_fts_insert AFTER INSERT ON importers_move_run BEGIN INSERT INTO importers_move_run_fts(rowid, file_name) VALUES (new.id, new.file_name); END",
        "CREATE TRIGGER importers_move_run_fts_delete AFTER DELETE ON importers_move_run BEGIN INSERT INTO importers_move_run_fts(importers_move_run_fts, rowid, file_name) VALUES ('delete', old.id, old.file_name); END",
        "CREATE TRIGGER importers_move_run_fts_update AFTER UPDATE OF file_name ON importers_move_run WHEN new.file_name IS NOT old.file_name BEGIN INSERT INTO importers_move_run_fts(importers_move_run_fts, rowid, file_name) VALUES ('delete', old.id, old.file_name); INSERT INTO importers_move_run_fts(rowid, file_name) VALUES (new.id, new.file_name); END",
        "CREATE VIRTUAL TABLE importers_moved_fts USING fts5(external_id, content='importers_moved', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER importers_moved_fts_insert AFTER INSERT ON importers_moved BEGIN INSERT INTO importers_moved_fts(rowid, external_id) VALUES (new.id, new.external_id); END",
        "CREATE TRIGGER importers_moved_fts_delete AFTER DELETE ON importers_moved BEGIN INSERT INTO importers_moved_fts(importers_moved_fts, rowid, external_id) VALUES ('delete', old.id, old.external_id); END",
        "CREATE TRIGGER importers_moved_fts_update AFTER UPDATE OF external_id ON importers_moved WHEN new.external_id IS NOT old.external_id BEGIN INSERT INTO importers_moved_fts(importers_moved_fts, rowid, external_id) VALUES ('delete', old.id, old.external_id); INSERT INTO importers_moved_fts(rowid, external_id) VALUES (new.id, new.external_id); END",
    ),
    "postgresql": (
        "CREATE INDEX ix_scrum_sprint_search ON scrum_sprint USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(goal, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_scrum_standup_search ON scrum_standup USING gin (to_tsvector('simple', translate(coalesce(notes, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_scrum_standup_update_search ON scrum_standup_update USING gin (to_tsvector('simple', translate(coalesce(yesterday, '') || ' ' || coalesce(today, '') || ' ' || coalesce(blockers, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_scrum_impediment_search ON scrum_impediment USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(description, '') || ' ' || coalesce(resolution, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_scrum_retrospective_search ON scrum_retrospective USING gin (to_tsvector('simple', translate(coalesce(summary, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_scrum_retrospective_note_search ON scrum_retrospective_note USING gin (to_tsvector('simple', translate(coalesce(text, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_scrum_action_item_search ON scrum_action_item USING gin (to_tsvector('simple', translate(coalesce(title, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_scrum_done_criterion_search ON scrum_done_criterion USING gin (to_tsvector('simple', translate(coalesce(title, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_issues_issue_search ON issues_issue USING gin (to_tsvector('simple', translate(coalesce(code, '') || ' ' || coalesce(title, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_issues_workaround_search ON issues_workaround USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(steps, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_issues_test_case_search ON issues_test_case USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(steps, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_issues_log_entry_search ON issues_log_entry USING gin (to_tsvector('simple', translate(coalesce(message, '') || ' ' || coalesce(source, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_issues_sla_policy_search ON issues_sla_policy USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_issues_issue_form_search ON issues_issue_form USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(address, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_issues_issue_ticket_search ON issues_issue_ticket USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(email, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_teams_ritual_search ON teams_ritual USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(notes, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_teams_team_goal_search ON teams_team_goal USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_teams_team_metric_search ON teams_team_metric USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_timesheets_timesheet_search ON timesheets_timesheet USING gin (to_tsvector('simple', translate(coalesce(note, '') || ' ' || coalesce(reason, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_timesheets_hourly_rate_search ON timesheets_hourly_rate USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_timesheets_time_policy_search ON timesheets_time_policy USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_importers_move_run_search ON importers_move_run USING gin (to_tsvector('simple', translate(coalesce(file_name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_importers_moved_search ON importers_moved USING gin (to_tsvector('simple', translate(coalesce(external_id, ''), './-_@:', '      ')))",
    ),
}
SEARCH_DOWN = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS scrum_sprint_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_sprint_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_sprint_fts_update",
        "DROP TABLE IF EXISTS scrum_sprint_fts",
        "DROP TRIGGER IF EXISTS scrum_standup_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_standup_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_standup_fts_update",
        "DROP TABLE IF EXISTS scrum_standup_fts",
        "DROP TRIGGER IF EXISTS scrum_standup_update_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_standup_update_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_standup_update_fts_update",
        "DROP TABLE IF EXISTS scrum_standup_update_fts",
        "DROP TRIGGER IF EXISTS scrum_impediment_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_impediment_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_impediment_fts_update",
        "DROP TABLE IF EXISTS scrum_impediment_fts",
        "DROP TRIGGER IF EXISTS scrum_retrospective_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_retrospective_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_retrospective_fts_update",
        "DROP TABLE IF EXISTS scrum_retrospective_fts",
        "DROP TRIGGER IF EXISTS scrum_retrospective_note_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_retrospective_note_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_retrospective_note_fts_update",
        "DROP TABLE IF EXISTS scrum_retrospective_note_fts",
        "DROP TRIGGER IF EXISTS scrum_action_item_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_action_item_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_action_item_fts_update",
        "DROP TABLE IF EXISTS scrum_action_item_fts",
        "DROP TRIGGER IF EXISTS scrum_done_criterion_fts_insert",
        "DROP TRIGGER IF EXISTS scrum_done_criterion_fts_delete",
        "DROP TRIGGER IF EXISTS scrum_done_criterion_fts_update",
        "DROP TABLE IF EXISTS scrum_done_criterion_fts",
        "DROP TRIGGER IF EXISTS issues_issue_fts_insert",
        "DROP TRIGGER IF EXISTS issues_issue_fts_delete",
        "DROP TRIGGER IF EXISTS issues_issue_fts_update",
        "DROP TABLE IF EXISTS issues_issue_fts",
        "DROP TRIGGER IF EXISTS issues_workaround_fts_insert",
        "DROP TRIGGER IF EXISTS issues_workaround_fts_delete",
        "DROP TRIGGER IF EXISTS issues_workaround_fts_update",
        "DROP TABLE IF EXISTS issues_workaround_fts",
        "DROP TRIGGER IF EXISTS issues_test_case_fts_insert",
        "DROP TRIGGER IF EXISTS issues_test_case_fts_delete",
        "DROP TRIGGER IF EXISTS issues_test_case_fts_update",
        "DROP TABLE IF EXISTS issues_test_case_fts",
        "DROP TRIGGER IF EXISTS issues_log_entry_fts_insert",
        "DROP TRIGGER IF EXISTS issues_log_entry_fts_delete",
        "DROP TRIGGER IF EXISTS issues_log_entry_fts_update",
        "DROP TABLE IF EXISTS issues_log_entry_fts",
        "DROP TRIGGER IF EXISTS issues_sla_policy_fts_insert",
        "DROP TRIGGER IF EXISTS issues_sla_policy_fts_delete",
        "DROP TRIGGER IF EXISTS issues_sla_policy_fts_update",
        "DROP TABLE IF EXISTS issues_sla_policy_fts",
        "DROP TRIGGER IF EXISTS issues_issue_form_fts_insert",
        "DROP TRIGGER IF EXISTS issues_issue_form_fts_delete",
        "DROP TRIGGER IF EXISTS issues_issue_form_fts_update",
        "DROP TABLE IF EXISTS issues_issue_form_fts",
        "DROP TRIGGER IF EXISTS issues_issue_ticket_fts_insert",
        "DROP TRIGGER IF EXISTS issues_issue_ticket_fts_delete",
        "DROP TRIGGER IF EXISTS issues_issue_ticket_fts_update",
        "DROP TABLE IF EXISTS issues_issue_ticket_fts",
        "DROP TRIGGER IF EXISTS teams_ritual_fts_insert",
        "DROP TRIGGER IF EXISTS teams_ritual_fts_delete",
        "DROP TRIGGER IF EXISTS teams_ritual_fts_update",
        "DROP TABLE IF EXISTS teams_ritual_fts",
        "DROP TRIGGER IF EXISTS teams_team_goal_fts_insert",
        "DROP TRIGGER IF EXISTS teams_team_goal_fts_delete",
        "DROP TRIGGER IF EXISTS teams_team_goal_fts_update",
        "DROP TABLE IF EXISTS teams_team_goal_fts",
        "DROP TRIGGER IF EXISTS teams_team_metric_fts_insert",
        "DROP TRIGGER IF EXISTS teams_team_metric_fts_delete",
        "DROP TRIGGER IF EXISTS teams_team_metric_fts_update",
        "DROP TABLE IF EXISTS teams_team_metric_fts",
        "DROP TRIGGER IF EXISTS timesheets_timesheet_fts_insert",
        "DROP TRIGGER IF EXISTS timesheets_timesheet_fts_delete",
        "DROP TRIGGER IF EXISTS timesheets_timesheet_fts_update",
        "DROP TABLE IF EXISTS timesheets_timesheet_fts",
        "DROP TRIGGER IF EXISTS timesheets_hourly_rate_fts_insert",
        "DROP TRIGGER IF EXISTS timesheets_hourly_rate_fts_delete",
        "DROP TRIGGER IF EXISTS timesheets_hourly_rate_fts_update",
        "DROP TABLE IF EXISTS timesheets_hourly_rate_fts",
        "DROP TRIGGER IF EXISTS timesheets_time_policy_fts_insert",
        "DROP TRIGGER IF EXISTS timesheets_time_policy_fts_delete",
        "DROP TRIGGER IF EXISTS timesheets_time_policy_fts_update",
        "DROP TABLE IF EXISTS timesheets_time_policy_fts",
        "DROP TRIGGER IF EXISTS importers_move_run_fts_insert",
        "DROP TRIGGER IF EXISTS importers_move_run_fts_delete",
        "DROP TRIGGER IF EXISTS importers_move_run_fts_update",
        "DROP TABLE IF EXISTS importers_move_run_fts",
        "DROP TRIGGER IF EXISTS importers_moved_fts_insert",
        "DROP TRIGGER IF EXISTS importers_moved_fts_delete",
        "DROP TRIGGER IF EXISTS importers_moved_fts_update",
        "DROP TABLE IF EXISTS importers_moved_fts",
    ),
    "postgresql": (
        "DROP INDEX IF EXISTS ix_scrum_sprint_search",
        "DROP INDEX IF EXISTS ix_scrum_standup_search",
        "DROP INDEX IF EXISTS ix_scrum_standup_update_search",
        "DROP INDEX IF EXISTS ix_scrum_impediment_search",
        "DROP INDEX IF EXISTS ix_scrum_retrospective_search",
        "DROP INDEX IF EXISTS ix_scrum_retrospective_note_search",
        "DROP INDEX IF EXISTS ix_scrum_action_item_search",
        "DROP INDEX IF EXISTS ix_scrum_done_criterion_search",
        "DROP INDEX IF EXISTS ix_issues_issue_search",
        "DROP INDEX IF EXISTS ix_issues_workaround_search",
        "DROP INDEX IF EXISTS ix_issues_test_case_search",
        "DROP INDEX IF EXISTS ix_issues_log_entry_search",
        "DROP INDEX IF EXISTS ix_issues_sla_policy_search",
        "DROP INDEX IF EXISTS ix_issues_issue_form_search",
        "DROP INDEX IF EXISTS ix_issues_issue_ticket_search",
        "DROP INDEX IF EXISTS ix_teams_ritual_search",
        "DROP INDEX IF EXISTS ix_teams_team_goal_search",
        "DROP INDEX IF EXISTS ix_teams_team_metric_search",
        "DROP INDEX IF EXISTS ix_timesheets_timesheet_search",
        "DROP INDEX IF EXISTS ix_timesheets_hourly_rate_search",
        "DROP INDEX IF EXISTS ix_timesheets_time_policy_search",
        "DROP INDEX IF EXISTS ix_importers_move_run_search",
        "DROP INDEX IF EXISTS ix_importers_moved_search",
    ),
}


def upgrade() -> None:
    """Make the step."""
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "issues_public_count",
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("began_at", types.instant(), nullable=False),
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
        "uq_issues_public_count_place",
        "issues_public_count",
        ["place"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "timesheets_timesheet",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("week_start", types.day(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("hours", types.decimal(8, 2), nullable=False),
        sa.Column("billable_hours", types.decimal(8, 2), nullable=False),
        sa.Column("submitted_at", types.instant(), nullable=True),
        sa.Column("decided_at", types.instant(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("changed_at", types.instant(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["decided_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_timesheets_timesheet_decided_by", "timesheets_timesheet", ["decided_by"], unique=False
    )
    op.create_index(
        "ix_timesheets_timesheet_status_week_start",
        "timesheets_timesheet",
        ["status", "week_start"],
        unique=False,
    )
    op.create_index(
        "ix_timesheets_timesheet_user_id", "timesheets_timesheet", ["user_id"], unique=False
    )
    op.create_index(
        "ix_timesheets_timesheet_week_start", "timesheets_timesheet", ["week_start"], unique=False
    )
    op.create_index(
        "uq_timesheets_timesheet_user_id_week_start",
        "timesheets_timesheet",
        ["user_id", "week_start"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "teams_ritual",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("frequency", sa.String(40), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("facilitator_id", sa.BigInteger(), nullable=True),
        sa.Column("last_on", types.day(), nullable=True),
        sa.Column("next_on", types.day(), nullable=True),
        sa.Column("month_day", sa.BigInteger(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["facilitator_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["team_id"], ["identity_team.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_teams_ritual_facilitator_id", "teams_ritual", ["facilitator_id"], unique=False
    )
    op.create_index("ix_teams_ritual_next_on", "teams_ritual", ["next_on"], unique=False)
    op.create_index("ix_teams_ritual_team_id", "teams_ritual", ["team_id"], unique=False)
    op.create_table(
        "teams_team_goal",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("current", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(30), nullable=False),
        sa.Column("start_date", types.day(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["team_id"], ["identity_team.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_teams_team_goal_owner_id", "teams_team_goal", ["owner_id"], unique=False)
    op.create_index(
        "ix_teams_team_goal_team_id_status", "teams_team_goal", ["team_id", "status"], unique=False
    )
    op.create_table(
        "teams_team_metric",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("unit", sa.String(30), nullable=False),
        sa.Column("better", sa.String(40), nullable=False),
        sa.Column("current", sa.Double(), nullable=True),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("benchmark", sa.Double(), nullable=True),
        sa.Column("trend", sa.String(40), nullable=False),
        sa.Column("measured_at", types.instant(), nullable=True),
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
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_teams_team_metric_team_id", "teams_team_metric", ["team_id"], unique=False)
    op.create_index(
        "uq_teams_team_metric_team_id_name",
        "teams_team_metric",
        ["team_id", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "teams_team_skill",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("demand", sa.Double(), nullable=False),
        sa.Column("training_plan", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["skill_id"], ["identity_skill.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["team_id"], ["identity_team.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_teams_team_skill_owner_id", "teams_team_skill", ["owner_id"], unique=False)
    op.create_index("ix_teams_team_skill_skill_id", "teams_team_skill", ["skill_id"], unique=False)
    op.create_index("ix_teams_team_skill_team_id", "teams_team_skill", ["team_id"], unique=False)
    op.create_index(
        "uq_teams_team_skill_team_id_skill_id",
        "teams_team_skill",
        ["team_id", "skill_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "teams_metric_value",
        sa.Column("metric_id", sa.BigInteger(), nullable=False),
        sa.Column("date", types.day(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("note", sa.String(100), nullable=False),
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
        sa.ForeignKeyConstraint(["metric_id"], ["teams_team_metric.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_teams_metric_value_metric_id_date",
        "teams_metric_value",
        ["metric_id", "date"],
        unique=False,
    )
    op.create_table(
        "importers_move_run",
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("site", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("options", types.document(), nullable=False),
        sa.Column("report", types.document(), nullable=False),
        sa.Column("change_sets", types.document(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("started_at", types.instant(), nullable=True),
        sa.Column("finished_at", types.instant(), nullable=True),
        sa.Column("stored", sa.String(1000), nullable=False),
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
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_importers_move_run_content_hash", "importers_move_run", ["content_hash"], unique=False
    )
    op.create_index(
        "ix_importers_move_run_project_id", "importers_move_run", ["project_id"], unique=False
    )
    op.create_index("ix_importers_move_run_state", "importers_move_run", ["state"], unique=False)
    op.create_table(
        "issues_issue_form",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("asks_severity", sa.Boolean(), nullable=False),
        sa.Column("asks_steps", sa.Boolean(), nullable=False),
        sa.Column("asks_version", sa.Boolean(), nullable=False),
        sa.Column("asks_contact", sa.String(40), nullable=False),
        sa.Column("takes_files", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("stamp_key", sa.String(64), nullable=False),
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
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_issue_form_assignee_id", "issues_issue_form", ["assignee_id"], unique=False
    )
    op.create_index(
        "ix_issues_issue_form_project_id", "issues_issue_form", ["project_id"], unique=False
    )
    op.create_index(
        "uq_issues_issue_form_address",
        "issues_issue_form",
        ["address"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "issues_sla_policy",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("types", types.document(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=True),
        sa.Column("around_the_clock", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(50), nullable=False),
        sa.Column("day_starts", sa.String(5), nullable=False),
        sa.Column("highest_response", sa.Double(), nullable=False),
        sa.Column("high_response", sa.Double(), nullable=False),
        sa.Column("medium_response", sa.Double(), nullable=False),
        sa.Column("low_response", sa.Double(), nullable=False),
        sa.Column("lowest_response", sa.Double(), nullable=False),
        sa.Column("highest_resolve", sa.Double(), nullable=False),
        sa.Column("high_resolve", sa.Double(), nullable=False),
        sa.Column("medium_resolve", sa.Double(), nullable=False),
        sa.Column("low_resolve", sa.Double(), nullable=False),
        sa.Column("lowest_resolve", sa.Double(), nullable=False),
        sa.Column("warn_share", sa.Double(), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["planning_work_calendar.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_sla_policy_calendar_id", "issues_sla_policy", ["calendar_id"], unique=False
    )
    op.create_index(
        "ix_issues_sla_policy_project_id", "issues_sla_policy", ["project_id"], unique=False
    )
    op.create_index(
        "uq_issues_sla_policy_project_id_name",
        "issues_sla_policy",
        ["project_id", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_done_criterion",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
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
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_done_criterion_project_id_sort_order",
        "scrum_done_criterion",
        ["project_id", "sort_order"],
        unique=False,
    )
    op.create_table(
        "scrum_sprint",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("sprint_number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("start_date", types.day(), nullable=True),
        sa.Column("end_date", types.day(), nullable=True),
        sa.Column("started_at", types.instant(), nullable=True),
        sa.Column("completed_at", types.instant(), nullable=True),
        sa.Column("capacity_hours", types.decimal(8, 2), nullable=True),
        sa.Column("commitment_points", sa.Double(), nullable=False),
        sa.Column("completed_points", sa.Double(), nullable=False),
        sa.Column("added_points", sa.Double(), nullable=False),
        sa.Column("removed_points", sa.Double(), nullable=False),
        sa.Column("velocity", sa.Double(), nullable=False),
        sa.Column("review_notes", sa.Text(), nullable=False),
        sa.Column("demo_url", sa.String(500), nullable=False),
        sa.Column("custom_fields", types.document(), nullable=False),
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
        sa.ForeignKeyConstraint(["team_id"], ["identity_team.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_sprint_project_id_status", "scrum_sprint", ["project_id", "status"], unique=False
    )
    op.create_index(
        "ix_scrum_sprint_status_end_date", "scrum_sprint", ["status", "end_date"], unique=False
    )
    op.create_index("ix_scrum_sprint_team_id", "scrum_sprint", ["team_id"], unique=False)
    op.create_index(
        "uq_scrum_sprint_project_id_sprint_number",
        "scrum_sprint",
        ["project_id", "sprint_number"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "timesheets_hourly_rate",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(40), nullable=True),
        sa.Column("billing_rate", types.decimal(15, 2), nullable=True),
        sa.Column("cost_rate", types.decimal(15, 2), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("valid_from", types.day(), nullable=True),
        sa.Column("valid_until", types.day(), nullable=True),
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
        "ix_timesheets_hourly_rate_project_id_user_id",
        "timesheets_hourly_rate",
        ["project_id", "user_id"],
        unique=False,
    )
    op.create_index(
        "ix_timesheets_hourly_rate_user_id", "timesheets_hourly_rate", ["user_id"], unique=False
    )
    op.create_index(
        "ix_timesheets_hourly_rate_valid_from",
        "timesheets_hourly_rate",
        ["valid_from"],
        unique=False,
    )
    op.create_table(
        "timesheets_time_policy",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("round_to", sa.BigInteger(), nullable=False),
        sa.Column("rounding", sa.String(40), nullable=False),
        sa.Column("round_each", sa.String(40), nullable=False),
        sa.Column("weekly_hours", types.decimal(5, 2), nullable=False),
        sa.Column("approval_required", sa.Boolean(), nullable=False),
        sa.Column("locked_until", types.day(), nullable=True),
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
    op.create_index(
        "ix_timesheets_time_policy_project_id",
        "timesheets_time_policy",
        ["project_id"],
        unique=False,
    )
    op.create_index(
        "uq_timesheets_time_policy_project_id",
        "timesheets_time_policy",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "importers_moved",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("entity", sa.String(80), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("written", types.document(), nullable=False),
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
        sa.ForeignKeyConstraint(["run_id"], ["importers_move_run.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_importers_moved_entity_record_id",
        "importers_moved",
        ["entity", "record_id"],
        unique=False,
    )
    op.create_index("ix_importers_moved_run_id", "importers_moved", ["run_id"], unique=False)
    op.create_index(
        "uq_importers_moved_source_external_id_entity",
        "importers_moved",
        ["source", "external_id", "entity"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_retrospective",
        sa.Column("sprint_id", sa.BigInteger(), nullable=False),
        sa.Column("held_on", types.day(), nullable=True),
        sa.Column("team_mood", sa.BigInteger(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["sprint_id"], ["scrum_sprint.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_retrospective_sprint_id", "scrum_retrospective", ["sprint_id"], unique=False
    )
    op.create_index(
        "uq_scrum_retrospective_sprint_id",
        "scrum_retrospective",
        ["sprint_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_sprint_day",
        sa.Column("sprint_id", sa.BigInteger(), nullable=False),
        sa.Column("date", types.day(), nullable=False),
        sa.Column("remaining_points", sa.Double(), nullable=False),
        sa.Column("completed_points", sa.Double(), nullable=False),
        sa.Column("added_points", sa.Double(), nullable=False),
        sa.Column("removed_points", sa.Double(), nullable=False),
        sa.Column("remaining_hours", types.decimal(8, 2), nullable=True),
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
        sa.ForeignKeyConstraint(["sprint_id"], ["scrum_sprint.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_sprint_day_sprint_id", "scrum_sprint_day", ["sprint_id"], unique=False
    )
    op.create_index(
        "uq_scrum_sprint_day_sprint_id_date",
        "scrum_sprint_day",
        ["sprint_id", "date"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_sprint_member",
        sa.Column("sprint_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("availability", sa.Double(), nullable=False),
        sa.Column("capacity_hours", types.decimal(8, 2), nullable=True),
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
        sa.ForeignKeyConstraint(["sprint_id"], ["scrum_sprint.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_sprint_member_sprint_id", "scrum_sprint_member", ["sprint_id"], unique=False
    )
    op.create_index(
        "ix_scrum_sprint_member_user_id", "scrum_sprint_member", ["user_id"], unique=False
    )
    op.create_index(
        "uq_scrum_sprint_member_sprint_id_user_id",
        "scrum_sprint_member",
        ["sprint_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_sprint_story",
        sa.Column("sprint_id", sa.BigInteger(), nullable=False),
        sa.Column("told", types.document(), nullable=False),
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
        sa.ForeignKeyConstraint(["sprint_id"], ["scrum_sprint.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_sprint_story_sprint_id", "scrum_sprint_story", ["sprint_id"], unique=False
    )
    op.create_index(
        "uq_scrum_sprint_story_sprint_id",
        "scrum_sprint_story",
        ["sprint_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_standup",
        sa.Column("sprint_id", sa.BigInteger(), nullable=False),
        sa.Column("date", types.day(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["sprint_id"], ["scrum_sprint.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_scrum_standup_sprint_id", "scrum_standup", ["sprint_id"], unique=False)
    op.create_index(
        "uq_scrum_standup_sprint_id_date",
        "scrum_standup",
        ["sprint_id", "date"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "issues_issue",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("category", sa.String(40), nullable=True),
        sa.Column("resolution", sa.String(40), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("reporter_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("sprint_id", sa.BigInteger(), nullable=True),
        sa.Column("duplicate_of_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column("frequency", sa.String(40), nullable=False),
        sa.Column("impact_users", sa.BigInteger(), nullable=False),
        sa.Column("business_impact", sa.Text(), nullable=False),
        sa.Column("technical_debt", sa.Boolean(), nullable=False),
        sa.Column("security", sa.Boolean(), nullable=False),
        sa.Column("performance", sa.Boolean(), nullable=False),
        sa.Column("accessibility", sa.Boolean(), nullable=False),
        sa.Column("regression", sa.Boolean(), nullable=False),
        sa.Column("version_found", sa.String(100), nullable=False),
        sa.Column("version_fixed", sa.String(100), nullable=False),
        sa.Column("component", sa.String(100), nullable=False),
        sa.Column("environment", sa.String(100), nullable=False),
        sa.Column("browser", sa.String(100), nullable=False),
        sa.Column("os", sa.String(100), nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("steps_to_reproduce", sa.Text(), nullable=False),
        sa.Column("expected_result", sa.Text(), nullable=False),
        sa.Column("actual_result", sa.Text(), nullable=False),
        sa.Column("stack_trace", sa.Text(), nullable=False),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("priority_score", sa.BigInteger(), nullable=False),
        sa.Column("triaged_at", types.instant(), nullable=True),
        sa.Column("triaged_by", sa.BigInteger(), nullable=True),
        sa.Column("started_at", types.instant(), nullable=True),
        sa.Column("first_response_at", types.instant(), nullable=True),
        sa.Column("resolved_at", types.instant(), nullable=True),
        sa.Column("closed_at", types.instant(), nullable=True),
        sa.Column("sla_policy_id", sa.BigInteger(), nullable=True),
        sa.Column("sla_status", sa.String(40), nullable=False),
        sa.Column("sla_due_at", types.instant(), nullable=True),
        sa.Column("sla_warn_at", types.instant(), nullable=True),
        sa.Column("sla_response_due_at", types.instant(), nullable=True),
        sa.Column("sla_used_minutes", sa.BigInteger(), nullable=False),
        sa.Column("sla_response", sa.String(40), nullable=False),
        sa.Column("sla_since", types.instant(), nullable=True),
        sa.Column("sla_end", sa.Text(), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("custom_fields", types.document(), nullable=False),
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
        sa.ForeignKeyConstraint(["duplicate_of_id"], ["issues_issue.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["reporter_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["sla_policy_id"], ["issues_sla_policy.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["sprint_id"], ["scrum_sprint.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["triaged_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_issue_assignee_id_status",
        "issues_issue",
        ["assignee_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_issues_issue_deleted_at_id_project_id_status",
        "issues_issue",
        ["deleted_at", "id", "project_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_issues_issue_duplicate_of_id", "issues_issue", ["duplicate_of_id"], unique=False
    )
    op.create_index(
        "ix_issues_issue_project_id_status", "issues_issue", ["project_id", "status"], unique=False
    )
    op.create_index("ix_issues_issue_reporter_id", "issues_issue", ["reporter_id"], unique=False)
    op.create_index(
        "ix_issues_issue_sla_policy_id", "issues_issue", ["sla_policy_id"], unique=False
    )
    op.create_index(
        "ix_issues_issue_sla_response_sla_response_due_at",
        "issues_issue",
        ["sla_response", "sla_response_due_at"],
        unique=False,
    )
    op.create_index(
        "ix_issues_issue_sla_status_sla_due_at",
        "issues_issue",
        ["sla_status", "sla_due_at"],
        unique=False,
    )
    op.create_index("ix_issues_issue_sprint_id", "issues_issue", ["sprint_id"], unique=False)
    op.create_index("ix_issues_issue_task_id", "issues_issue", ["task_id"], unique=False)
    op.create_index("ix_issues_issue_triaged_by", "issues_issue", ["triaged_by"], unique=False)
    op.create_index(
        "uq_issues_issue_project_id_code",
        "issues_issue",
        ["project_id", "code"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_action_item",
        sa.Column("retrospective_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["retrospective_id"], ["scrum_retrospective.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_action_item_owner_id", "scrum_action_item", ["owner_id"], unique=False
    )
    op.create_index(
        "ix_scrum_action_item_retrospective_id_status",
        "scrum_action_item",
        ["retrospective_id", "status"],
        unique=False,
    )
    op.create_index("ix_scrum_action_item_task_id", "scrum_action_item", ["task_id"], unique=False)
    op.create_table(
        "scrum_done_mark",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("marked_by", sa.BigInteger(), nullable=True),
        sa.Column("marked_at", types.instant(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["criterion_id"], ["scrum_done_criterion.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["marked_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_done_mark_criterion_id", "scrum_done_mark", ["criterion_id"], unique=False
    )
    op.create_index("ix_scrum_done_mark_marked_by", "scrum_done_mark", ["marked_by"], unique=False)
    op.create_index("ix_scrum_done_mark_task_id", "scrum_done_mark", ["task_id"], unique=False)
    op.create_index(
        "uq_scrum_done_mark_task_id_criterion_id",
        "scrum_done_mark",
        ["task_id", "criterion_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "scrum_impediment",
        sa.Column("sprint_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("reported_by", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("resolved_at", types.instant(), nullable=True),
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
        sa.ForeignKeyConstraint(["reported_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["sprint_id"], ["scrum_sprint.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_scrum_impediment_owner_id", "scrum_impediment", ["owner_id"], unique=False)
    op.create_index(
        "ix_scrum_impediment_reported_by", "scrum_impediment", ["reported_by"], unique=False
    )
    op.create_index(
        "ix_scrum_impediment_sprint_id_status",
        "scrum_impediment",
        ["sprint_id", "status"],
        unique=False,
    )
    op.create_index("ix_scrum_impediment_task_id", "scrum_impediment", ["task_id"], unique=False)
    op.create_table(
        "scrum_retrospective_note",
        sa.Column("retrospective_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["retrospective_id"], ["scrum_retrospective.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_retrospective_note_retrospective_id_kind_sort_order",
        "scrum_retrospective_note",
        ["retrospective_id", "kind", "sort_order"],
        unique=False,
    )
    op.create_table(
        "scrum_standup_participants",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["scrum_standup.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_scrum_standup_participants_target",
        "scrum_standup_participants",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "issues_issue_link",
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
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
        sa.ForeignKeyConstraint(["issue_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["linked_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_issue_link_issue_id", "issues_issue_link", ["issue_id"], unique=False
    )
    op.create_index(
        "ix_issues_issue_link_linked_id", "issues_issue_link", ["linked_id"], unique=False
    )
    op.create_index(
        "uq_issues_issue_link_issue_id_linked_id_type",
        "issues_issue_link",
        ["issue_id", "linked_id", "type"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "issues_issue_tags",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["tags_tag.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_issues_issue_tags_target", "issues_issue_tags", ["target_id", "owner_id"], unique=False
    )
    op.create_table(
        "issues_issue_ticket",
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("form_id", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("mail_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("last_seen_at", types.instant(), nullable=True),
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
        sa.ForeignKeyConstraint(["form_id"], ["issues_issue_form.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["issue_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_issue_ticket_form_id", "issues_issue_ticket", ["form_id"], unique=False
    )
    op.create_index(
        "ix_issues_issue_ticket_issue_id", "issues_issue_ticket", ["issue_id"], unique=False
    )
    op.create_index(
        "ix_issues_issue_ticket_mail_hash", "issues_issue_ticket", ["mail_hash"], unique=False
    )
    op.create_index(
        "uq_issues_issue_ticket_token_hash",
        "issues_issue_ticket",
        ["token_hash"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "issues_log_entry",
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("at", types.instant(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["issue_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_log_entry_issue_id_at", "issues_log_entry", ["issue_id", "at"], unique=False
    )
    op.create_table(
        "issues_sla_pause",
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", types.instant(), nullable=False),
        sa.Column("ended_at", types.instant(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("paused_by", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["issue_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["paused_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_sla_pause_issue_id_began_at",
        "issues_sla_pause",
        ["issue_id", "began_at"],
        unique=False,
    )
    op.create_index(
        "ix_issues_sla_pause_paused_by", "issues_sla_pause", ["paused_by"], unique=False
    )
    op.create_table(
        "issues_test_case",
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("automated", sa.Boolean(), nullable=False),
        sa.Column("last_result", sa.String(40), nullable=False),
        sa.Column("last_run_at", types.instant(), nullable=True),
        sa.Column("last_run_by", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["issue_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["last_run_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_issues_test_case_issue_id", "issues_test_case", ["issue_id"], unique=False)
    op.create_index(
        "ix_issues_test_case_last_run_by", "issues_test_case", ["last_run_by"], unique=False
    )
    op.create_table(
        "issues_workaround",
        sa.Column("issue_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("effectiveness", sa.Double(), nullable=False),
        sa.Column("complexity", sa.SmallInteger(), nullable=False),
        sa.Column("success_rate", sa.Double(), nullable=True),
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
        sa.ForeignKeyConstraint(["issue_id"], ["issues_issue.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issues_workaround_issue_id", "issues_workaround", ["issue_id"], unique=False
    )
    op.create_table(
        "scrum_retrospective_note_votes",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["scrum_retrospective_note.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_scrum_retrospective_note_votes_target",
        "scrum_retrospective_note_votes",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "scrum_standup_update",
        sa.Column("standup_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("yesterday", sa.Text(), nullable=False),
        sa.Column("today", sa.Text(), nullable=False),
        sa.Column("blockers", sa.Text(), nullable=False),
        sa.Column("mood", sa.BigInteger(), nullable=True),
        sa.Column("impediment_id", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["impediment_id"], ["scrum_impediment.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["standup_id"], ["scrum_standup.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_scrum_standup_update_impediment_id",
        "scrum_standup_update",
        ["impediment_id"],
        unique=False,
    )
    op.create_index(
        "ix_scrum_standup_update_standup_id", "scrum_standup_update", ["standup_id"], unique=False
    )
    op.create_index(
        "ix_scrum_standup_update_user_id", "scrum_standup_update", ["user_id"], unique=False
    )
    op.create_index(
        "uq_scrum_standup_update_standup_id_user_id",
        "scrum_standup_update",
        ["standup_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.add_column(
        "comments_comment", sa.Column("said_by", sa.String(100), nullable=False, server_default="")
    )
    op.add_column(
        "projects_task",
        sa.Column(
            "sprint_id",
            sa.BigInteger(),
            sa.ForeignKey("scrum_sprint.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_task",
        sa.Column(
            "epic_id",
            sa.BigInteger(),
            sa.ForeignKey("projects_task.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_task",
        sa.Column("backlog_order", sa.Double(), nullable=False, server_default="0.0"),
    )
    op.create_index("ix_projects_task_epic_id", "projects_task", ["epic_id"], unique=False)
    op.create_index(
        "ix_projects_task_project_id_backlog_order",
        "projects_task",
        ["project_id", "backlog_order"],
        unique=False,
    )
    op.create_index(
        "ix_projects_task_sprint_id_status", "projects_task", ["sprint_id", "status"], unique=False
    )
    op.add_column(
        "projects_time_entry",
        sa.Column(
            "issue_id",
            sa.BigInteger(),
            sa.ForeignKey("issues_issue.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_time_entry", sa.Column("cost_rate", types.decimal(15, 2), nullable=True)
    )
    op.add_column(
        "projects_time_entry",
        sa.Column(
            "timesheet_id",
            sa.BigInteger(),
            sa.ForeignKey("timesheets_timesheet.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_time_entry", sa.Column("billed_hours", types.decimal(8, 2), nullable=True)
    )
    op.create_index(
        "ix_projects_time_entry_issue_id", "projects_time_entry", ["issue_id"], unique=False
    )
    op.create_index(
        "ix_projects_time_entry_timesheet_id", "projects_time_entry", ["timesheet_id"], unique=False
    )
    # ### end Alembic commands ###
    for statement in SEARCH_UP.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    """Take the step back."""
    for statement in SEARCH_DOWN.get(op.get_bind().dialect.name, ()):
        op.execute(statement)
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_index("ix_projects_time_entry_timesheet_id", table_name="projects_time_entry")
    op.drop_index("ix_projects_time_entry_issue_id", table_name="projects_time_entry")
    op.drop_column("projects_time_entry", "billed_hours")
    op.drop_column("projects_time_entry", "timesheet_id")
    op.drop_column("projects_time_entry", "cost_rate")
    op.drop_column("projects_time_entry", "issue_id")
    op.drop_index("ix_projects_task_sprint_id_status", table_name="projects_task")
    op.drop_index("ix_projects_task_project_id_backlog_order", table_name="projects_task")
    op.drop_index("ix_projects_task_epic_id", table_name="projects_task")
    op.drop_column("projects_task", "backlog_order")
    op.drop_column("projects_task", "epic_id")
    op.drop_column("projects_task", "sprint_id")
    op.drop_column("comments_comment", "said_by")
    op.drop_index(
        "uq_scrum_standup_update_standup_id_user_id",
        table_name="scrum_standup_update",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_standup_update_user_id", table_name="scrum_standup_update")
    op.drop_index("ix_scrum_standup_update_standup_id", table_name="scrum_standup_update")
    op.drop_index("ix_scrum_standup_update_impediment_id", table_name="scrum_standup_update")
    op.drop_table("scrum_standup_update")
    op.drop_index(
        "ix_scrum_retrospective_note_votes_target", table_name="scrum_retrospective_note_votes"
    )
    op.drop_table("scrum_retrospective_note_votes")
    op.drop_index("ix_issues_workaround_issue_id", table_name="issues_workaround")
    op.drop_table("issues_workaround")
    op.drop_index("ix_issues_test_case_last_run_by", table_name="issues_test_case")
    op.drop_index("ix_issues_test_case_issue_id", table_name="issues_test_case")
    op.drop_table("issues_test_case")
    op.drop_index("ix_issues_sla_pause_paused_by", table_name="issues_sla_pause")
    op.drop_index("ix_issues_sla_pause_issue_id_began_at", table_name="issues_sla_pause")
    op.drop_table("issues_sla_pause")
    op.drop_index("ix_issues_log_entry_issue_id_at", table_name="issues_log_entry")
    op.drop_table("issues_log_entry")
    op.drop_index(
        "uq_issues_issue_ticket_token_hash",
        table_name="issues_issue_ticket",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_issues_issue_ticket_mail_hash", table_name="issues_issue_ticket")
    op.drop_index("ix_issues_issue_ticket_issue_id", table_name="issues_issue_ticket")
    op.drop_index("ix_issues_issue_ticket_form_id", table_name="issues_issue_ticket")
    op.drop_table("issues_issue_ticket")
    op.drop_index("ix_issues_issue_tags_target", table_name="issues_issue_tags")
    op.drop_table("issues_issue_tags")
    op.drop_index(
        "uq_issues_issue_link_issue_id_linked_id_type",
        table_name="issues_issue_link",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_issues_issue_link_linked_id", table_name="issues_issue_link")
    op.drop_index("ix_issues_issue_link_issue_id", table_name="issues_issue_link")
    op.drop_table("issues_issue_link")
    op.drop_index("ix_scrum_standup_participants_target", table_name="scrum_standup_participants")
    op.drop_table("scrum_standup_participants")
    op.drop_index(
        "ix_scrum_retrospective_note_retrospective_id_kind_sort_order",
        table_name="scrum_retrospective_note",
    )
    op.drop_table("scrum_retrospective_note")
    op.drop_index("ix_scrum_impediment_task_id", table_name="scrum_impediment")
    op.drop_index("ix_scrum_impediment_sprint_id_status", table_name="scrum_impediment")
    op.drop_index("ix_scrum_impediment_reported_by", table_name="scrum_impediment")
    op.drop_index("ix_scrum_impediment_owner_id", table_name="scrum_impediment")
    op.drop_table("scrum_impediment")
    op.drop_index(
        "uq_scrum_done_mark_task_id_criterion_id",
        table_name="scrum_done_mark",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_done_mark_task_id", table_name="scrum_done_mark")
    op.drop_index("ix_scrum_done_mark_marked_by", table_name="scrum_done_mark")
    op.drop_index("ix_scrum_done_mark_criterion_id", table_name="scrum_done_mark")
    op.drop_table("scrum_done_mark")
    op.drop_index("ix_scrum_action_item_task_id", table_name="scrum_action_item")
    op.drop_index("ix_scrum_action_item_retrospective_id_status", table_name="scrum_action_item")
    op.drop_index("ix_scrum_action_item_owner_id", table_name="scrum_action_item")
    op.drop_table("scrum_action_item")
    op.drop_index(
        "uq_issues_issue_project_id_code",
        table_name="issues_issue",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_issues_issue_triaged_by", table_name="issues_issue")
    op.drop_index("ix_issues_issue_task_id", table_name="issues_issue")
    op.drop_index("ix_issues_issue_sprint_id", table_name="issues_issue")
    op.drop_index("ix_issues_issue_sla_status_sla_due_at", table_name="issues_issue")
    op.drop_index("ix_issues_issue_sla_response_sla_response_due_at", table_name="issues_issue")
    op.drop_index("ix_issues_issue_sla_policy_id", table_name="issues_issue")
    op.drop_index("ix_issues_issue_reporter_id", table_name="issues_issue")
    op.drop_index("ix_issues_issue_project_id_status", table_name="issues_issue")
    op.drop_index("ix_issues_issue_duplicate_of_id", table_name="issues_issue")
    op.drop_index("ix_issues_issue_deleted_at_id_project_id_status", table_name="issues_issue")
    op.drop_index("ix_issues_issue_assignee_id_status", table_name="issues_issue")
    op.drop_table("issues_issue")
    op.drop_index(
        "uq_scrum_standup_sprint_id_date",
        table_name="scrum_standup",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_standup_sprint_id", table_name="scrum_standup")
    op.drop_table("scrum_standup")
    op.drop_index(
        "uq_scrum_sprint_story_sprint_id",
        table_name="scrum_sprint_story",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_sprint_story_sprint_id", table_name="scrum_sprint_story")
    op.drop_table("scrum_sprint_story")
    op.drop_index(
        "uq_scrum_sprint_member_sprint_id_user_id",
        table_name="scrum_sprint_member",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_sprint_member_user_id", table_name="scrum_sprint_member")
    op.drop_index("ix_scrum_sprint_member_sprint_id", table_name="scrum_sprint_member")
    op.drop_table("scrum_sprint_member")
    op.drop_index(
        "uq_scrum_sprint_day_sprint_id_date",
        table_name="scrum_sprint_day",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_sprint_day_sprint_id", table_name="scrum_sprint_day")
    op.drop_table("scrum_sprint_day")
    op.drop_index(
        "uq_scrum_retrospective_sprint_id",
        table_name="scrum_retrospective",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_retrospective_sprint_id", table_name="scrum_retrospective")
    op.drop_table("scrum_retrospective")
    op.drop_index(
        "uq_importers_moved_source_external_id_entity",
        table_name="importers_moved",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_importers_moved_run_id", table_name="importers_moved")
    op.drop_index("ix_importers_moved_entity_record_id", table_name="importers_moved")
    op.drop_table("importers_moved")
    op.drop_index(
        "uq_timesheets_time_policy_project_id",
        table_name="timesheets_time_policy",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_timesheets_time_policy_project_id", table_name="timesheets_time_policy")
    op.drop_table("timesheets_time_policy")
    op.drop_index("ix_timesheets_hourly_rate_valid_from", table_name="timesheets_hourly_rate")
    op.drop_index("ix_timesheets_hourly_rate_user_id", table_name="timesheets_hourly_rate")
    op.drop_index(
        "ix_timesheets_hourly_rate_project_id_user_id", table_name="timesheets_hourly_rate"
    )
    op.drop_table("timesheets_hourly_rate")
    op.drop_index(
        "uq_scrum_sprint_project_id_sprint_number",
        table_name="scrum_sprint",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_scrum_sprint_team_id", table_name="scrum_sprint")
    op.drop_index("ix_scrum_sprint_status_end_date", table_name="scrum_sprint")
    op.drop_index("ix_scrum_sprint_project_id_status", table_name="scrum_sprint")
    op.drop_table("scrum_sprint")
    op.drop_index(
        "ix_scrum_done_criterion_project_id_sort_order", table_name="scrum_done_criterion"
    )
    op.drop_table("scrum_done_criterion")
    op.drop_index(
        "uq_issues_sla_policy_project_id_name",
        table_name="issues_sla_policy",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_issues_sla_policy_project_id", table_name="issues_sla_policy")
    op.drop_index("ix_issues_sla_policy_calendar_id", table_name="issues_sla_policy")
    op.drop_table("issues_sla_policy")
    op.drop_index(
        "uq_issues_issue_form_address",
        table_name="issues_issue_form",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_issues_issue_form_project_id", table_name="issues_issue_form")
    op.drop_index("ix_issues_issue_form_assignee_id", table_name="issues_issue_form")
    op.drop_table("issues_issue_form")
    op.drop_index("ix_importers_move_run_state", table_name="importers_move_run")
    op.drop_index("ix_importers_move_run_project_id", table_name="importers_move_run")
    op.drop_index("ix_importers_move_run_content_hash", table_name="importers_move_run")
    op.drop_table("importers_move_run")
    op.drop_index("ix_teams_metric_value_metric_id_date", table_name="teams_metric_value")
    op.drop_table("teams_metric_value")
    op.drop_index(
        "uq_teams_team_skill_team_id_skill_id",
        table_name="teams_team_skill",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_teams_team_skill_team_id", table_name="teams_team_skill")
    op.drop_index("ix_teams_team_skill_skill_id", table_name="teams_team_skill")
    op.drop_index("ix_teams_team_skill_owner_id", table_name="teams_team_skill")
    op.drop_table("teams_team_skill")
    op.drop_index(
        "uq_teams_team_metric_team_id_name",
        table_name="teams_team_metric",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_teams_team_metric_team_id", table_name="teams_team_metric")
    op.drop_table("teams_team_metric")
    op.drop_index("ix_teams_team_goal_team_id_status", table_name="teams_team_goal")
    op.drop_index("ix_teams_team_goal_owner_id", table_name="teams_team_goal")
    op.drop_table("teams_team_goal")
    op.drop_index("ix_teams_ritual_team_id", table_name="teams_ritual")
    op.drop_index("ix_teams_ritual_next_on", table_name="teams_ritual")
    op.drop_index("ix_teams_ritual_facilitator_id", table_name="teams_ritual")
    op.drop_table("teams_ritual")
    op.drop_index(
        "uq_timesheets_timesheet_user_id_week_start",
        table_name="timesheets_timesheet",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_timesheets_timesheet_week_start", table_name="timesheets_timesheet")
    op.drop_index("ix_timesheets_timesheet_user_id", table_name="timesheets_timesheet")
    op.drop_index("ix_timesheets_timesheet_status_week_start", table_name="timesheets_timesheet")
    op.drop_index("ix_timesheets_timesheet_decided_by", table_name="timesheets_timesheet")
    op.drop_table("timesheets_timesheet")
    op.drop_index(
        "uq_issues_public_count_place",
        table_name="issues_public_count",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("issues_public_count")
    # ### end Alembic commands ###
