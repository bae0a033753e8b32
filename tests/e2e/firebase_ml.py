"""A loopback Firebase ML that takes only what the discovery document of the real one describes.

The document (`tests/data/firebaseml.v1beta2.json`, Apache-2.0) is the one that google-api-python-client ships. Paths,
methods, query parameters and every field of bodies and answers are checked against it; what the service does with them
is told in Firebase's documentation: display names are unique, a model is fetched from its address and checked, changes
are operations to be polled.
"""

import json
import re
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

DISCOVERY = json.loads((Path(__file__).parents[1] / "data" / "firebaseml.v1beta2.json").read_text(encoding="utf-8"))
SCHEMAS = DISCOVERY["schemas"]


class FirebaseMl:
    """The service, until `close`; also the token server of its accounts."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.models: dict[str, dict[str, Any]] = {}
        self.bytes: dict[str, bytes] = {}
        self.operations: dict[str, dict[str, Any]] = {}
        self.changes = 0
        self.faults: list[str] = []
        self.fail_at: int | None = None
        self.answer_lost = False
        self.etags = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: object) -> None:
                pass

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, said = service.handle(self.command, self.path, body, self.headers)
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def published(self, name: str) -> tuple[int, bytes] | None:
        """What a phone gets of a name: version by its tag, and bytes."""
        for number, model in self.models.items():
            if model["displayName"] == name and model.get("state", {}).get("published"):
                tag = next(tag for tag in model["tags"] if tag.startswith("weldspot-v"))
                return int(tag[len("weldspot-v") :]), self.bytes[number]
        return None

    def handle(self, method: str, path: str, body: bytes, headers: Any) -> tuple[int, Any]:
        parts = urlsplit(path)
        if parts.path == "/token":
            return 200, {"access_token": "token", "expires_in": 3600, "token_type": "Bearer"}
        if headers.get("Authorization") != "Bearer token":
            return 401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}
        described = self._described(method, parts.path.lstrip("/"))
        if described is None:
            self.faults.append(f"{method} {parts.path} is not in the discovery document")
            return 404, {"error": {"code": 404, "status": "NOT_FOUND"}}
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self._check_query(described, query)
        sent = json.loads(body) if body else {}
        if "request" in described:
            self._check(SCHEMAS[described["request"]["$ref"]], sent, "request")
        if method == "GET":
            status, said = self._look(described["id"], parts.path, query)
        else:
            self.changes += 1
            failing = self.changes == self.fail_at
            if failing and not self.answer_lost:
                return 503, {"error": {"code": 503, "status": "UNAVAILABLE"}}
            status, said = self._change(described["id"], parts.path, query, sent)
            if failing:
                return 503, {"error": {"code": 503, "status": "UNAVAILABLE"}}
        if status == 200:
            self._check(SCHEMAS[described["response"]["$ref"]], said, "answer")
        return status, said

    def _look(self, method: str, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if method.endswith("operations.get"):
            operation = self.operations[path.split("v1beta2/")[1]]
            if "response" in operation:
                operation["done"] = True
            return 200, {key: value for key, value in operation.items() if operation["done"] or key in ("name", "done")}
        name = query.get("filter", "").partition("displayName:")[2]
        found = [model for model in self.models.values() if not name or model["displayName"] == name]
        return 200, {"models": found} if found else {}

    def _change(self, method: str, path: str, query: dict[str, str], sent: dict[str, Any]) -> tuple[int, Any]:
        if method.endswith("models.create"):
            if any(model["displayName"] == sent["displayName"] for model in self.models.values()):
                return 409, {"error": {"code": 409, "status": "ALREADY_EXISTS"}}
            number = str(1000 + len(self.models))
            name = f"projects/{self.project}/models/{number}"
            self._fetch(number, sent)
            model = {key: sent[key] for key in ("displayName", "tags", "tfliteModel")}
            self.models[number] = model | {"name": name, "state": {"published": False}}
        else:
            number = path.rsplit("/", 1)[1]
            model = self.models[number]
            for field in query["updateMask"].split(","):
                if field == "tfliteModel.gcsTfliteUri":
                    self._fetch(number, sent)
                section, _, key = field.partition(".")
                if key:
                    model.setdefault(section, {})[key] = sent[section][key]
                else:
                    model[section] = sent[section]
        self.etags += 1
        self.models[number]["etag"] = f"etag-{self.etags}"
        operation = f"projects/{self.project}/operations/{len(self.operations)}"
        self.operations[operation] = {"name": operation, "done": False, "response": dict(self.models[number])}
        return 200, {"name": operation, "done": False}

    def _fetch(self, number: str, sent: dict[str, Any]) -> None:
        address = sent["tfliteModel"]["gcsTfliteUri"]
        # fake-gcs-server knows signed addresses by the host that Google serves them from.
        asked = urllib.request.Request(address, headers={"Host": "storage.googleapis.com"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            self.bytes[number] = answer.read()

    def _described(self, method: str, path: str) -> dict[str, Any] | None:
        resources = DISCOVERY["resources"]["projects"]["resources"]
        for resource in resources.values():
            for described in resource["methods"].values():
                pattern = re.sub(r"\\\{[^}]+\\\}", "[^/:]+", re.escape(described["flatPath"]))
                if described["httpMethod"] == method and re.fullmatch(pattern, path):
                    return dict(described)
        return None

    def _check_query(self, described: dict[str, Any], query: dict[str, str]) -> None:
        known = {name for name, about in described["parameters"].items() if about["location"] == "query"}
        for name in set(query) - known:
            self.faults.append(f"{described['id']} has no query parameter {name}")
        for field in filter(None, query.get("updateMask", "").split(",")):
            schema = SCHEMAS["Model"]
            for part in field.split("."):
                if part not in schema["properties"]:
                    self.faults.append(f"updateMask names {field}, which a Model has not")
                    break
                schema = SCHEMAS.get(schema["properties"][part].get("$ref", ""), {"properties": {}})

    def _check(self, schema: dict[str, Any], value: Any, where: str) -> None:
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
        if not isinstance(value, kinds[schema["type"]]):
            self.faults.append(f"{where} is no {schema['type']}")
        elif schema["type"] == "array":
            for item in value:
                self._check(self._resolved(schema["items"]), item, where)
        elif schema["type"] == "object" and "properties" in schema:
            for key, item in value.items():
                if key not in schema["properties"]:
                    self.faults.append(f"{where} has {key}, which is not in the discovery document")
                    continue
                about = schema["properties"][key]
                if where.startswith("request") and about.get("readOnly"):
                    self.faults.append(f"{where}.{key} can only be read")
                self._check(self._resolved(about), item, f"{where}.{key}")

    @staticmethod
    def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
        return SCHEMAS[schema["$ref"]] if "$ref" in schema else schema
