"""Git over HTTP: git's own http-backend, with the environment that Forgejo gives to hooks."""

import re
import subprocess

from .repositories import Repositories
from .store import Store

PATH = re.compile(r"^/([\w.-]+/[\w.-]+)\.git(/.*)$")


def repository_of(path: str) -> str | None:
    match = PATH.match(path)
    return match[1] if match else None


def serve(git: Repositories, user: str | None, method: str, path: str, query: str, headers, body: bytes):
    """Status, headers and body of git's answer. The caller has checked that the repository exists."""
    name = repository_of(path)
    owner, short = name.split("/")
    environment = git.environment() | {
        "GIT_PROJECT_ROOT": git.root,
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
        "TEST_FORGE_REPOSITORY": name,
        "GITEA_PUSHER_NAME": user or "",
        "GITEA_REPO_NAME": short,
        "GITEA_REPO_USER_NAME": owner,
    }
    if user:
        environment["REMOTE_USER"] = user
    out = subprocess.run(
        ["git", "http-backend"],
        input=body, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
    ).stdout
    head, _, content = out.partition(b"\r\n\r\n")
    status, answer = 200, {}
    for line in head.decode("latin-1").split("\r\n"):
        key, _, value = line.partition(": ")
        if key == "Status":
            status = int(value.split()[0])
        elif key and key != "Content-Length":
            answer[key] = value
    return status, answer, content


def may_start(store: Store, name: str | None, path: str, query: str, user: str | None) -> int:
    """200, or the status that ends the request: who pushes must say who they are; what they may push, hooks decide."""
    if name not in store.repositories:
        return 404
    is_push = path.endswith("/git-receive-pack") or query == "service=git-receive-pack"
    return 401 if is_push and not user else 200
