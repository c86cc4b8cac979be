"""What the words of other programs mean here: statuses, types, priorities and how work ended."""

import re
from collections.abc import Mapping

from mainstay.modules.importers.model import Stage

STATUSES = ("backlog", "todo", "in_progress", "review", "testing", "blocked", "done", "cancelled")
TYPES = ("story", "bug", "epic", "spike", "task", "feature", "improvement")
PRIORITIES = ("lowest", "low", "medium", "high", "highest")
SEVERITIES = {"highest": "critical", "high": "major", "medium": "major", "low": "minor"}
ISSUE_STATUS = {
    "backlog": "open",
    "todo": "open",
    "in_progress": "in_progress",
    "review": "in_progress",
    "testing": "in_progress",
    "blocked": "in_progress",
    "done": "closed",
    "cancelled": "cancelled",
}

# The first rule whose word a status holds decides; finer words stand before coarser ones.
_STATUS: tuple[tuple[str, str], ...] = (
    (
        "cancelled",
        (
            r"cancel|abgebrochen|verworfen|abgelehnt|declin|reject|abandon|obsolete|discard|annul|"
            r"wont ?(do|fix)|won t (do|fix)|wont|not planned|dropped|invalid|duplicate|"
            r"withdrawn|geschlossen ohne"
        ),
    ),
    (
        "blocked",
        (
            r"block|on ?hold|waiting|wartet|pausiert|zurückgestellt|impeded|stuck|suspended|"
            r"en attente|bloqu|pending|angehalten|needs info|awaiting"
        ),
    ),
    (
        "done",
        (
            r"(?<!dev )(?<!development )(?<!code )(?<!not )(?<!be )(?<!qa )\bdone\b|"
            r"^(closed|finished|completed?|fertig|erledigt)\b"
        ),
    ),
    ("todo", r"sprint backlog|ready for dev|selected for dev"),
    (
        "testing",
        r"\bqa\b|test|verif|validat|staging|\buat\b|abnahme|quality|prüfung|pruefung|recette",
    ),
    (
        "review",
        (
            r"review|approval|approv|code ?check|pull request|\bpr\b|überprüf|begutacht|freigabe|"
            r"revue|revisión|feedback"
        ),
    ),
    (
        "backlog",
        (
            r"backlog|icebox|someday|idea|ideen|later|inbox|wish|ice box|unsorted|triage|später|"
            r"wunschliste|parking|future"
        ),
    ),
    (
        "todo",
        (
            r"not started|not yet|to ?do\b|^open$|reopen|selected|ready for dev|ready to|^ready$|"
            r"^new$|^neu$|offen|"
            r"zu erledigen|à faire|a faire|por hacer|pendiente|planned|geplant|next|sprint|"
            r"this week|heute|today|accepted|assigned|da fare|te doen|aufgaben"
        ),
    ),
    (
        "done",
        (
            r"done|clos|complet|resolv|finish|fixed|fertig|erledigt|geschlossen|abgeschlossen|"
            r"released|deployed|shipped|live|archiv|termin|fini|hecho|cerrad|fatto|klaar|delivered|"
            r"veröffentlicht|behoben|merged|✅|✔"
        ),
    ),
    (
        "in_progress",
        (
            r"progress|doing|start|develop|bearbeitung|in arbeit|läuft|working|wip|ongoing|"
            r"en cours|en curso|implement|active|building|current|in dev|under way|underway|bezig"
        ),
    ),
)
_RULES = tuple((status, re.compile(words, re.IGNORECASE)) for status, words in _STATUS)
BY_STAGE: Mapping[str, str] = {"todo": "todo", "doing": "in_progress", "done": "done"}
_STAGE_OF: Mapping[str, Stage] = {
    "backlog": "todo",
    "todo": "todo",
    "in_progress": "doing",
    "review": "doing",
    "testing": "doing",
    "blocked": "doing",
    "done": "done",
    "cancelled": "done",
}
_TYPES = (
    ("epic", r"epic|epik|épopée|épica|initiative|theme|saga"),
    ("bug", r"\bbug|defect|fehler|error|incident|störung|problem|regression|fault|anomalie|erreur"),
    ("spike", r"spike|research|investigat|recherche|discovery|prototype|analyse|analysis"),
    ("improvement", r"improve|verbesser|enhanc|optimi|refactor|amélior|mejora|tech(nical)? debt"),
    ("feature", r"feature|funktion|fonctionnalité|capability|wish|wunsch|request|proposal"),
    ("story", r"story|geschichte|historia|récit"),
)
_TYPE_RULES = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _TYPES)
_PRIORITIES = (
    (
        "highest",
        (
            r"highest|blocker|critical|kritisch|urgent|dringend|immediate|sofort|höchst|p0\b|^0$|"
            r"showstopper|très haute|crítica|critique|asap"
        ),
    ),
    ("lowest", r"lowest|trivial|niedrigst|unwichtig|p4\b|p5\b|^5$|très basse|none|keine"),
    ("high", r"high|hoch|major|wichtig|important|p1\b|^1$|^2$|haute|alta|schwer|elev"),
    ("low", r"\blow|niedrig|gering|minor|p3\b|^4$|basse|baja|klein|cosmetic|nice to have"),
    ("medium", r"medium|mittel|normal|moderate|default|p2\b|^3$|moyenne|media"),
)
_PRIORITY_RULES = tuple((one, re.compile(words, re.IGNORECASE)) for one, words in _PRIORITIES)
_DROPPED = re.compile(
    r"won'?t|wont|not planned|not_planned|duplic|cannot|can't|invalid|declin|reject|abandon|"
    r"obsolete|incomplete|not a bug|works? as|as designed|kein fehler|nicht (behoben|umgesetzt)|"
    r"duplikat|abgelehnt|withdrawn|cancel|later|no longer|unbegründet",
    re.IGNORECASE,
)
_RESOLUTIONS = (
    ("duplicate", r"duplic|duplik"),
    ("cannot_reproduce", r"reproduc|reproduz|nachvollzieh"),
    ("wont_fix", r"won'?t|wont|not planned|not_planned|declin|reject|abandon|nicht behoben"),
    ("works_as_designed", r"design|as intended|not a bug|kein fehler"),
    ("incomplete", r"incomplete|insufficient|unvollständig"),
    ("invalid", r"invalid|ungültig|obsolete|withdrawn|cancel"),
    ("deferred", r"later|defer|postpone|aufgeschoben"),
    ("moved", r"moved|verschoben"),
    ("fixed", r"fixed|done|resolved|complet|implement|behoben|fertig|erledigt|delivered"),
)
_RESOLUTION_RULES = tuple((one, re.compile(words, re.IGNORECASE)) for one, words in _RESOLUTIONS)


def _spoken(name: str) -> str:
    return re.sub(r"[\s_/\-\u2019']+", " ", name).strip()


def status_of(name: str, stage: Stage = "") -> str:
    """Return what a status means here; what the program itself says of it stands over its name."""
    low = _spoken(name)
    found = next((status for status, rule in _RULES if low and rule.search(low)), "")
    if not stage:
        return found or "todo"
    if found and _STAGE_OF[found] == stage:
        return found
    return BY_STAGE[stage]


def stage_of(status: str) -> Stage:
    """Return how far a status of ours is."""
    return _STAGE_OF.get(status, "todo")


def type_of(name: str) -> str:
    """Return what a type means here; an unknown one is a task."""
    return next((kind for kind, rule in _TYPE_RULES if rule.search(name)), "task")


def priority_of(name: str) -> str:
    """Return what a priority means here; an unknown one is medium."""
    return next((one for one, rule in _PRIORITY_RULES if rule.search(name.strip())), "medium")


def dropped(resolution: str) -> bool:
    """Return whether an ending means that the work was not done."""
    return bool(resolution) and bool(_DROPPED.search(resolution))


def resolution_of(resolution: str, status: str) -> str:
    """Return how an issue ended here."""
    found = next((one for one, rule in _RESOLUTION_RULES if rule.search(resolution)), "")
    if status not in ("done", "cancelled"):
        return "unresolved"
    return found or ("fixed" if status == "done" else "wont_fix")
