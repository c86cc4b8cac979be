"""planning."""

import sqlalchemy as sa
from alembic import op

from mainstay.migrations import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


SEARCH_UP = {
    "sqlite": (
        "CREATE VIRTUAL TABLE reference_term_fts USING fts5(name, description, content='reference_term', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER reference_term_fts_insert AFTER INSERT ON reference_term BEGIN INSERT INTO reference_term_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER reference_term_fts_delete AFTER DELETE ON reference_term BEGIN INSERT INTO reference_term_fts(reference_term_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER reference_term_fts_update AFTER UPDATE OF name, description ON reference_term WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO reference_term_fts(reference_term_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO reference_term_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE reference_tool_fts USING fts5(name, description, content='reference_tool', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER reference_tool_fts_insert AFTER INSERT ON reference_tool BEGIN INSERT INTO reference_tool_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER reference_tool_fts_delete AFTER DELETE ON reference_tool BEGIN INSERT INTO reference_tool_fts(reference_tool_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER reference_tool_fts_update AFTER UPDATE OF name, description ON reference_tool WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO reference_tool_fts(reference_tool_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO reference_tool_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE reference_placement_fts USING fts5(name, type, content='reference_placement', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER reference_placement_fts_insert AFTER INSERT ON reference_placement BEGIN INSERT INTO reference_placement_fts(rowid, name, type) VALUES (new.id, new.name, new.type); END",
        "CREATE TRIGGER reference_placement_fts_delete AFTER DELETE ON reference_placement BEGIN INSERT INTO reference_placement_fts(reference_placement_fts, rowid, name, type) VALUES ('delete', old.id, old.name, old.type); END",
        "CREATE TRIGGER reference_placement_fts_update AFTER UPDATE OF name, type ON reference_placement WHEN new.name IS NOT old.name OR new.type IS NOT old.type BEGIN INSERT INTO reference_placement_fts(reference_placement_fts, rowid, name, type) VALUES ('delete', old.id, old.name, old.type); INSERT INTO reference_placement_fts(rowid, name, type) VALUES (new.id, new.name, new.type); END",
        "CREATE VIRTUAL TABLE reference_frequency_fts USING fts5(name, content='reference_frequency', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER reference_frequency_fts_insert AFTER INSERT ON reference_frequency BEGIN INSERT INTO reference_frequency_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER reference_frequency_fts_delete AFTER DELETE ON reference_frequency BEGIN INSERT INTO reference_frequency_fts(reference_frequency_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER reference_frequency_fts_update AFTER UPDATE OF name ON reference_frequency WHEN new.name IS NOT old.name BEGIN INSERT INTO reference_frequency_fts(reference_frequency_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO reference_frequency_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE projects_project_category_fts USING fts5(code, name, description, content='projects_project_category', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER projects_project_category_fts_insert AFTER INSERT ON projects_project_category BEGIN INSERT INTO projects_project_category_fts(rowid, code, name, description) VALUES (new.id, new.code, new.name, new.description); END",
        "CREATE TRIGGER projects_project_category_fts_delete AFTER DELETE ON projects_project_category BEGIN INSERT INTO projects_project_category_fts(projects_project_category_fts, rowid, code, name, description) VALUES ('delete', old.id, old.code, old.name, old.description); END",
        "CREATE TRIGGER projects_project_category_fts_update AFTER UPDATE OF code, name, description ON projects_project_category WHEN new.code IS NOT old.code OR new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO projects_project_category_fts(projects_project_category_fts, rowid, code, name, description) VALUES ('delete', old.id, old.code, old.name, old.description); INSERT INTO projects_project_category_fts(rowid, code, name, description) VALUES (new.id, new.code, new.name, new.description); END",
        "CREATE VIRTUAL TABLE projects_project_phase_fts USING fts5(code, name, content='projects_project_phase', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER projects_project_phase_fts_insert AFTER INSERT ON projects_project_phase BEGIN INSERT INTO projects_project_phase_fts(rowid, code, name) VALUES (new.id, new.code, new.name); END",
        "CREATE TRIGGER projects_project_phase_fts_delete AFTER DELETE ON projects_project_phase BEGIN INSERT INTO projects_project_phase_fts(projects_project_phase_fts, rowid, code, name) VALUES ('delete', old.id, old.code, old.name); END",
        "CREATE TRIGGER projects_project_phase_fts_update AFTER UPDATE OF code, name ON projects_project_phase WHEN new.code IS NOT old.code OR new.name IS NOT old.name BEGIN INSERT INTO projects_project_phase_fts(projects_project_phase_fts, rowid, code, name) VALUES ('delete', old.id, old.code, old.name); INSERT INTO projects_project_phase_fts(rowid, code, name) VALUES (new.id, new.code, new.name); END",
        "CREATE VIRTUAL TABLE charter_goal_fts USING fts5(title, description, content='charter_goal', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER charter_goal_fts_insert AFTER INSERT ON charter_goal BEGIN INSERT INTO charter_goal_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE TRIGGER charter_goal_fts_delete AFTER DELETE ON charter_goal BEGIN INSERT INTO charter_goal_fts(charter_goal_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); END",
        "CREATE TRIGGER charter_goal_fts_update AFTER UPDATE OF title, description ON charter_goal WHEN new.title IS NOT old.title OR new.description IS NOT old.description BEGIN INSERT INTO charter_goal_fts(charter_goal_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); INSERT INTO charter_goal_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE VIRTUAL TABLE charter_service_provided_fts USING fts5(service_name, service_description, content='charter_service_provided', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER charter_service_provided_fts_insert AFTER INSERT ON charter_service_provided BEGIN INSERT INTO charter_service_provided_fts(rowid, service_name, service_description) VALUES (new.id, new.service_name, new.service_description); END",
        "CREATE TRIGGER charter_service_provided_fts_delete AFTER DELETE ON charter_service_provided BEGIN INSERT INTO charter_service_provided_fts(charter_service_provided_fts, rowid, service_name, service_description) VALUES ('delete', old.id, old.service_name, old.service_description); END",
        "CREATE TRIGGER charter_service_provided_fts_update AFTER UPDATE OF service_name, service_description ON charter_service_provided WHEN new.service_name IS NOT old.service_name OR new.service_description IS NOT old.service_description BEGIN INSERT INTO charter_service_provided_fts(charter_service_provided_fts, rowid, service_name, service_description) VALUES ('delete', old.id, old.service_name, old.service_description); INSERT INTO charter_service_provided_fts(rowid, service_name, service_description) VALUES (new.id, new.service_name, new.service_description); END",
        "CREATE VIRTUAL TABLE charter_project_risk_fts USING fts5(title, description, mitigation, content='charter_project_risk', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER charter_project_risk_fts_insert AFTER INSERT ON charter_project_risk BEGIN INSERT INTO charter_project_risk_fts(rowid, title, description, mitigation) VALUES (new.id, new.title, new.description, new.mitigation); END",
        "CREATE TRIGGER charter_project_risk_fts_delete AFTER DELETE ON charter_project_risk BEGIN INSERT INTO charter_project_risk_fts(charter_project_risk_fts, rowid, title, description, mitigation) VALUES ('delete', old.id, old.title, old.description, old.mitigation); END",
        "CREATE TRIGGER charter_project_risk_fts_update AFTER UPDATE OF title, description, mitigation ON charter_project_risk WHEN new.title IS NOT old.title OR new.description IS NOT old.description OR new.mitigation IS NOT old.mitigation BEGIN INSERT INTO charter_project_risk_fts(charter_project_risk_fts, rowid, title, description, mitigation) VALUES ('delete', old.id, old.title, old.description, old.mitigation); INSERT INTO charter_project_risk_fts(rowid, title, description, mitigation) VALUES (new.id, new.title, new.description, new.mitigation); END",
        "CREATE VIRTUAL TABLE charter_project_document_fts USING fts5(name, description, content='charter_project_document', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER charter_project_document_fts_insert AFTER INSERT ON charter_project_document BEGIN INSERT INTO charter_project_document_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER charter_project_document_fts_delete AFTER DELETE ON charter_project_document BEGIN INSERT INTO charter_project_document_fts(charter_project_document_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER charter_project_document_fts_update AFTER UPDATE OF name, description ON charter_project_document WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO charter_project_document_fts(charter_project_document_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO charter_project_document_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE milestones_milestone_fts USING fts5(name, description, content='milestones_milestone', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER milestones_milestone_fts_insert AFTER INSERT ON milestones_milestone BEGIN INSERT INTO milestones_milestone_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER milestones_milestone_fts_delete AFTER DELETE ON milestones_milestone BEGIN INSERT INTO milestones_milestone_fts(milestones_milestone_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER milestones_milestone_fts_update AFTER UPDATE OF name, description ON milestones_milestone WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO milestones_milestone_fts(milestones_milestone_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO milestones_milestone_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE milestones_milestone_condition_fts USING fts5(title, description, content='milestones_milestone_condition', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER milestones_milestone_condition_fts_insert AFTER INSERT ON milestones_milestone_condition BEGIN INSERT INTO milestones_milestone_condition_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE TRIGGER milestones_milestone_condition_fts_delete AFTER DELETE ON milestones_milestone_condition BEGIN INSERT INTO milestones_milestone_condition_fts(milestones_milestone_condition_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); END",
        "CREATE TRIGGER milestones_milestone_condition_fts_update AFTER UPDATE OF title, description ON milestones_milestone_condition WHEN new.title IS NOT old.title OR new.description IS NOT old.description BEGIN INSERT INTO milestones_milestone_condition_fts(milestones_milestone_condition_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); INSERT INTO milestones_milestone_condition_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE VIRTUAL TABLE milestones_deliverable_fts USING fts5(name, description, content='milestones_deliverable', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER milestones_deliverable_fts_insert AFTER INSERT ON milestones_deliverable BEGIN INSERT INTO milestones_deliverable_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER milestones_deliverable_fts_delete AFTER DELETE ON milestones_deliverable BEGIN INSERT INTO milestones_deliverable_fts(milestones_deliverable_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER milestones_deliverable_fts_update AFTER UPDATE OF name, description ON milestones_deliverable WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO milestones_deliverable_fts(milestones_deliverable_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO milestones_deliverable_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE milestones_success_metric_fts USING fts5(name, content='milestones_success_metric', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER milestones_success_metric_fts_insert AFTER INSERT ON milestones_success_metric BEGIN INSERT INTO milestones_success_metric_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER milestones_success_metric_fts_delete AFTER DELETE ON milestones_success_metric BEGIN INSERT INTO milestones_success_metric_fts(milestones_success_metric_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER milestones_success_metric_fts_update AFTER UPDATE OF name ON milestones_success_metric WHEN new.name IS NOT old.name BEGIN INSERT INTO milestones_success_metric_fts(milestones_success_metric_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO milestones_success_metric_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE milestones_milestone_communication_fts USING fts5(subject, message, content='milestones_milestone_communication', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER milestones_milestone_communication_fts_insert AFTER INSERT ON milestones_milestone_communication BEGIN INSERT INTO milestones_milestone_communication_fts(rowid, subject, message) VALUES (new.id, new.subject, new.message); END",
        "CREATE TRIGGER milestones_milestone_communication_fts_delete AFTER DELETE ON milestones_milestone_communication BEGIN INSERT INTO milestones_milestone_communication_fts(milestones_milestone_communication_fts, rowid, subject, message) VALUES ('delete', old.id, old.subject, old.message); END",
        "CREATE TRIGGER milestones_milestone_communication_fts_update AFTER UPDATE OF subject, message ON milestones_milestone_communication WHEN new.subject IS NOT old.subject OR new.message IS NOT old.message BEGIN INSERT INTO milestones_milestone_communication_fts(milestones_milestone_communication_fts, rowid, subject, message) VALUES ('delete', old.id, old.subject, old.message); INSERT INTO milestones_milestone_communication_fts(rowid, subject, message) VALUES (new.id, new.subject, new.message); END",
        "CREATE VIRTUAL TABLE planning_work_calendar_fts USING fts5(name, description, content='planning_work_calendar', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER planning_work_calendar_fts_insert AFTER INSERT ON planning_work_calendar BEGIN INSERT INTO planning_work_calendar_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER planning_work_calendar_fts_delete AFTER DELETE ON planning_work_calendar BEGIN INSERT INTO planning_work_calendar_fts(planning_work_calendar_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER planning_work_calendar_fts_update AFTER UPDATE OF name, description ON planning_work_calendar WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO planning_work_calendar_fts(planning_work_calendar_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO planning_work_calendar_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE planning_holiday_fts USING fts5(name, content='planning_holiday', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER planning_holiday_fts_insert AFTER INSERT ON planning_holiday BEGIN INSERT INTO planning_holiday_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER planning_holiday_fts_delete AFTER DELETE ON planning_holiday BEGIN INSERT INTO planning_holiday_fts(planning_holiday_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER planning_holiday_fts_update AFTER UPDATE OF name ON planning_holiday WHEN new.name IS NOT old.name BEGIN INSERT INTO planning_holiday_fts(planning_holiday_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO planning_holiday_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE planning_baseline_fts USING fts5(name, note, content='planning_baseline', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER planning_baseline_fts_insert AFTER INSERT ON planning_baseline BEGIN INSERT INTO planning_baseline_fts(rowid, name, note) VALUES (new.id, new.name, new.note); END",
        "CREATE TRIGGER planning_baseline_fts_delete AFTER DELETE ON planning_baseline BEGIN INSERT INTO planning_baseline_fts(planning_baseline_fts, rowid, name, note) VALUES ('delete', old.id, old.name, old.note); END",
        "CREATE TRIGGER planning_baseline_fts_update AFTER UPDATE OF name, note ON planning_baseline WHEN new.name IS NOT old.name OR new.note IS NOT old.note BEGIN INSERT INTO planning_baseline_fts(planning_baseline_fts, rowid, name, note) VALUES ('delete', old.id, old.name, old.note); INSERT INTO planning_baseline_fts(rowid, name, note) VALUES (new.id, new.name, new.note); END",
        "CREATE VIRTUAL TABLE checklists_step_fts USING fts5(name, description, content='checklists_step', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER checklists_step_fts_insert AFTER INSERT ON checklists_step BEGIN INSERT INTO checklists_step_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER checklists_step_fts_delete AFTER DELETE ON checklists_step BEGIN INSERT INTO checklists_step_fts(checklists_step_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER checklists_step_fts_update AFTER UPDATE OF name, description ON checklists_step WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO checklists_step_fts(checklists_step_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO checklists_step_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE checklists_checklist_fts USING fts5(name, content='checklists_checklist', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER checklists_checklist_fts_insert AFTER INSERT ON checklists_checklist BEGIN INSERT INTO checklists_checklist_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE TRIGGER checklists_checklist_fts_delete AFTER DELETE ON checklists_checklist BEGIN INSERT INTO checklists_checklist_fts(checklists_checklist_fts, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER checklists_checklist_fts_update AFTER UPDATE OF name ON checklists_checklist WHEN new.name IS NOT old.name BEGIN INSERT INTO checklists_checklist_fts(checklists_checklist_fts, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO checklists_checklist_fts(rowid, name) VALUES (new.id, new.name); END",
        "CREATE VIRTUAL TABLE checklists_checklist_item_fts USING fts5(name, acceptance_criteria, content='checklists_checklist_item', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER checklists_checklist_item_fts_insert AFTER INSERT ON checklists_checklist_item BEGIN INSERT INTO checklists_checklist_item_fts(rowid, name, acceptance_criteria) VALUES (new.id, new.name, new.acceptance_criteria); END",
        "CREATE TRIGGER checklists_checklist_item_fts_delete AFTER DELETE ON checklists_checklist_item BEGIN INSERT INTO checklists_checklist_item_fts(checklists_checklist_item_fts, rowid, name, acceptance_criteria) VALUES ('delete', old.id, old.name, old.acceptance_criteria); END",
        "CREATE TRIGGER checklists_checklist_item_fts_update AFTER UPDATE OF name, acceptance_criteria ON checklists_checklist_item WHEN new.name IS NOT old.name OR new.acceptance_criteria IS NOT old.acceptance_criteria BEGIN INSERT INTO checklists_checklist_item_fts(checklists_checklist_item_fts, rowid, name, acceptance_criteria) VALUES ('delete', old.id, old.name, old.acceptance_criteria); INSERT INTO checklists_checklist_item_fts(rowid, name, acceptance_criteria) VALUES (new.id, new.name, new.acceptance_criteria); END",
        "CREATE VIRTUAL TABLE checklists_task_result_fts USING fts5(note, content='checklists_task_result', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER checklists_task_result_fts_insert AFTER INSERT ON checklists_task_result BEGIN INSERT INTO checklists_task_result_fts(rowid, note) VALUES (new.id, new.note); END",
        "CREATE TRIGGER checklists_task_result_fts_delete AFTER DELETE ON checklists_task_result BEGIN INSERT INTO checklists_task_result_fts(checklists_task_result_fts, rowid, note) VALUES ('delete', old.id, old.note); END",
        "CREATE TRIGGER checklists_task_result_fts_update AFTER UPDATE OF note ON checklists_task_result WHEN new.note IS NOT old.note BEGIN INSERT INTO checklists_task_result_fts(checklists_task_result_fts, rowid, note) VALUES ('delete', old.id, old.note); INSERT INTO checklists_task_result_fts(rowid, note) VALUES (new.id, new.note); END",
        "CREATE VIRTUAL TABLE templates_project_template_fts USING fts5(name, description, content='templates_project_template', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER templates_project_template_fts_insert AFTER INSERT ON templates_project_template BEGIN INSERT INTO templates_project_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER templates_project_template_fts_delete AFTER DELETE ON templates_project_template BEGIN INSERT INTO templates_project_template_fts(templates_project_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER templates_project_template_fts_update AFTER UPDATE OF name, description ON templates_project_template WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO templates_project_template_fts(templates_project_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO templates_project_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE templates_milestone_template_fts USING fts5(name, description, content='templates_milestone_template', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER templates_milestone_template_fts_insert AFTER INSERT ON templates_milestone_template BEGIN INSERT INTO templates_milestone_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER templates_milestone_template_fts_delete AFTER DELETE ON templates_milestone_template BEGIN INSERT INTO templates_milestone_template_fts(templates_milestone_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER templates_milestone_template_fts_update AFTER UPDATE OF name, description ON templates_milestone_template WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO templates_milestone_template_fts(templates_milestone_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO templates_milestone_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE templates_task_template_fts USING fts5(name, description, content='templates_task_template', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER templates_task_template_fts_insert AFTER INSERT ON templates_task_template BEGIN INSERT INTO templates_task_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER templates_task_template_fts_delete AFTER DELETE ON templates_task_template BEGIN INSERT INTO templates_task_template_fts(templates_task_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER templates_task_template_fts_update AFTER UPDATE OF name, description ON templates_task_template WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO templates_task_template_fts(templates_task_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO templates_task_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE templates_step_template_fts USING fts5(name, description, content='templates_step_template', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER templates_step_template_fts_insert AFTER INSERT ON templates_step_template BEGIN INSERT INTO templates_step_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE TRIGGER templates_step_template_fts_delete AFTER DELETE ON templates_step_template BEGIN INSERT INTO templates_step_template_fts(templates_step_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); END",
        "CREATE TRIGGER templates_step_template_fts_update AFTER UPDATE OF name, description ON templates_step_template WHEN new.name IS NOT old.name OR new.description IS NOT old.description BEGIN INSERT INTO templates_step_template_fts(templates_step_template_fts, rowid, name, description) VALUES ('delete', old.id, old.name, old.description); INSERT INTO templates_step_template_fts(rowid, name, description) VALUES (new.id, new.name, new.description); END",
        "CREATE VIRTUAL TABLE templates_checklist_item_fts USING fts5(name, acceptance_criteria, content='templates_checklist_item', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER templates_checklist_item_fts_insert AFTER INSERT ON templates_checklist_item BEGIN INSERT INTO templates_checklist_item_fts(rowid, name, acceptance_criteria) VALUES (new.id, new.name, new.acceptance_criteria); END",
        "CREATE TRIGGER templates_checklist_item_fts_delete AFTER DELETE ON templates_checklist_item BEGIN INSERT INTO templates_checklist_item_fts(templates_checklist_item_fts, rowid, name, acceptance_criteria) VALUES ('delete', old.id, old.name, old.acceptance_criteria); END",
        "CREATE TRIGGER templates_checklist_item_fts_update AFTER UPDATE OF name, acceptance_criteria ON templates_checklist_item WHEN new.name IS NOT old.name OR new.acceptance_criteria IS NOT old.acceptance_criteria BEGIN INSERT INTO templates_checklist_item_fts(templates_checklist_item_fts, rowid, name, acceptance_criteria) VALUES ('delete', old.id, old.name, old.acceptance_criteria); INSERT INTO templates_checklist_item_fts(rowid, name, acceptance_criteria) VALUES (new.id, new.name, new.acceptance_criteria); END",
        "CREATE VIRTUAL TABLE requests_task_request_fts USING fts5(title, description, content='requests_task_request', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER requests_task_request_fts_insert AFTER INSERT ON requests_task_request BEGIN INSERT INTO requests_task_request_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE TRIGGER requests_task_request_fts_delete AFTER DELETE ON requests_task_request BEGIN INSERT INTO requests_task_request_fts(requests_task_request_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); END",
        "CREATE TRIGGER requests_task_request_fts_update AFTER UPDATE OF title, description ON requests_task_request WHEN new.title IS NOT old.title OR new.description IS NOT old.description BEGIN INSERT INTO requests_task_request_fts(requests_task_request_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); INSERT INTO requests_task_request_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE VIRTUAL TABLE recurring_task_series_fts USING fts5(title, description, content='recurring_task_series', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER recurring_task_series_fts_insert AFTER INSERT ON recurring_task_series BEGIN INSERT INTO recurring_task_series_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
        "CREATE TRIGGER recurring_task_series_fts_delete AFTER DELETE ON recurring_task_series BEGIN INSERT INTO recurring_task_series_fts(recurring_task_series_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); END",
        "CREATE TRIGGER recurring_task_series_fts_update AFTER UPDATE OF title, description ON recurring_task_series WHEN new.title IS NOT old.title OR new.description IS NOT old.description BEGIN INSERT INTO recurring_task_series_fts(recurring_task_series_fts, rowid, title, description) VALUES ('delete', old.id, old.title, old.description); INSERT INTO recurring_task_series_fts(rowid, title, description) VALUES (new.id, new.title, new.description); END",
    ),
    "postgresql": (
        "CREATE INDEX ix_reference_term_search ON reference_term USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_reference_tool_search ON reference_tool USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_reference_placement_search ON reference_placement USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(type, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_reference_frequency_search ON reference_frequency USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_projects_project_category_search ON projects_project_category USING gin (to_tsvector('simple', translate(coalesce(code, '') || ' ' || coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_projects_project_phase_search ON projects_project_phase USING gin (to_tsvector('simple', translate(coalesce(code, '') || ' ' || coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_charter_goal_search ON charter_goal USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_charter_service_provided_search ON charter_service_provided USING gin (to_tsvector('simple', translate(coalesce(service_name, '') || ' ' || coalesce(service_description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_charter_project_risk_search ON charter_project_risk USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(description, '') || ' ' || coalesce(mitigation, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_charter_project_document_search ON charter_project_document USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_milestones_milestone_search ON milestones_milestone USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_milestones_milestone_condition_search ON milestones_milestone_condition USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_milestones_deliverable_search ON milestones_deliverable USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_milestones_success_metric_search ON milestones_success_metric USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_milestones_milestone_communication_search ON milestones_milestone_communication USING gin (to_tsvector('simple', translate(coalesce(subject, '') || ' ' || coalesce(message, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_planning_work_calendar_search ON planning_work_calendar USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_planning_holiday_search ON planning_holiday USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_planning_baseline_search ON planning_baseline USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(note, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_checklists_step_search ON checklists_step USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_checklists_checklist_search ON checklists_checklist USING gin (to_tsvector('simple', translate(coalesce(name, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_checklists_checklist_item_search ON checklists_checklist_item USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(acceptance_criteria, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_checklists_task_result_search ON checklists_task_result USING gin (to_tsvector('simple', translate(coalesce(note, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_templates_project_template_search ON templates_project_template USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_templates_milestone_template_search ON templates_milestone_template USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_templates_task_template_search ON templates_task_template USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_templates_step_template_search ON templates_step_template USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_templates_checklist_item_search ON templates_checklist_item USING gin (to_tsvector('simple', translate(coalesce(name, '') || ' ' || coalesce(acceptance_criteria, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_requests_task_request_search ON requests_task_request USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
        "CREATE INDEX ix_recurring_task_series_search ON recurring_task_series USING gin (to_tsvector('simple', translate(coalesce(title, '') || ' ' || coalesce(description, ''), './-_@:', '      ')))",
    ),
}
SEARCH_DOWN = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS reference_term_fts_insert",
        "DROP TRIGGER IF EXISTS reference_term_fts_delete",
        "DROP TRIGGER IF EXISTS reference_term_fts_update",
        "DROP TABLE IF EXISTS reference_term_fts",
        "DROP TRIGGER IF EXISTS reference_tool_fts_insert",
        "DROP TRIGGER IF EXISTS reference_tool_fts_delete",
        "DROP TRIGGER IF EXISTS reference_tool_fts_update",
        "DROP TABLE IF EXISTS reference_tool_fts",
        "DROP TRIGGER IF EXISTS reference_placement_fts_insert",
        "DROP TRIGGER IF EXISTS reference_placement_fts_delete",
        "DROP TRIGGER IF EXISTS reference_placement_fts_update",
        "DROP TABLE IF EXISTS reference_placement_fts",
        "DROP TRIGGER IF EXISTS reference_frequency_fts_insert",
        "DROP TRIGGER IF EXISTS reference_frequency_fts_delete",
        "DROP TRIGGER IF EXISTS reference_frequency_fts_update",
        "DROP TABLE IF EXISTS reference_frequency_fts",
        "DROP TRIGGER IF EXISTS projects_project_category_fts_insert",
        "DROP TRIGGER IF EXISTS projects_project_category_fts_delete",
        "DROP TRIGGER IF EXISTS projects_project_category_fts_update",
        "DROP TABLE IF EXISTS projects_project_category_fts",
        "DROP TRIGGER IF EXISTS projects_project_phase_fts_insert",
        "DROP TRIGGER IF EXISTS projects_project_phase_fts_delete",
        "DROP TRIGGER IF EXISTS projects_project_phase_fts_update",
        "DROP TABLE IF EXISTS projects_project_phase_fts",
        "DROP TRIGGER IF EXISTS charter_goal_fts_insert",
        "DROP TRIGGER IF EXISTS charter_goal_fts_delete",
        "DROP TRIGGER IF EXISTS charter_goal_fts_update",
        "DROP TABLE IF EXISTS charter_goal_fts",
        "DROP TRIGGER IF EXISTS charter_service_provided_fts_insert",
        "DROP TRIGGER IF EXISTS charter_service_provided_fts_delete",
        "DROP TRIGGER IF EXISTS charter_service_provided_fts_update",
        "DROP TABLE IF EXISTS charter_service_provided_fts",
        "DROP TRIGGER IF EXISTS charter_project_risk_fts_insert",
        "DROP TRIGGER IF EXISTS charter_project_risk_fts_delete",
        "DROP TRIGGER IF EXISTS charter_project_risk_fts_update",
        "DROP TABLE IF EXISTS charter_project_risk_fts",
        "DROP TRIGGER IF EXISTS charter_project_document_fts_insert",
        "DROP TRIGGER IF EXISTS charter_project_document_fts_delete",
        "DROP TRIGGER IF EXISTS charter_project_document_fts_update",
        "DROP TABLE IF EXISTS charter_project_document_fts",
        "DROP TRIGGER IF EXISTS milestones_milestone_fts_insert",
        "DROP TRIGGER IF EXISTS milestones_milestone_fts_delete",
        "DROP TRIGGER IF EXISTS milestones_milestone_fts_update",
        "DROP TABLE IF EXISTS milestones_milestone_fts",
        "DROP TRIGGER IF EXISTS milestones_milestone_condition_fts_insert",
        "DROP TRIGGER IF EXISTS milestones_milestone_condition_fts_delete",
        "DROP TRIGGER IF EXISTS milestones_milestone_condition_fts_update",
        "DROP TABLE IF EXISTS milestones_milestone_condition_fts",
        "DROP TRIGGER IF EXISTS milestones_deliverable_fts_insert",
        "DROP TRIGGER IF EXISTS milestones_deliverable_fts_delete",
        "DROP TRIGGER IF EXISTS milestones_deliverable_fts_update",
        "DROP TABLE IF EXISTS milestones_deliverable_fts",
        "DROP TRIGGER IF EXISTS milestones_success_metric_fts_insert",
        "DROP TRIGGER IF EXISTS milestones_success_metric_fts_delete",
        "DROP TRIGGER IF EXISTS milestones_success_metric_fts_update",
        "DROP TABLE IF EXISTS milestones_success_metric_fts",
        "DROP TRIGGER IF EXISTS milestones_milestone_communication_fts_insert",
        "DROP TRIGGER IF EXISTS milestones_milestone_communication_fts_delete",
        "DROP TRIGGER IF EXISTS milestones_milestone_communication_fts_update",
        "DROP TABLE IF EXISTS milestones_milestone_communication_fts",
        "DROP TRIGGER IF EXISTS planning_work_calendar_fts_insert",
        "DROP TRIGGER IF EXISTS planning_work_calendar_fts_delete",
        "DROP TRIGGER IF EXISTS planning_work_calendar_fts_update",
        "DROP TABLE IF EXISTS planning_work_calendar_fts",
        "DROP TRIGGER IF EXISTS planning_holiday_fts_insert",
        "DROP TRIGGER IF EXISTS planning_holiday_fts_delete",
        "DROP TRIGGER IF EXISTS planning_holiday_fts_update",
        "DROP TABLE IF EXISTS planning_holiday_fts",
        "DROP TRIGGER IF EXISTS planning_baseline_fts_insert",
        "DROP TRIGGER IF EXISTS planning_baseline_fts_delete",
        "DROP TRIGGER IF EXISTS planning_baseline_fts_update",
        "DROP TABLE IF EXISTS planning_baseline_fts",
        "DROP TRIGGER IF EXISTS checklists_step_fts_insert",
        "DROP TRIGGER IF EXISTS checklists_step_fts_delete",
        "DROP TRIGGER IF EXISTS checklists_step_fts_update",
        "DROP TABLE IF EXISTS checklists_step_fts",
        "DROP TRIGGER IF EXISTS checklists_checklist_fts_insert",
        "DROP TRIGGER IF EXISTS checklists_checklist_fts_delete",
        "DROP TRIGGER IF EXISTS checklists_checklist_fts_update",
        "DROP TABLE IF EXISTS checklists_checklist_fts",
        "DROP TRIGGER IF EXISTS checklists_checklist_item_fts_insert",
        "DROP TRIGGER IF EXISTS checklists_checklist_item_fts_delete",
        "DROP TRIGGER IF EXISTS checklists_checklist_item_fts_update",
        "DROP TABLE IF EXISTS checklists_checklist_item_fts",
        "DROP TRIGGER IF EXISTS checklists_task_result_fts_insert",
        "DROP TRIGGER IF EXISTS checklists_task_result_fts_delete",
        "DROP TRIGGER IF EXISTS checklists_task_result_fts_update",
        "DROP TABLE IF EXISTS checklists_task_result_fts",
        "DROP TRIGGER IF EXISTS templates_project_template_fts_insert",
        "DROP TRIGGER IF EXISTS templates_project_template_fts_delete",
        "DROP TRIGGER IF EXISTS templates_project_template_fts_update",
        "DROP TABLE IF EXISTS templates_project_template_fts",
        "DROP TRIGGER IF EXISTS templates_milestone_template_fts_insert",
        "DROP TRIGGER IF EXISTS templates_milestone_template_fts_delete",
        "DROP TRIGGER IF EXISTS templates_milestone_template_fts_update",
        "DROP TABLE IF EXISTS templates_milestone_template_fts",
        "DROP TRIGGER IF EXISTS templates_task_template_fts_insert",
        "DROP TRIGGER IF EXISTS templates_task_template_fts_delete",
        "DROP TRIGGER IF EXISTS templates_task_template_fts_update",
        "DROP TABLE IF EXISTS templates_task_template_fts",
        "DROP TRIGGER IF EXISTS templates_step_template_fts_insert",
        "DROP TRIGGER IF EXISTS templates_step_template_fts_delete",
        "DROP TRIGGER IF EXISTS templates_step_template_fts_update",
        "DROP TABLE IF EXISTS templates_step_template_fts",
        "DROP TRIGGER IF EXISTS templates_checklist_item_fts_insert",
        "DROP TRIGGER IF EXISTS templates_checklist_item_fts_delete",
        "DROP TRIGGER IF EXISTS templates_checklist_item_fts_update",
        "DROP TABLE IF EXISTS templates_checklist_item_fts",
        "DROP TRIGGER IF EXISTS requests_task_request_fts_insert",
        "DROP TRIGGER IF EXISTS requests_task_request_fts_delete",
        "DROP TRIGGER IF EXISTS requests_task_request_fts_update",
        "DROP TABLE IF EXISTS requests_task_request_fts",
        "DROP TRIGGER IF EXISTS recurring_task_series_fts_insert",
        "DROP TRIGGER IF EXISTS recurring_task_series_fts_delete",
        "DROP TRIGGER IF EXISTS recurring_task_series_fts_update",
        "DROP TABLE IF EXISTS recurring_task_series_fts",
    ),
    "postgresql": (
        "DROP INDEX IF EXISTS ix_reference_term_search",
        "DROP INDEX IF EXISTS ix_reference_tool_search",
        "DROP INDEX IF EXISTS ix_reference_placement_search",
        "DROP INDEX IF EXISTS ix_reference_frequency_search",
        "DROP INDEX IF EXISTS ix_projects_project_category_search",
        "DROP INDEX IF EXISTS ix_projects_project_phase_search",
        "DROP INDEX IF EXISTS ix_charter_goal_search",
        "DROP INDEX IF EXISTS ix_charter_service_provided_search",
        "DROP INDEX IF EXISTS ix_charter_project_risk_search",
        "DROP INDEX IF EXISTS ix_charter_project_document_search",
        "DROP INDEX IF EXISTS ix_milestones_milestone_search",
        "DROP INDEX IF EXISTS ix_milestones_milestone_condition_search",
        "DROP INDEX IF EXISTS ix_milestones_deliverable_search",
        "DROP INDEX IF EXISTS ix_milestones_success_metric_search",
        "DROP INDEX IF EXISTS ix_milestones_milestone_communication_search",
        "DROP INDEX IF EXISTS ix_planning_work_calendar_search",
        "DROP INDEX IF EXISTS ix_planning_holiday_search",
        "DROP INDEX IF EXISTS ix_planning_baseline_search",
        "DROP INDEX IF EXISTS ix_checklists_step_search",
        "DROP INDEX IF EXISTS ix_checklists_checklist_search",
        "DROP INDEX IF EXISTS ix_checklists_checklist_item_search",
        "DROP INDEX IF EXISTS ix_checklists_task_result_search",
        "DROP INDEX IF EXISTS ix_templates_project_template_search",
        "DROP INDEX IF EXISTS ix_templates_milestone_template_search",
        "DROP INDEX IF EXISTS ix_templates_task_template_search",
        "DROP INDEX IF EXISTS ix_templates_step_template_search",
        "DROP INDEX IF EXISTS ix_templates_checklist_item_search",
        "DROP INDEX IF EXISTS ix_requests_task_request_search",
        "DROP INDEX IF EXISTS ix_recurring_task_series_search",
    ),
}


def upgrade() -> None:
    """Make the step."""
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "planning_work_calendar",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("monday", sa.Double(), nullable=False),
        sa.Column("tuesday", sa.Double(), nullable=False),
        sa.Column("wednesday", sa.Double(), nullable=False),
        sa.Column("thursday", sa.Double(), nullable=False),
        sa.Column("friday", sa.Double(), nullable=False),
        sa.Column("saturday", sa.Double(), nullable=False),
        sa.Column("sunday", sa.Double(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("subdivision", sa.String(20), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
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
        "uq_planning_work_calendar_name",
        "planning_work_calendar",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "projects_project_category",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
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
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_projects_project_category_code",
        "projects_project_category",
        ["code"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "reference_frequency",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("days_num", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
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
        "uq_reference_frequency_name",
        "reference_frequency",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "reference_term",
        sa.Column("kind", sa.String(40), nullable=False),
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
        "uq_reference_term_kind_name",
        "reference_term",
        ["kind", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "reference_tool",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
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
        "uq_reference_tool_name",
        "reference_tool",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "planning_holiday",
        sa.Column("calendar_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("date", types.day(), nullable=False),
        sa.Column("end_date", types.day(), nullable=True),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("half_day", sa.Boolean(), nullable=False),
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
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_planning_holiday_calendar_id_date",
        "planning_holiday",
        ["calendar_id", "date"],
        unique=False,
    )
    op.create_index(
        "ix_planning_holiday_date_end_date", "planning_holiday", ["date", "end_date"], unique=False
    )
    op.create_table(
        "projects_project_phase",
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("default_days", sa.BigInteger(), nullable=False),
        sa.Column("is_milestone", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"], ["projects_project_category.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_projects_project_phase_category_id",
        "projects_project_phase",
        ["category_id"],
        unique=False,
    )
    op.create_index(
        "uq_projects_project_phase_category_id_code",
        "projects_project_phase",
        ["category_id", "code"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "reference_placement",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("tool_id", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
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
        sa.ForeignKeyConstraint(["tool_id"], ["reference_tool.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_reference_placement_tool_id", "reference_placement", ["tool_id"], unique=False
    )
    op.create_index(
        "uq_reference_placement_name",
        "reference_placement",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "templates_milestone_template",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("offset_days", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
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
            ["entity_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_milestone_template_entity_id",
        "templates_milestone_template",
        ["entity_id"],
        unique=False,
    )
    op.create_table(
        "templates_project_template",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hours", types.decimal(8, 2), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"], ["projects_project_category.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_project_template_category_id",
        "templates_project_template",
        ["category_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_project_template_entity_id",
        "templates_project_template",
        ["entity_id"],
        unique=False,
    )
    op.create_table(
        "templates_step_template",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("action_id", sa.BigInteger(), nullable=True),
        sa.Column("object_id", sa.BigInteger(), nullable=True),
        sa.Column("tool_id", sa.BigInteger(), nullable=True),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("hours_planned", types.decimal(8, 2), nullable=False),
        sa.Column("process_definition", types.document(), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("only_checklist", sa.Boolean(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["reference_term.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["object_id"], ["reference_term.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["tool_id"], ["reference_tool.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_step_template_action_id",
        "templates_step_template",
        ["action_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_step_template_entity_id",
        "templates_step_template",
        ["entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_step_template_object_id",
        "templates_step_template",
        ["object_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_step_template_tool_id", "templates_step_template", ["tool_id"], unique=False
    )
    op.create_table(
        "templates_task_template",
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("template_type", sa.String(40), nullable=True),
        sa.Column("action_id", sa.BigInteger(), nullable=True),
        sa.Column("object_id", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("cost", types.decimal(15, 2), nullable=False),
        sa.Column("frequency_id", sa.BigInteger(), nullable=True),
        sa.Column("task_quantity", sa.BigInteger(), nullable=False),
        sa.Column("expected_hours", types.decimal(8, 2), nullable=False),
        sa.Column("duration_days", sa.BigInteger(), nullable=True),
        sa.Column("offset_days", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("story_points", sa.Double(), nullable=True),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["reference_term.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["frequency_id"], ["reference_frequency.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["object_id"], ["reference_term.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_task_template_action_id",
        "templates_task_template",
        ["action_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_task_template_entity_id",
        "templates_task_template",
        ["entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_task_template_frequency_id",
        "templates_task_template",
        ["frequency_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_task_template_object_id",
        "templates_task_template",
        ["object_id"],
        unique=False,
    )
    op.create_table(
        "planning_holiday_people",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["planning_holiday.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_planning_holiday_people_target",
        "planning_holiday_people",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "templates_checklist_item",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("action_id", sa.BigInteger(), nullable=True),
        sa.Column("object_id", sa.BigInteger(), nullable=True),
        sa.Column("tool_id", sa.BigInteger(), nullable=True),
        sa.Column("placement_id", sa.BigInteger(), nullable=True),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("acceptance_criteria", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("needs_validation", sa.Boolean(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["reference_term.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["object_id"], ["reference_term.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["placement_id"], ["reference_placement.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["tool_id"], ["reference_tool.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_checklist_item_action_id",
        "templates_checklist_item",
        ["action_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_checklist_item_entity_id",
        "templates_checklist_item",
        ["entity_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_checklist_item_object_id",
        "templates_checklist_item",
        ["object_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_checklist_item_placement_id",
        "templates_checklist_item",
        ["placement_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_checklist_item_tool_id", "templates_checklist_item", ["tool_id"], unique=False
    )
    op.create_table(
        "templates_milestone_template_task",
        sa.Column("milestone_template_id", sa.BigInteger(), nullable=False),
        sa.Column("task_template_id", sa.BigInteger(), nullable=False),
        sa.Column("task_template_queue", sa.Double(), nullable=False),
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
            ["milestone_template_id"], ["templates_milestone_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_template_id"], ["templates_task_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_milestone_template_task_milestone_template_id",
        "templates_milestone_template_task",
        ["milestone_template_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_milestone_template_task_task_template_id",
        "templates_milestone_template_task",
        ["task_template_id"],
        unique=False,
    )
    op.create_index(
        "uq_templates_milestone_template_task_milestone_template__f0b92e",
        "templates_milestone_template_task",
        ["milestone_template_id", "task_template_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "templates_project_template_milestone",
        sa.Column("project_template_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone_template_id", sa.BigInteger(), nullable=False),
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
            ["milestone_template_id"], ["templates_milestone_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_template_id"], ["templates_project_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_project_template_milestone_milestone_template_id",
        "templates_project_template_milestone",
        ["milestone_template_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_project_template_milestone_project_template_id",
        "templates_project_template_milestone",
        ["project_template_id"],
        unique=False,
    )
    op.create_index(
        "uq_templates_project_template_milestone_project_template_48bcfa",
        "templates_project_template_milestone",
        ["project_template_id", "milestone_template_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "templates_project_template_task",
        sa.Column("project_template_id", sa.BigInteger(), nullable=False),
        sa.Column("task_template_id", sa.BigInteger(), nullable=False),
        sa.Column("task_template_queue", sa.Double(), nullable=False),
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
            ["project_template_id"], ["templates_project_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_template_id"], ["templates_task_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_project_template_task_project_template_id",
        "templates_project_template_task",
        ["project_template_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_project_template_task_task_template_id",
        "templates_project_template_task",
        ["task_template_id"],
        unique=False,
    )
    op.create_index(
        "uq_templates_project_template_task_project_template_id_t_9d9406",
        "templates_project_template_task",
        ["project_template_id", "task_template_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "templates_task_template_dependency",
        sa.Column("task_template_id", sa.BigInteger(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["depends_on_id"], ["templates_task_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_template_id"], ["templates_task_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_task_template_dependency_depends_on_id",
        "templates_task_template_dependency",
        ["depends_on_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_task_template_dependency_task_template_id",
        "templates_task_template_dependency",
        ["task_template_id"],
        unique=False,
    )
    op.create_index(
        "uq_templates_task_template_dependency_task_template_id_d_ed249e",
        "templates_task_template_dependency",
        ["task_template_id", "depends_on_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "templates_task_template_parent",
        sa.Column("task_template_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_task_template_id", sa.BigInteger(), nullable=False),
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
            ["parent_task_template_id"], ["templates_task_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_template_id"], ["templates_task_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_task_template_parent_parent_task_template_id",
        "templates_task_template_parent",
        ["parent_task_template_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_task_template_parent_task_template_id",
        "templates_task_template_parent",
        ["task_template_id"],
        unique=False,
    )
    op.create_index(
        "uq_templates_task_template_parent_task_template_id_paren_51f2f0",
        "templates_task_template_parent",
        ["task_template_id", "parent_task_template_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "templates_task_template_professions",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["templates_task_template.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_profession.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_templates_task_template_professions_target",
        "templates_task_template_professions",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "templates_task_template_step",
        sa.Column("task_template_id", sa.BigInteger(), nullable=False),
        sa.Column("step_template_id", sa.BigInteger(), nullable=False),
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
            ["step_template_id"], ["templates_step_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_template_id"], ["templates_task_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_task_template_step_step_template_id",
        "templates_task_template_step",
        ["step_template_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_task_template_step_task_template_id",
        "templates_task_template_step",
        ["task_template_id"],
        unique=False,
    )
    op.create_index(
        "uq_templates_task_template_step_task_template_id_step_te_ae2628",
        "templates_task_template_step",
        ["task_template_id", "step_template_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "charter_goal",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("support_employee_id", sa.BigInteger(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("task_count", sa.BigInteger(), nullable=False),
        sa.Column("done_count", sa.BigInteger(), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
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
        sa.ForeignKeyConstraint(["support_employee_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_charter_goal_project_id_status", "charter_goal", ["project_id", "status"], unique=False
    )
    op.create_index(
        "ix_charter_goal_support_employee_id", "charter_goal", ["support_employee_id"], unique=False
    )
    op.create_table(
        "charter_project_document",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("revision", sa.String(20), nullable=False),
        sa.Column("version_note", sa.String(500), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("file_url", sa.Text(), nullable=False),
        sa.Column("revised_at", types.instant(), nullable=True),
        sa.Column("revised_by", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["file_id"], ["files_file.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["revised_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_charter_project_document_file_id", "charter_project_document", ["file_id"], unique=False
    )
    op.create_index(
        "ix_charter_project_document_project_id_category",
        "charter_project_document",
        ["project_id", "category"],
        unique=False,
    )
    op.create_index(
        "ix_charter_project_document_revised_by",
        "charter_project_document",
        ["revised_by"],
        unique=False,
    )
    op.create_table(
        "charter_service_provided",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("service_name", sa.String(100), nullable=False),
        sa.Column("service_description", sa.String(500), nullable=False),
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
        "ix_charter_service_provided_project_id",
        "charter_service_provided",
        ["project_id"],
        unique=False,
    )
    op.create_index(
        "uq_charter_service_provided_project_id_service_name",
        "charter_service_provided",
        ["project_id", "service_name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "milestones_milestone",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("phase_id", sa.BigInteger(), nullable=True),
        sa.Column("milestone_template_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("milestone_type", sa.String(40), nullable=False),
        sa.Column("start_date", types.day(), nullable=True),
        sa.Column("due_date", types.day(), nullable=False),
        sa.Column("completed_date", types.day(), nullable=True),
        sa.Column("completed_by", sa.BigInteger(), nullable=True),
        sa.Column("expected_hours", types.decimal(8, 2), nullable=False),
        sa.Column("estimated_hours", types.decimal(8, 2), nullable=True),
        sa.Column("actual_hours", types.decimal(8, 2), nullable=False),
        sa.Column("budget", types.decimal(15, 2), nullable=True),
        sa.Column("actual_cost", types.decimal(15, 2), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("completion", sa.Double(), nullable=False),
        sa.Column("condition_count", sa.BigInteger(), nullable=False),
        sa.Column("task_count", sa.BigInteger(), nullable=False),
        sa.Column("done_count", sa.BigInteger(), nullable=False),
        sa.Column("progress_units", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("acceptance_criteria", sa.Text(), nullable=False),
        sa.Column("review_notes", sa.Text(), nullable=False),
        sa.Column("lessons_learned", sa.Text(), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
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
        sa.ForeignKeyConstraint(["completed_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["milestone_template_id"], ["templates_milestone_template.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["phase_id"], ["projects_project_phase.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_milestones_milestone_completed_by",
        "milestones_milestone",
        ["completed_by"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_due_date_status",
        "milestones_milestone",
        ["due_date", "status"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_milestone_template_id",
        "milestones_milestone",
        ["milestone_template_id"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_owner_id", "milestones_milestone", ["owner_id"], unique=False
    )
    op.create_index(
        "ix_milestones_milestone_phase_id", "milestones_milestone", ["phase_id"], unique=False
    )
    op.create_index(
        "ix_milestones_milestone_project_id_sort_order",
        "milestones_milestone",
        ["project_id", "sort_order"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_project_id_status",
        "milestones_milestone",
        ["project_id", "status"],
        unique=False,
    )
    op.create_table(
        "planning_baseline",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("taken_at", types.instant(), nullable=True),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("task_count", sa.BigInteger(), nullable=False),
        sa.Column("planned_end", types.day(), nullable=True),
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
        sa.ForeignKeyConstraint(["taken_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_planning_baseline_project_id_taken_at",
        "planning_baseline",
        ["project_id", "taken_at"],
        unique=False,
    )
    op.create_index(
        "ix_planning_baseline_taken_by", "planning_baseline", ["taken_by"], unique=False
    )
    op.create_table(
        "recurring_task_series",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("estimated_hours", types.decimal(8, 2), nullable=True),
        sa.Column("story_points", sa.Double(), nullable=True),
        sa.Column("template_id", sa.BigInteger(), nullable=True),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(1000), nullable=False),
        sa.Column("days_after", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", types.day(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("except_on", types.document(), nullable=False),
        sa.Column("lead_days", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("next_on", types.day(), nullable=True),
        sa.Column("make_on", types.day(), nullable=True),
        sa.Column("made_count", sa.BigInteger(), nullable=False),
        sa.Column("maker_id", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(["maker_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["template_id"], ["templates_task_template.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_recurring_task_series_maker_id", "recurring_task_series", ["maker_id"], unique=False
    )
    op.create_index(
        "ix_recurring_task_series_project_id", "recurring_task_series", ["project_id"], unique=False
    )
    op.create_index(
        "ix_recurring_task_series_status_make_on",
        "recurring_task_series",
        ["status", "make_on"],
        unique=False,
    )
    op.create_index(
        "ix_recurring_task_series_template_id",
        "recurring_task_series",
        ["template_id"],
        unique=False,
    )
    op.create_table(
        "templates_step_template_item",
        sa.Column("step_template_id", sa.BigInteger(), nullable=False),
        sa.Column("checklist_item_id", sa.BigInteger(), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("is_correct", sa.Boolean(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["checklist_item_id"], ["templates_checklist_item.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["step_template_id"], ["templates_step_template.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_templates_step_template_item_checklist_item_id",
        "templates_step_template_item",
        ["checklist_item_id"],
        unique=False,
    )
    op.create_index(
        "ix_templates_step_template_item_step_template_id",
        "templates_step_template_item",
        ["step_template_id"],
        unique=False,
    )
    op.create_index(
        "uq_templates_step_template_item_step_template_id_checkli_165c68",
        "templates_step_template_item",
        ["step_template_id", "checklist_item_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "charter_document_version",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.String(20), nullable=False),
        sa.Column("version_note", sa.String(500), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("file_url", sa.Text(), nullable=False),
        sa.Column("revised_at", types.instant(), nullable=True),
        sa.Column("revised_by", sa.BigInteger(), nullable=True),
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
            ["document_id"], ["charter_project_document.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files_file.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["revised_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_charter_document_version_document_id",
        "charter_document_version",
        ["document_id"],
        unique=False,
    )
    op.create_index(
        "ix_charter_document_version_file_id", "charter_document_version", ["file_id"], unique=False
    )
    op.create_index(
        "ix_charter_document_version_revised_by",
        "charter_document_version",
        ["revised_by"],
        unique=False,
    )
    op.create_index(
        "uq_charter_document_version_document_id_revision",
        "charter_document_version",
        ["document_id", "revision"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "charter_project_risk",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("category", sa.String(50), nullable=False),
        sa.Column("probability", sa.SmallInteger(), nullable=False),
        sa.Column("impact", sa.SmallInteger(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("mitigation", sa.Text(), nullable=False),
        sa.Column("contingency", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("review_on", types.day(), nullable=True),
        sa.Column("closed_on", types.day(), nullable=True),
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
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones_milestone.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["owner_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_charter_project_risk_milestone_id",
        "charter_project_risk",
        ["milestone_id"],
        unique=False,
    )
    op.create_index(
        "ix_charter_project_risk_owner_id", "charter_project_risk", ["owner_id"], unique=False
    )
    op.create_index(
        "ix_charter_project_risk_project_id_status_score",
        "charter_project_risk",
        ["project_id", "status", "score"],
        unique=False,
    )
    op.create_table(
        "milestones_deliverable",
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("review_status", sa.String(40), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("file_path", sa.String(255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("revision", sa.String(20), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_milestones_deliverable_milestone_id",
        "milestones_deliverable",
        ["milestone_id"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_deliverable_reviewer_id",
        "milestones_deliverable",
        ["reviewer_id"],
        unique=False,
    )
    op.create_table(
        "milestones_milestone_approval",
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
        sa.Column("approver_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("expires_at", types.instant(), nullable=True),
        sa.Column("answered_at", types.instant(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["approver_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_milestones_milestone_approval_approver_id_status",
        "milestones_milestone_approval",
        ["approver_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_approval_milestone_id",
        "milestones_milestone_approval",
        ["milestone_id"],
        unique=False,
    )
    op.create_table(
        "milestones_milestone_communication",
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("read_by", types.document(), nullable=False),
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
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_milestones_milestone_communication_milestone_id",
        "milestones_milestone_communication",
        ["milestone_id"],
        unique=False,
    )
    op.create_table(
        "milestones_milestone_condition",
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("assigned_to", sa.BigInteger(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("verification_method", sa.String(255), nullable=False),
        sa.Column("evidence", types.document(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["assigned_to"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["completed_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_milestones_milestone_condition_assigned_to_status",
        "milestones_milestone_condition",
        ["assigned_to", "status"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_condition_completed_by",
        "milestones_milestone_condition",
        ["completed_by"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_condition_milestone_id_sort_order",
        "milestones_milestone_condition",
        ["milestone_id", "sort_order"],
        unique=False,
    )
    op.create_table(
        "milestones_milestone_dependency",
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
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
        sa.ForeignKeyConstraint(["depends_on_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_milestones_milestone_dependency_depends_on_id",
        "milestones_milestone_dependency",
        ["depends_on_id"],
        unique=False,
    )
    op.create_index(
        "ix_milestones_milestone_dependency_milestone_id",
        "milestones_milestone_dependency",
        ["milestone_id"],
        unique=False,
    )
    op.create_index(
        "uq_milestones_milestone_dependency_milestone_id_depends_on_id",
        "milestones_milestone_dependency",
        ["milestone_id", "depends_on_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "milestones_milestone_stakeholders",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_milestones_milestone_stakeholders_target",
        "milestones_milestone_stakeholders",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "milestones_milestone_tags",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["tags_tag.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_milestones_milestone_tags_target",
        "milestones_milestone_tags",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "milestones_success_metric",
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("actual", sa.Double(), nullable=True),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("measured_at", types.day(), nullable=True),
        sa.Column("higher_is_better", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
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
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones_milestone.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_milestones_success_metric_milestone_id",
        "milestones_success_metric",
        ["milestone_id"],
        unique=False,
    )
    op.create_table(
        "recurring_task_series_assignees",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["recurring_task_series.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_recurring_task_series_assignees_target",
        "recurring_task_series_assignees",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "checklists_step",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("step_template_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("hours_planned", types.decimal(8, 2), nullable=False),
        sa.Column("hours_tracked", types.decimal(10, 2), nullable=False),
        sa.Column("is_completed", sa.Boolean(), nullable=False),
        sa.Column("completed_at", types.instant(), nullable=True),
        sa.Column("completed_by", sa.BigInteger(), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["step_template_id"], ["templates_step_template.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_checklists_step_assignee_id_is_completed",
        "checklists_step",
        ["assignee_id", "is_completed"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_step_completed_by", "checklists_step", ["completed_by"], unique=False
    )
    op.create_index(
        "ix_checklists_step_step_template_id", "checklists_step", ["step_template_id"], unique=False
    )
    op.create_index(
        "ix_checklists_step_task_id_sort_order",
        "checklists_step",
        ["task_id", "sort_order"],
        unique=False,
    )
    op.create_table(
        "checklists_task_result",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("result_type", sa.String(80), nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=True),
        sa.Column("score", types.decimal(10, 2), nullable=True),
        sa.Column("max_score", types.decimal(10, 2), nullable=True),
        sa.Column("correct_answers", sa.BigInteger(), nullable=True),
        sa.Column("total_questions", sa.BigInteger(), nullable=True),
        sa.Column("percent", sa.Double(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("performance_metrics", types.document(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_checklists_task_result_result_type_result_id",
        "checklists_task_result",
        ["result_type", "result_id"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_task_result_task_id", "checklists_task_result", ["task_id"], unique=False
    )
    op.create_index(
        "ix_checklists_task_result_user_id_created_at",
        "checklists_task_result",
        ["user_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "milestones_milestone_communication_recipients",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["milestones_milestone_communication.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_milestones_milestone_communication_recipients_target",
        "milestones_milestone_communication_recipients",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "planning_baseline_task",
        sa.Column("baseline_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("start_date", types.day(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("estimated_hours", types.decimal(8, 2), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["baseline_id"], ["planning_baseline.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_planning_baseline_task_baseline_id",
        "planning_baseline_task",
        ["baseline_id"],
        unique=False,
    )
    op.create_index(
        "ix_planning_baseline_task_task_id", "planning_baseline_task", ["task_id"], unique=False
    )
    op.create_index(
        "uq_planning_baseline_task_baseline_id_task_id",
        "planning_baseline_task",
        ["baseline_id", "task_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "recurring_occurrence",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("on_day", types.day(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
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
        sa.ForeignKeyConstraint(["series_id"], ["recurring_task_series.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_recurring_occurrence_series_id", "recurring_occurrence", ["series_id"], unique=False
    )
    op.create_index(
        "ix_recurring_occurrence_task_id", "recurring_occurrence", ["task_id"], unique=False
    )
    op.create_index(
        "uq_recurring_occurrence_series_id_on_day",
        "recurring_occurrence",
        ["series_id", "on_day"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "requests_task_request",
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("approval_required", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", types.instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["entity_id"], ["identity_organisation_unit.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects_project.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["template_id"], ["templates_task_template.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_requests_task_request_created_by_status",
        "requests_task_request",
        ["created_by", "status"],
        unique=False,
    )
    op.create_index(
        "ix_requests_task_request_decided_by", "requests_task_request", ["decided_by"], unique=False
    )
    op.create_index(
        "ix_requests_task_request_entity_id", "requests_task_request", ["entity_id"], unique=False
    )
    op.create_index(
        "ix_requests_task_request_project_id_status",
        "requests_task_request",
        ["project_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_requests_task_request_status_created_at",
        "requests_task_request",
        ["status", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_requests_task_request_task_id", "requests_task_request", ["task_id"], unique=False
    )
    op.create_index(
        "ix_requests_task_request_template_id",
        "requests_task_request",
        ["template_id"],
        unique=False,
    )
    op.create_table(
        "checklists_checklist",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("step_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("is_completed", sa.Boolean(), nullable=False),
        sa.Column("completed_at", types.instant(), nullable=True),
        sa.Column("completed_by", sa.BigInteger(), nullable=True),
        sa.Column("item_count", sa.BigInteger(), nullable=False),
        sa.Column("done_count", sa.BigInteger(), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["completed_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["step_id"], ["checklists_step.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["projects_task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_checklists_checklist_completed_by",
        "checklists_checklist",
        ["completed_by"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_checklist_step_id", "checklists_checklist", ["step_id"], unique=False
    )
    op.create_index(
        "ix_checklists_checklist_task_id_sort_order",
        "checklists_checklist",
        ["task_id", "sort_order"],
        unique=False,
    )
    op.create_table(
        "checklists_step_tracker",
        sa.Column("step_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("started_at", types.instant(), nullable=True),
        sa.Column("ended_at", types.instant(), nullable=True),
        sa.Column("total_time", types.decimal(8, 2), nullable=False),
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
        sa.ForeignKeyConstraint(["step_id"], ["checklists_step.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_checklists_step_tracker_step_id", "checklists_step_tracker", ["step_id"], unique=False
    )
    op.create_index(
        "ix_checklists_step_tracker_user_id_ended_at",
        "checklists_step_tracker",
        ["user_id", "ended_at"],
        unique=False,
    )
    op.create_table(
        "requests_task_request_assignees",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["requests_task_request.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_requests_task_request_assignees_target",
        "requests_task_request_assignees",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "requests_task_request_professions",
        sa.Column("owner_id", types.key(), nullable=False),
        sa.Column("target_id", types.key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["requests_task_request.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["identity_profession.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "target_id"),
    )
    op.create_index(
        "ix_requests_task_request_professions_target",
        "requests_task_request_professions",
        ["target_id", "owner_id"],
        unique=False,
    )
    op.create_table(
        "checklists_checklist_item",
        sa.Column("checklist_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("acceptance_criteria", sa.Text(), nullable=False),
        sa.Column("item_type", sa.String(50), nullable=False),
        sa.Column("sort_order", sa.Double(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("is_completed", sa.Boolean(), nullable=False),
        sa.Column("completed_at", types.instant(), nullable=True),
        sa.Column("completed_by", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("due_date", types.day(), nullable=True),
        sa.Column("depends_on_id", sa.BigInteger(), nullable=True),
        sa.Column("placement_id", sa.BigInteger(), nullable=True),
        sa.Column("needs_validation", sa.Boolean(), nullable=False),
        sa.Column("validated_at", types.instant(), nullable=True),
        sa.Column("validated_by", sa.BigInteger(), nullable=True),
        sa.Column("id", types.key(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.instant(), nullable=False),
        sa.Column("updated_at", types.instant(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", types.instant(), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["assignee_id"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklists_checklist.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["completed_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["deleted_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["depends_on_id"], ["checklists_checklist_item.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["placement_id"], ["reference_placement.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["template_id"], ["templates_checklist_item.id"], ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["validated_by"], ["identity_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_checklists_checklist_item_assignee_id_status",
        "checklists_checklist_item",
        ["assignee_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_checklist_item_checklist_id_sort_order",
        "checklists_checklist_item",
        ["checklist_id", "sort_order"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_checklist_item_completed_by",
        "checklists_checklist_item",
        ["completed_by"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_checklist_item_depends_on_id",
        "checklists_checklist_item",
        ["depends_on_id"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_checklist_item_placement_id",
        "checklists_checklist_item",
        ["placement_id"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_checklist_item_template_id",
        "checklists_checklist_item",
        ["template_id"],
        unique=False,
    )
    op.create_index(
        "ix_checklists_checklist_item_validated_by",
        "checklists_checklist_item",
        ["validated_by"],
        unique=False,
    )
    op.add_column(
        "projects_project",
        sa.Column(
            "category_id",
            sa.BigInteger(),
            sa.ForeignKey("projects_project_category.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_project",
        sa.Column(
            "current_phase_id",
            sa.BigInteger(),
            sa.ForeignKey("projects_project_phase.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_project",
        sa.Column(
            "entity_id",
            sa.BigInteger(),
            sa.ForeignKey("identity_organisation_unit.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_project",
        sa.Column(
            "project_template_id",
            sa.BigInteger(),
            sa.ForeignKey("templates_project_template.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_project",
        sa.Column(
            "calendar_id",
            sa.BigInteger(),
            sa.ForeignKey("planning_work_calendar.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_project", sa.Column("estimated_cost", types.decimal(15, 2), nullable=True)
    )
    op.add_column(
        "projects_project", sa.Column("total_amount", types.decimal(15, 2), nullable=True)
    )
    op.add_column("projects_project", sa.Column("sale_price", types.decimal(15, 2), nullable=True))
    op.add_column(
        "projects_project",
        sa.Column("monthly_recurring_amount", types.decimal(15, 2), nullable=True),
    )
    op.add_column(
        "projects_project", sa.Column("monthly_recurring_date", sa.BigInteger(), nullable=True)
    )
    op.add_column(
        "projects_project",
        sa.Column("part_count", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "projects_project",
        sa.Column("progress_units", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "projects_project",
        sa.Column(
            "support_id",
            sa.BigInteger(),
            sa.ForeignKey("identity_user.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_project",
        sa.Column(
            "client_contact_id",
            sa.BigInteger(),
            sa.ForeignKey("identity_user.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_project",
        sa.Column("customer_reviews", sa.Text(), nullable=False, server_default=""),
    )
    op.add_column(
        "projects_project",
        sa.Column("support_reviews", sa.Text(), nullable=False, server_default=""),
    )
    op.add_column(
        "projects_project", sa.Column("tech_reviews", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "projects_project",
        sa.Column("repository_url", sa.String(500), nullable=False, server_default=""),
    )
    op.add_column(
        "projects_project",
        sa.Column("documentation_url", sa.String(500), nullable=False, server_default=""),
    )
    op.add_column(
        "projects_project",
        sa.Column("slack_channel", sa.String(100), nullable=False, server_default=""),
    )
    op.add_column(
        "projects_project",
        sa.Column("site_address", sa.String(500), nullable=False, server_default=""),
    )
    op.add_column("projects_project", sa.Column("site_latitude", sa.Double(), nullable=True))
    op.add_column("projects_project", sa.Column("site_longitude", sa.Double(), nullable=True))
    op.add_column("projects_project", sa.Column("system_capacity_kw", sa.Double(), nullable=True))
    op.add_column(
        "projects_project", sa.Column("annual_production_kwh", sa.Double(), nullable=True)
    )
    op.add_column("projects_project", sa.Column("co2_reduction_tons", sa.Double(), nullable=True))
    op.add_column(
        "projects_project",
        sa.Column("activation_data", types.document(), nullable=False, server_default="{}"),
    )
    op.create_index(
        "ix_projects_project_calendar_id", "projects_project", ["calendar_id"], unique=False
    )
    op.create_index(
        "ix_projects_project_category_id", "projects_project", ["category_id"], unique=False
    )
    op.create_index(
        "ix_projects_project_client_contact_id",
        "projects_project",
        ["client_contact_id"],
        unique=False,
    )
    op.create_index(
        "ix_projects_project_current_phase_id",
        "projects_project",
        ["current_phase_id"],
        unique=False,
    )
    op.create_index(
        "ix_projects_project_entity_id", "projects_project", ["entity_id"], unique=False
    )
    op.create_index(
        "ix_projects_project_monthly_recurring_date_status",
        "projects_project",
        ["monthly_recurring_date", "status"],
        unique=False,
    )
    op.create_index(
        "ix_projects_project_project_template_id",
        "projects_project",
        ["project_template_id"],
        unique=False,
    )
    op.create_index(
        "ix_projects_project_support_id", "projects_project", ["support_id"], unique=False
    )
    op.add_column(
        "projects_project_member",
        sa.Column("allocation", sa.Double(), nullable=False, server_default="1.0"),
    )
    op.add_column(
        "projects_task",
        sa.Column(
            "goal_id",
            sa.BigInteger(),
            sa.ForeignKey("charter_goal.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_task",
        sa.Column(
            "milestone_id",
            sa.BigInteger(),
            sa.ForeignKey("milestones_milestone.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "projects_task",
        sa.Column(
            "task_template_id",
            sa.BigInteger(),
            sa.ForeignKey("templates_task_template.id", ondelete="RESTRICT"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("projects_task", sa.Column("duration_days", sa.BigInteger(), nullable=True))
    op.add_column("projects_task", sa.Column("not_before", types.day(), nullable=True))
    op.add_column(
        "projects_task",
        sa.Column("fixed_dates", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "projects_task",
        sa.Column("blocker_count", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "projects_task",
        sa.Column("waiter_count", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "projects_task",
        sa.Column("part_count", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "projects_task",
        sa.Column("part_units", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_index(
        "ix_projects_task_goal_id_status", "projects_task", ["goal_id", "status"], unique=False
    )
    op.create_index(
        "ix_projects_task_milestone_id_status",
        "projects_task",
        ["milestone_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_projects_task_task_template_id", "projects_task", ["task_template_id"], unique=False
    )
    # ### end Alembic commands ###
    for statement in SEARCH_UP.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    """Take the step back."""
    for statement in SEARCH_DOWN.get(op.get_bind().dialect.name, ()):
        op.execute(statement)
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_index("ix_projects_task_task_template_id", table_name="projects_task")
    op.drop_index("ix_projects_task_milestone_id_status", table_name="projects_task")
    op.drop_index("ix_projects_task_goal_id_status", table_name="projects_task")
    op.drop_column("projects_task", "part_units")
    op.drop_column("projects_task", "part_count")
    op.drop_column("projects_task", "waiter_count")
    op.drop_column("projects_task", "blocker_count")
    op.drop_column("projects_task", "fixed_dates")
    op.drop_column("projects_task", "not_before")
    op.drop_column("projects_task", "duration_days")
    op.drop_column("projects_task", "task_template_id")
    op.drop_column("projects_task", "milestone_id")
    op.drop_column("projects_task", "goal_id")
    op.drop_column("projects_project_member", "allocation")
    op.drop_index("ix_projects_project_support_id", table_name="projects_project")
    op.drop_index("ix_projects_project_project_template_id", table_name="projects_project")
    op.drop_index(
        "ix_projects_project_monthly_recurring_date_status", table_name="projects_project"
    )
    op.drop_index("ix_projects_project_entity_id", table_name="projects_project")
    op.drop_index("ix_projects_project_current_phase_id", table_name="projects_project")
    op.drop_index("ix_projects_project_client_contact_id", table_name="projects_project")
    op.drop_index("ix_projects_project_category_id", table_name="projects_project")
    op.drop_index("ix_projects_project_calendar_id", table_name="projects_project")
    op.drop_column("projects_project", "activation_data")
    op.drop_column("projects_project", "co2_reduction_tons")
    op.drop_column("projects_project", "annual_production_kwh")
    op.drop_column("projects_project", "system_capacity_kw")
    op.drop_column("projects_project", "site_longitude")
    op.drop_column("projects_project", "site_latitude")
    op.drop_column("projects_project", "site_address")
    op.drop_column("projects_project", "slack_channel")
    op.drop_column("projects_project", "documentation_url")
    op.drop_column("projects_project", "repository_url")
    op.drop_column("projects_project", "tech_reviews")
    op.drop_column("projects_project", "support_reviews")
    op.drop_column("projects_project", "customer_reviews")
    op.drop_column("projects_project", "client_contact_id")
    op.drop_column("projects_project", "support_id")
    op.drop_column("projects_project", "progress_units")
    op.drop_column("projects_project", "part_count")
    op.drop_column("projects_project", "monthly_recurring_date")
    op.drop_column("projects_project", "monthly_recurring_amount")
    op.drop_column("projects_project", "sale_price")
    op.drop_column("projects_project", "total_amount")
    op.drop_column("projects_project", "estimated_cost")
    op.drop_column("projects_project", "calendar_id")
    op.drop_column("projects_project", "project_template_id")
    op.drop_column("projects_project", "entity_id")
    op.drop_column("projects_project", "current_phase_id")
    op.drop_column("projects_project", "category_id")
    op.drop_index(
        "ix_checklists_checklist_item_validated_by", table_name="checklists_checklist_item"
    )
    op.drop_index(
        "ix_checklists_checklist_item_template_id", table_name="checklists_checklist_item"
    )
    op.drop_index(
        "ix_checklists_checklist_item_placement_id", table_name="checklists_checklist_item"
    )
    op.drop_index(
        "ix_checklists_checklist_item_depends_on_id", table_name="checklists_checklist_item"
    )
    op.drop_index(
        "ix_checklists_checklist_item_completed_by", table_name="checklists_checklist_item"
    )
    op.drop_index(
        "ix_checklists_checklist_item_checklist_id_sort_order",
        table_name="checklists_checklist_item",
    )
    op.drop_index(
        "ix_checklists_checklist_item_assignee_id_status", table_name="checklists_checklist_item"
    )
    op.drop_table("checklists_checklist_item")
    op.drop_index(
        "ix_requests_task_request_professions_target",
        table_name="requests_task_request_professions",
    )
    op.drop_table("requests_task_request_professions")
    op.drop_index(
        "ix_requests_task_request_assignees_target", table_name="requests_task_request_assignees"
    )
    op.drop_table("requests_task_request_assignees")
    op.drop_index(
        "ix_checklists_step_tracker_user_id_ended_at", table_name="checklists_step_tracker"
    )
    op.drop_index("ix_checklists_step_tracker_step_id", table_name="checklists_step_tracker")
    op.drop_table("checklists_step_tracker")
    op.drop_index("ix_checklists_checklist_task_id_sort_order", table_name="checklists_checklist")
    op.drop_index("ix_checklists_checklist_step_id", table_name="checklists_checklist")
    op.drop_index("ix_checklists_checklist_completed_by", table_name="checklists_checklist")
    op.drop_table("checklists_checklist")
    op.drop_index("ix_requests_task_request_template_id", table_name="requests_task_request")
    op.drop_index("ix_requests_task_request_task_id", table_name="requests_task_request")
    op.drop_index("ix_requests_task_request_status_created_at", table_name="requests_task_request")
    op.drop_index("ix_requests_task_request_project_id_status", table_name="requests_task_request")
    op.drop_index("ix_requests_task_request_entity_id", table_name="requests_task_request")
    op.drop_index("ix_requests_task_request_decided_by", table_name="requests_task_request")
    op.drop_index("ix_requests_task_request_created_by_status", table_name="requests_task_request")
    op.drop_table("requests_task_request")
    op.drop_index(
        "uq_recurring_occurrence_series_id_on_day",
        table_name="recurring_occurrence",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_recurring_occurrence_task_id", table_name="recurring_occurrence")
    op.drop_index("ix_recurring_occurrence_series_id", table_name="recurring_occurrence")
    op.drop_table("recurring_occurrence")
    op.drop_index(
        "uq_planning_baseline_task_baseline_id_task_id",
        table_name="planning_baseline_task",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_planning_baseline_task_task_id", table_name="planning_baseline_task")
    op.drop_index("ix_planning_baseline_task_baseline_id", table_name="planning_baseline_task")
    op.drop_table("planning_baseline_task")
    op.drop_index(
        "ix_milestones_milestone_communication_recipients_target",
        table_name="milestones_milestone_communication_recipients",
    )
    op.drop_table("milestones_milestone_communication_recipients")
    op.drop_index(
        "ix_checklists_task_result_user_id_created_at", table_name="checklists_task_result"
    )
    op.drop_index("ix_checklists_task_result_task_id", table_name="checklists_task_result")
    op.drop_index(
        "ix_checklists_task_result_result_type_result_id", table_name="checklists_task_result"
    )
    op.drop_table("checklists_task_result")
    op.drop_index("ix_checklists_step_task_id_sort_order", table_name="checklists_step")
    op.drop_index("ix_checklists_step_step_template_id", table_name="checklists_step")
    op.drop_index("ix_checklists_step_completed_by", table_name="checklists_step")
    op.drop_index("ix_checklists_step_assignee_id_is_completed", table_name="checklists_step")
    op.drop_table("checklists_step")
    op.drop_index(
        "ix_recurring_task_series_assignees_target", table_name="recurring_task_series_assignees"
    )
    op.drop_table("recurring_task_series_assignees")
    op.drop_index(
        "ix_milestones_success_metric_milestone_id", table_name="milestones_success_metric"
    )
    op.drop_table("milestones_success_metric")
    op.drop_index("ix_milestones_milestone_tags_target", table_name="milestones_milestone_tags")
    op.drop_table("milestones_milestone_tags")
    op.drop_index(
        "ix_milestones_milestone_stakeholders_target",
        table_name="milestones_milestone_stakeholders",
    )
    op.drop_table("milestones_milestone_stakeholders")
    op.drop_index(
        "uq_milestones_milestone_dependency_milestone_id_depends_on_id",
        table_name="milestones_milestone_dependency",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_milestones_milestone_dependency_milestone_id",
        table_name="milestones_milestone_dependency",
    )
    op.drop_index(
        "ix_milestones_milestone_dependency_depends_on_id",
        table_name="milestones_milestone_dependency",
    )
    op.drop_table("milestones_milestone_dependency")
    op.drop_index(
        "ix_milestones_milestone_condition_milestone_id_sort_order",
        table_name="milestones_milestone_condition",
    )
    op.drop_index(
        "ix_milestones_milestone_condition_completed_by",
        table_name="milestones_milestone_condition",
    )
    op.drop_index(
        "ix_milestones_milestone_condition_assigned_to_status",
        table_name="milestones_milestone_condition",
    )
    op.drop_table("milestones_milestone_condition")
    op.drop_index(
        "ix_milestones_milestone_communication_milestone_id",
        table_name="milestones_milestone_communication",
    )
    op.drop_table("milestones_milestone_communication")
    op.drop_index(
        "ix_milestones_milestone_approval_milestone_id", table_name="milestones_milestone_approval"
    )
    op.drop_index(
        "ix_milestones_milestone_approval_approver_id_status",
        table_name="milestones_milestone_approval",
    )
    op.drop_table("milestones_milestone_approval")
    op.drop_index("ix_milestones_deliverable_reviewer_id", table_name="milestones_deliverable")
    op.drop_index("ix_milestones_deliverable_milestone_id", table_name="milestones_deliverable")
    op.drop_table("milestones_deliverable")
    op.drop_index(
        "ix_charter_project_risk_project_id_status_score", table_name="charter_project_risk"
    )
    op.drop_index("ix_charter_project_risk_owner_id", table_name="charter_project_risk")
    op.drop_index("ix_charter_project_risk_milestone_id", table_name="charter_project_risk")
    op.drop_table("charter_project_risk")
    op.drop_index(
        "uq_charter_document_version_document_id_revision",
        table_name="charter_document_version",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_charter_document_version_revised_by", table_name="charter_document_version")
    op.drop_index("ix_charter_document_version_file_id", table_name="charter_document_version")
    op.drop_index("ix_charter_document_version_document_id", table_name="charter_document_version")
    op.drop_table("charter_document_version")
    op.drop_index(
        "uq_templates_step_template_item_step_template_id_checkli_165c68",
        table_name="templates_step_template_item",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_templates_step_template_item_step_template_id",
        table_name="templates_step_template_item",
    )
    op.drop_index(
        "ix_templates_step_template_item_checklist_item_id",
        table_name="templates_step_template_item",
    )
    op.drop_table("templates_step_template_item")
    op.drop_index("ix_recurring_task_series_template_id", table_name="recurring_task_series")
    op.drop_index("ix_recurring_task_series_status_make_on", table_name="recurring_task_series")
    op.drop_index("ix_recurring_task_series_project_id", table_name="recurring_task_series")
    op.drop_index("ix_recurring_task_series_maker_id", table_name="recurring_task_series")
    op.drop_table("recurring_task_series")
    op.drop_index("ix_planning_baseline_taken_by", table_name="planning_baseline")
    op.drop_index("ix_planning_baseline_project_id_taken_at", table_name="planning_baseline")
    op.drop_table("planning_baseline")
    op.drop_index("ix_milestones_milestone_project_id_status", table_name="milestones_milestone")
    op.drop_index(
        "ix_milestones_milestone_project_id_sort_order", table_name="milestones_milestone"
    )
    op.drop_index("ix_milestones_milestone_phase_id", table_name="milestones_milestone")
    op.drop_index("ix_milestones_milestone_owner_id", table_name="milestones_milestone")
    op.drop_index(
        "ix_milestones_milestone_milestone_template_id", table_name="milestones_milestone"
    )
    op.drop_index("ix_milestones_milestone_due_date_status", table_name="milestones_milestone")
    op.drop_index("ix_milestones_milestone_completed_by", table_name="milestones_milestone")
    op.drop_table("milestones_milestone")
    op.drop_index(
        "uq_charter_service_provided_project_id_service_name",
        table_name="charter_service_provided",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_charter_service_provided_project_id", table_name="charter_service_provided")
    op.drop_table("charter_service_provided")
    op.drop_index("ix_charter_project_document_revised_by", table_name="charter_project_document")
    op.drop_index(
        "ix_charter_project_document_project_id_category", table_name="charter_project_document"
    )
    op.drop_index("ix_charter_project_document_file_id", table_name="charter_project_document")
    op.drop_table("charter_project_document")
    op.drop_index("ix_charter_goal_support_employee_id", table_name="charter_goal")
    op.drop_index("ix_charter_goal_project_id_status", table_name="charter_goal")
    op.drop_table("charter_goal")
    op.drop_index(
        "uq_templates_task_template_step_task_template_id_step_te_ae2628",
        table_name="templates_task_template_step",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_templates_task_template_step_task_template_id",
        table_name="templates_task_template_step",
    )
    op.drop_index(
        "ix_templates_task_template_step_step_template_id",
        table_name="templates_task_template_step",
    )
    op.drop_table("templates_task_template_step")
    op.drop_index(
        "ix_templates_task_template_professions_target",
        table_name="templates_task_template_professions",
    )
    op.drop_table("templates_task_template_professions")
    op.drop_index(
        "uq_templates_task_template_parent_task_template_id_paren_51f2f0",
        table_name="templates_task_template_parent",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_templates_task_template_parent_task_template_id",
        table_name="templates_task_template_parent",
    )
    op.drop_index(
        "ix_templates_task_template_parent_parent_task_template_id",
        table_name="templates_task_template_parent",
    )
    op.drop_table("templates_task_template_parent")
    op.drop_index(
        "uq_templates_task_template_dependency_task_template_id_d_ed249e",
        table_name="templates_task_template_dependency",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_templates_task_template_dependency_task_template_id",
        table_name="templates_task_template_dependency",
    )
    op.drop_index(
        "ix_templates_task_template_dependency_depends_on_id",
        table_name="templates_task_template_dependency",
    )
    op.drop_table("templates_task_template_dependency")
    op.drop_index(
        "uq_templates_project_template_task_project_template_id_t_9d9406",
        table_name="templates_project_template_task",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_templates_project_template_task_task_template_id",
        table_name="templates_project_template_task",
    )
    op.drop_index(
        "ix_templates_project_template_task_project_template_id",
        table_name="templates_project_template_task",
    )
    op.drop_table("templates_project_template_task")
    op.drop_index(
        "uq_templates_project_template_milestone_project_template_48bcfa",
        table_name="templates_project_template_milestone",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_templates_project_template_milestone_project_template_id",
        table_name="templates_project_template_milestone",
    )
    op.drop_index(
        "ix_templates_project_template_milestone_milestone_template_id",
        table_name="templates_project_template_milestone",
    )
    op.drop_table("templates_project_template_milestone")
    op.drop_index(
        "uq_templates_milestone_template_task_milestone_template__f0b92e",
        table_name="templates_milestone_template_task",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_templates_milestone_template_task_task_template_id",
        table_name="templates_milestone_template_task",
    )
    op.drop_index(
        "ix_templates_milestone_template_task_milestone_template_id",
        table_name="templates_milestone_template_task",
    )
    op.drop_table("templates_milestone_template_task")
    op.drop_index("ix_templates_checklist_item_tool_id", table_name="templates_checklist_item")
    op.drop_index("ix_templates_checklist_item_placement_id", table_name="templates_checklist_item")
    op.drop_index("ix_templates_checklist_item_object_id", table_name="templates_checklist_item")
    op.drop_index("ix_templates_checklist_item_entity_id", table_name="templates_checklist_item")
    op.drop_index("ix_templates_checklist_item_action_id", table_name="templates_checklist_item")
    op.drop_table("templates_checklist_item")
    op.drop_index("ix_planning_holiday_people_target", table_name="planning_holiday_people")
    op.drop_table("planning_holiday_people")
    op.drop_index("ix_templates_task_template_object_id", table_name="templates_task_template")
    op.drop_index("ix_templates_task_template_frequency_id", table_name="templates_task_template")
    op.drop_index("ix_templates_task_template_entity_id", table_name="templates_task_template")
    op.drop_index("ix_templates_task_template_action_id", table_name="templates_task_template")
    op.drop_table("templates_task_template")
    op.drop_index("ix_templates_step_template_tool_id", table_name="templates_step_template")
    op.drop_index("ix_templates_step_template_object_id", table_name="templates_step_template")
    op.drop_index("ix_templates_step_template_entity_id", table_name="templates_step_template")
    op.drop_index("ix_templates_step_template_action_id", table_name="templates_step_template")
    op.drop_table("templates_step_template")
    op.drop_index(
        "ix_templates_project_template_entity_id", table_name="templates_project_template"
    )
    op.drop_index(
        "ix_templates_project_template_category_id", table_name="templates_project_template"
    )
    op.drop_table("templates_project_template")
    op.drop_index(
        "ix_templates_milestone_template_entity_id", table_name="templates_milestone_template"
    )
    op.drop_table("templates_milestone_template")
    op.drop_index(
        "uq_reference_placement_name",
        table_name="reference_placement",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_reference_placement_tool_id", table_name="reference_placement")
    op.drop_table("reference_placement")
    op.drop_index(
        "uq_projects_project_phase_category_id_code",
        table_name="projects_project_phase",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_projects_project_phase_category_id", table_name="projects_project_phase")
    op.drop_table("projects_project_phase")
    op.drop_index("ix_planning_holiday_date_end_date", table_name="planning_holiday")
    op.drop_index("ix_planning_holiday_calendar_id_date", table_name="planning_holiday")
    op.drop_table("planning_holiday")
    op.drop_index(
        "uq_reference_tool_name",
        table_name="reference_tool",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("reference_tool")
    op.drop_index(
        "uq_reference_term_kind_name",
        table_name="reference_term",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("reference_term")
    op.drop_index(
        "uq_reference_frequency_name",
        table_name="reference_frequency",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("reference_frequency")
    op.drop_index(
        "uq_projects_project_category_code",
        table_name="projects_project_category",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("projects_project_category")
    op.drop_index(
        "uq_planning_work_calendar_name",
        table_name="planning_work_calendar",
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("planning_work_calendar")
    # ### end Alembic commands ###
