"""The contract: Forgejo's own description of its interface (Swagger 2.0), held against every request and answer.

The description is not part of this repository. Without it the forge runs all the same, and says that nothing was
checked.
"""

import json
import os
import re

BODY_METHODS = ("POST", "PATCH", "PUT")
# Swagger 2.0 calls these plain strings; Forgejo knows just these values and ignores or refuses others.
VALUES = {
    "CreateStatusOption": ("state", {"pending", "success", "error", "failure", "warning", "skipped"}),
    "CreatePullReviewOptions": ("event", {"APPROVED", "PENDING", "COMMENT", "REQUEST_CHANGES", "REQUEST_REVIEW", ""}),
}


def find_description() -> str | None:
    """In the folder STAGEX_MAINT_SHARED, else in ../shared beside the package."""
    here = os.path.dirname(os.path.abspath(__file__))
    beside = os.path.join(here, "..", "..", "..", "..", "shared")
    folder = os.environ.get("STAGEX_MAINT_SHARED") or os.path.normpath(beside)
    path = os.path.join(folder, "data", "forgejo", "subset-16.0.1.json")
    return path if os.path.exists(path) else None


class Contract:
    def __init__(self, path: str):
        import jsonschema  # Debian's python3-jsonschema; needed only here, and slow to load

        self._validator = jsonschema.Draft4Validator
        with open(path) as f:
            self.description = json.load(f)
        self._validators: dict[str, object] = {}

    @property
    def version(self) -> str:
        return self.description["info"]["version"]

    def operation(self, method: str, path: str) -> dict | None:
        return self.description["paths"].get(path, {}).get(method.lower())

    def check_request(self, method, template, operation, query, content_type, body, is_json) -> list[str]:
        """What a request does that the description does not allow. Forgejo ignores unknown members and parameters in
        silence; in a client they are mistakes."""
        described = self.operation(method, template)
        if described is None:
            return [f"{method} {template}: not in the description"]
        found = []
        if described["operationId"] != operation:
            found.append(f"SERVER {method} {template} is {described['operationId']}, not {operation}")
        parameters = described.get("parameters", [])
        known = {p["name"] for p in parameters if p["in"] == "query"}
        found += [f"unknown query parameter {name!r}" for name in query if name not in known]
        schema = next((p["schema"] for p in parameters if p["in"] == "body"), None)
        if schema and method in BODY_METHODS:
            if content_type.split(";")[0].strip() != "application/json":
                found.append("Content-Type is not application/json")
            found += self._check_body(body, schema) if is_json else ["body is not JSON"]
        return [v if v.startswith(("SERVER", method)) else f"{method} {template}: {v}" for v in found]

    def _check_body(self, body, schema: dict) -> list[str]:
        name = schema.get("$ref", "").split("/")[-1]
        found = self._errors(body, schema)
        if isinstance(body, dict):
            members = self.description["definitions"].get(name, {}).get("properties", {})
            found += [f"unknown member {m!r} in {name}" for m in body if m not in members]
            member, values = VALUES.get(name, (None, ()))
            if member and body.get(member) not in values:
                found.append(f"{member}={body.get(member)!r} is no known value")
        return found

    def check_answer(self, method: str, template: str, status: int, answer) -> list[str]:
        """What the forge itself answers against the description: a fault of ours."""
        described = self.operation(method, template)
        if described is None:
            return []
        response = described["responses"].get(str(status))
        if response is None:
            if status in (401, 403):  # who may do what is described nowhere
                return []
            return [f"SERVER {method} {template}: answers {status}, which is not described"]
        if "$ref" in response:
            response = self.description["responses"][response["$ref"].split("/")[-1]]
        if "schema" not in response or not isinstance(answer, (dict, list)):
            return []
        errors = self._errors(without_nulls(answer), response["schema"])
        return [f"SERVER {method} {template} {status}: {e}" for e in errors]

    def _errors(self, instance, schema: dict) -> list[str]:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            self._validators[key] = self._validator(schema | {"definitions": self.description["definitions"]})
        errors = self._validators[key].iter_errors(instance)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in errors]


def without_nulls(value):
    """Go writes null for empty pointers and lists; Swagger 2.0 has no word for that."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return [without_nulls(v) for v in value] if isinstance(value, list) else value


def pattern(template: str) -> re.Pattern:
    """A path template as a pattern. Names of branches and refs may hold slashes."""
    wide = {"ref", "branch", "head"}
    parts = re.split(r"\{(\w+)\}", template)
    text = "".join(
        re.escape(part) if i % 2 == 0 else f"(?P<{part}>{'.+' if part in wide else '[^/]+'})"
        for i, part in enumerate(parts)
    )
    return re.compile(f"^{text}$")
