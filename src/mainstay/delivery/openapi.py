"""The OpenAPI 3.1 document and its browsable page, both read from the registry."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Request, get
from litestar.response import Response
from msgspec import Struct

from mainstay.delivery.placing import Placed
from mainstay.kernel import perform
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Entry
from mainstay.kernel.module import Action, Question, sentence
from mainstay.kernel.noun import Noun
from mainstay.kernel.place import Placing, board_of
from mainstay.kernel.problems import FieldError, catalogue
from mainstay.kernel.query import Summary
from mainstay.kernel.registry import Registry

REFS = "#/components/schemas/{name}"
Rq = Request[Any, Any, Any]
Operation = dict[str, Any]


class ProblemDocument(Struct):
    """A refusal (RFC 9457): what happened, which fields are meant, what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    errors: list[FieldError] = []


class Paths:
    """Writes the operations of one registry, collecting the types they mention."""

    def __init__(self, registry: Registry) -> None:
        """Begin with the types that every resource shares."""
        self.registry = registry
        self.types: list[Any] = [ProblemDocument, Entry, perform.Bulk, perform.Outcome]
        self.rows = {key: row_type(noun) for key, noun in registry.nouns.items()}
        self.paths: dict[str, dict[str, Operation]] = {}
        self.known: dict[int, dict[str, Any]] = {}

    def write(self) -> dict[str, dict[str, Operation]]:
        """Return every path with its operations."""
        for noun in self.registry.nouns.values():
            self._resource(noun)
        for key, (module, asked) in self.registry.questions.items():
            self.add(f"/api/{module.name}/ask/{asked.name}", "get", self._question(key, asked))
        return self.paths

    def add(self, path: str, method: str, operation: Operation) -> None:
        """Add one operation with the refusals that every operation may give."""
        problem = {"$ref": REFS.format(name="ProblemDocument")}
        refusals = {
            status: {
                "description": words,
                "content": {"application/problem+json": {"schema": problem}},
            }
            for status, words in (
                ("400", "The request could not be read"),
                ("401", "Sign in first"),
                ("403", "You may not do this"),
                ("404", "There is nothing here"),
                ("409", "This cannot be done now"),
                ("413", "The request is too large"),
                ("415", "This format is not accepted here"),
                ("422", "Some values were not accepted"),
                ("503", "The workspace is not available right now"),
            )
        }
        operation["responses"] |= refusals
        self.paths.setdefault(path, {})[method] = operation

    def ref(self, kind: Any) -> dict[str, Any]:
        """Return the schema reference of a type, and remember the type."""
        if _is_entity(kind):
            kind = self.rows[self.registry.noun(kind).key]
        if id(kind) in self.known:
            return self.known[id(kind)]
        if not any(seen is kind for seen in self.types):
            self.types.append(kind)
        return {}

    def _resource(self, noun: Noun) -> None:
        path, row = f"/api/{noun.path}", self.ref(self.rows[noun.key])
        page = {
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": {"type": "array", "items": row},
                "next": {"type": ["string", "null"], "description": "Cursor of the next page"},
                "count": {"type": "integer", "description": "Only with count=true, capped"},
                "more": {"type": "boolean", "description": "Whether there are more than count"},
            },
        }
        listed = operation(noun, "list", f"List {noun.plural.lower()}", page)
        listed["parameters"] = list(query_parameters(noun))
        self.add(path, "get", listed)
        one = operation(noun, "get", f"Get one {noun.title.lower()}", row)
        one["parameters"] = [RECORD, *(p for p in query_parameters(noun) if p["name"] in ONE)]
        self.add(f"{path}/{{id}}", "get", one)
        summed = operation(
            noun, "summary", f"Sum up {noun.plural.lower()} by group", self.ref(Summary)
        )
        passed = ("sort", "include", "fields", "limit", "cursor", "count")
        rest = (p for p in query_parameters(noun) if p["name"] not in passed)
        summed["parameters"] = [*SUMMARY, *rest]
        self.add(f"{path}/summary", "get", summed)
        self._writes(noun, path, row)
        history = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": self.ref(Entry)}},
        }
        past = operation(noun, "history", f"History of one {noun.title.lower()}", history)
        past["parameters"] = [RECORD]
        self.add(f"{path}/{{id}}/history", "get", past)
        for action in noun.actions.values():
            self._verb(noun, action, path)

    def _writes(self, noun: Noun, path: str, row: dict[str, Any]) -> None:
        title, verbs = noun.title.lower(), noun.resource.verbs
        if "create" in verbs:
            made = operation(noun, "create", f"Create a {title}", row, "201")
            made["requestBody"] = body(self.ref(noun.create_type))
            made["parameters"] = [IDEMPOTENCY]
            self.add(path, "post", made)
        if "update" in verbs:
            changed = operation(noun, "update", f"Change a {title}", row)
            changed["requestBody"] = body(self.ref(noun.update_type))
            changed["parameters"] = [RECORD, IF_MATCH]
            self.add(f"{path}/{{id}}", "patch", changed)
            if board_of(noun):
                placed = operation(
                    noun,
                    "place",
                    f"Put a {title} into a column and between two others",
                    self.ref(Placed),
                )
                placed["requestBody"] = body(self.ref(Placing))
                placed["parameters"] = [RECORD, IF_MATCH, IDEMPOTENCY]
                self.add(f"{path}/{{id}}/place", "post", placed)
        if "delete" in verbs:
            binned = operation(noun, "delete", f"Put a {title} into the bin", row)
            binned["parameters"] = [RECORD, IF_MATCH]
            self.add(f"{path}/{{id}}", "delete", binned)
        if "restore" in verbs:
            back = operation(noun, "restore", f"Take a {title} out of the bin", row)
            back["parameters"] = [RECORD, IF_MATCH, IDEMPOTENCY]
            self.add(f"{path}/{{id}}/restore", "post", back)
        if set(verbs) & {"create", "update", "delete"}:
            many = operation(
                noun,
                "bulk",
                f"Change many {noun.plural.lower()} at once",
                self.ref(perform.Outcome),
            )
            many["requestBody"] = body(self.ref(perform.Bulk))
            many["parameters"] = [IDEMPOTENCY]
            self.add(f"{path}/bulk", "post", many)

    def _verb(self, noun: Noun, action: Action, path: str) -> None:
        row = self.ref(self.rows[noun.key])
        said = operation(noun, action.name, sentence(action.doc) or action.label, row)
        said["description"] = action.doc
        if action.data is not None:
            said["requestBody"] = body(self.ref(action.data))
        if action.entity is None:
            said["parameters"] = [IDEMPOTENCY]
            self.add(f"{path}/{action.name}", "post", said)
            return
        said["parameters"] = [RECORD, IF_MATCH, IDEMPOTENCY]
        self.add(f"{path}/{{id}}/{action.name}", "post", said)

    def _question(self, key: str, asked: Question) -> Operation:
        answer = self.ref(asked.answer)
        parameters = []
        for part in msgspec.structs.fields(asked.ask) if asked.ask else ():
            (schema,), _ = msgspec.json.schema_components([part.type], ref_template=REFS)
            parameters.append(
                {"name": part.name, "in": "query", "required": part.required, "schema": schema}
            )
        return {
            "operationId": key,
            "tags": [key.partition(".")[0]],
            "summary": sentence(asked.doc) or asked.label,
            "description": asked.doc,
            "parameters": parameters,
            "responses": {"200": answered(answer)},
        }


RECORD = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag you know; a newer record answers 409 with its current state",
    "schema": {"type": "string"},
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The first answer to this key is replayed for 24 hours",
    "schema": {"type": "string", "maxLength": 255},
}
ONE = ("include", "fields")
ANY = (
    "Alternatives separated by |, each of conditions joined by ;, like "
    "status=todo|priority=high;due_date__lt=today. Repeated ones are all required; "
    "a backslash stands before |, ; and \\ in a value"
)
CUSTOM_WORDS = (
    "A field that the workspace has added, by the name of its definition "
    "(/api/custom_fields/fields): cf.severity=high, cf.score__gte=3; also in sort, fields, any, "
    "by and measure"
)


def _text(name: str, words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}


BY = (
    "Up to two fields to group by, separated by commas; dates with a span: "
    "status,due_date:month (day, week, month, quarter, year). One row without it"
)
MEASURE = (
    "What is worked out of each group: count, sum:field, avg:field, min:field, max:field, "
    "separated by commas; usually count"
)
LIMIT = "Groups, at most 1000, usually 1000; the largest are kept"
SUMMARY = (_text("by", BY), _text("measure", MEASURE), _text("limit", LIMIT))


def body(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON request body."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def answered(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON answer."""
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def operation(
    noun: Noun, verb: str, summary: str, schema: dict[str, Any], status: str = "200"
) -> Operation:
    """Return one operation of a resource."""
    return {
        "operationId": f"{noun.key}.{verb}",
        "tags": [noun.module.name],
        "summary": summary,
        "responses": {status: answered(schema)},
    }


def query_parameters(noun: Noun) -> Iterator[dict[str, Any]]:
    """Yield what a list may be asked: each filter, and the words that every list knows."""
    for name, words in (
        ("q", "Words to search for"),
        ("sort", "Fields to sort by, separated by commas; - before a field turns it around"),
        ("include", "References to answer whole, separated by commas"),
        ("fields", "Fields to answer, separated by commas"),
        ("limit", "Records a page, at most 1000; usually 50"),
        ("cursor", "Where the page begins: `next` of the page before"),
        ("deleted", "no, only or with: records in the bin"),
        ("count", "true to count the records, up to 1000"),
        ("any", ANY),
    ):
        yield {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}
    if noun.resource.named:
        known = "; ".join(f"{one.name}: {one.title}" for one in noun.resource.named)
        yield _text("is", f"Conditions with a name, separated by commas. {known}")
    if noun.extensible:
        yield _text("cf.name", CUSTOM_WORDS)
    for name, item in noun.fields.items():
        if item.kind.secret:
            continue
        known = ", ".join(f"{name}__{op}" if op else name for op in item.kind.operators)
        yield {
            "name": name,
            "in": "query",
            "description": f"{item.kind.help or item.label}. Forms: {known}",
            "schema": {"type": "string"},
        }


def row_type(noun: Noun) -> type[Struct]:
    """Return the type of a record as it is answered."""
    groups = frozenset(item.kind.group for item in noun.fields.values())
    names = ("id", *(n for n in noun.readable(groups) if n != "id"), *noun.links)
    parts = [(name, noun.fields[name].wire_type) for name in names]
    return msgspec.defstruct(
        noun.entity.__name__, parts, module=noun.entity.__module__, namespace={"__doc__": noun.doc}
    )


def document(registry: Registry) -> dict[str, Any]:
    """Return the OpenAPI document of everything declared."""
    # Written twice: only when every type is known do those of one name get names of their own.
    paths = Paths(registry)
    paths.write()
    schemas, components = msgspec.json.schema_components(paths.types, ref_template=REFS)
    paths.known = {id(kind): schema for kind, schema in zip(paths.types, schemas, strict=True)}
    operations = paths.write()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mainstay",
            "version": version("mainstay"),
            "description": "Conventions and errors are described in the guide: docs/guide/api.md.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [
            {"name": module.name, "description": module.doc} for module in registry.modules.values()
        ],
        "paths": operations,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "x-problems": [
            {"type": f"/problems/{kind.code}", "status": kind.status, "title": kind.title}
            for kind in catalogue()
        ],
    }


def _is_entity(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Entity)


def _document(request: Rq) -> dict[str, Any]:
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = document(state.ws.registry)
    return state.openapi  # type: ignore[no-any-return]


@get("/api/openapi.json", sync_to_thread=False)
def openapi_json(request: Rq) -> Response[bytes]:
    """Return the OpenAPI document."""
    return Response(msgspec.json.encode(_document(request)), media_type="application/json")


@get("/api/reference", sync_to_thread=False)
def reference(request: Rq) -> Response[Any]:
    """Show the API as a page."""
    renderer = request.app.state.renderer
    page: Response[Any] = renderer.page(request, "reference.html", api=_document(request))
    return page


ROUTES = [openapi_json, reference]
