"""The HTTP server: REST under /api/v1, git under /OWNER/NAME.git, on the loopback address only."""

import base64
import gzip
import http.server
import json
import ssl
import urllib.parse

from . import discussion, general, githttp, hostile, pulls, request  # noqa: F401 (they enter their operations)
from .contract import Contract
from .errors import ApiError
from .other_forges import answer_as_github, answer_as_gitlab
from .repositories import Repositories
from .request import Answer, Request
from .store import Store

API = "/api/v1"
JSON = "application/json;charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, root: str, port: int, contract: Contract | None, certificate: str | None = None):
        super().__init__(("127.0.0.1", port), Handler)
        self.root, self.contract, self.git = root, contract, Repositories(root)
        self.base = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request, client_address):
        """A caller that hangs up is no event for the server."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: the caller's delayed acknowledgement would cost 40 ms each time
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_):
        pass

    def handle_any(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(url.path)
        body = self._read_body()
        with Store(self.server.root) as store:
            self.deed = hostile.take(store, self.command, path, self._plain(body))
        hostile.before(self.deed, self.server.git)
        own = hostile.reply(self.deed)
        if own:
            status, content, headers = own
            self._send(status, content, headers.pop("Content-Type", JSON), headers)
        elif ".git/" in path:
            self._git(path, url.query, body)
        elif path.startswith("/api/v3/"):
            self._other(answer_as_github, path, url.query, body)
        elif path.startswith("/api/v4/"):
            self._other(answer_as_gitlab, url.path, url.query, body)
        elif path.startswith(API + "/"):
            self._rest(url.path, url.query, body)
        else:
            self._send(404, b"404 page not found\n", TEXT)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = handle_any

    # -- in and out --------------------------------------------------------

    def _plain(self, body: bytes) -> bytes:
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str] = {}) -> None:
        self.send_response(status)
        if body or status not in (204, 304):
            self.send_header("Content-Type", content_type)
            if not self.deed.get("endless"):
                self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        keep = hostile.send_body(self.deed, body, self.wfile.write, self.wfile.flush)
        self.close_connection = self.close_connection or not keep

    def _asker(self, store: Store) -> str | None:
        """Who asks, or nobody. Raises for credentials that are wrong."""
        kind, _, credentials = self.headers.get("Authorization", "").partition(" ")
        credentials = self.headers.get("PRIVATE-TOKEN") or credentials
        if not credentials:
            return None
        password = credentials
        if kind.lower() == "basic":
            name, _, password = base64.b64decode(credentials).decode().partition(":")
            known = {name: store.users[name]} if name in store.users else {}
            if name in ("x-access-token", "gitlab-ci-token"):  # a CI's job: the token alone says who it is
                known = store.users
        else:
            known = store.users
        for name, user in known.items():
            if password == user["token"] or kind.lower() == "basic" and password == user["password"]:
                return name
        raise ApiError(401, "invalid username, password or token")

    # -- Forgejo -----------------------------------------------------------

    def _rest(self, path: str, query_text: str, raw: bytes) -> None:
        path = path[len(API) :]
        query = dict(urllib.parse.parse_qsl(query_text, keep_blank_values=True))
        operation, variables = request.find(self.command, path)
        if operation is None:
            with Store(self.server.root) as store:
                store.violate(f"{self.command} {path}: no such operation here")
            return self._send(404, b"404 page not found\n", TEXT)
        try:
            body, is_json = json.loads(raw or b"{}"), True
        except ValueError:
            body, is_json = {}, False
        with Store(self.server.root) as store:
            self._check_request(store, operation, query, body, is_json)
            answer = self._run(store, operation, variables, query, body, is_json)
            if self.server.contract:
                for fault in self.server.contract.check_answer(
                    self.command, operation.template, answer.status, answer.body
                ):
                    store.violate(fault)
        hostile.spoil(self.deed, answer.body)
        content = b"" if answer.body is None else json.dumps(answer.body).encode() + b"\n"
        self._send(answer.status, content, JSON, answer.headers)

    def _check_request(self, store: Store, operation, query, body, is_json) -> None:
        if self.server.contract:
            for fault in self.server.contract.check_request(
                self.command, operation.template, operation.name, query,
                self.headers.get("Content-Type", ""), body, is_json,
            ):
                store.violate(fault)

    def _run(self, store: Store, operation, variables, query, body, is_json) -> Answer:
        try:
            asker = self._asker(store)
            if self.command != "GET" and not asker:
                raise ApiError(401, "token is required")
            if not is_json:
                raise ApiError(422, "invalid character in the body")
            url = API + operation.template.format(**variables)
            r = Request(store, self.server.git, self.server.base, url, variables, query, body, asker)
            r.look_up()
            return operation.run(r)
        except ApiError as error:
            return Answer(error.status, error.body(self.server.base))

    # -- the others --------------------------------------------------------

    def _other(self, answer_as, path: str, query_text: str, raw: bytes) -> None:
        query = dict(urllib.parse.parse_qsl(query_text))
        with Store(self.server.root) as store:
            try:
                asker = self._asker(store)
                body = json.loads(raw or b"{}")
                r = Request(store, self.server.git, self.server.base, path, {}, query, body, asker)
                answer = answer_as(self.command, path, r)
            except ApiError as error:
                answer = Answer(error.status, {"message": error.message})
        hostile.spoil(self.deed, answer.body)
        self._send(answer.status, json.dumps(answer.body).encode(), JSON, answer.headers)

    def _git(self, path: str, query: str, body: bytes) -> None:
        path = hostile.stand_in(self.deed, path)
        name = githttp.repository_of(path)
        with Store(self.server.root) as store:
            try:
                user = self._asker(store)
            except ApiError:
                return self._send(401, b"Unauthorized\n", TEXT, {"WWW-Authenticate": 'Basic realm="forge"'})
            status = githttp.may_start(store, name, path, query, user)
            if status == 200:
                self.server.git.follow(store, name)
        if status != 200:
            headers = {"WWW-Authenticate": 'Basic realm="forge"'} if status == 401 else {}
            return self._send(status, b"refused\n", TEXT, headers)
        status, headers, content = githttp.serve(self.server.git, user, self.command, path, query, self.headers, body)
        content = hostile.spoil_git(self.deed, content, self.server.git, name)
        self._send(status, content, headers.pop("Content-Type", TEXT), headers)
