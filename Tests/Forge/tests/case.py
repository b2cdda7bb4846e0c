"""A running forge for a test: stagex/stagex with the writer alice, the fork bob/stagex, and carol, who only reads."""

import importlib.util
import json
import os
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

from testforge.contract import Contract, find_description
from testforge.repositories import Repositories
from testforge.server import Server
from testforge.store import Store

DESCRIPTION = find_description() if importlib.util.find_spec("jsonschema") else None
CONTRACT = Contract(DESCRIPTION) if DESCRIPTION else None


class ForgeCase(unittest.TestCase):
    expected_violations: list[str] = []

    def setUp(self):
        self.root = self.enterContext(tempfile.TemporaryDirectory())
        self.repositories = Repositories(self.root)
        self.repositories.create("stagex/stagex")
        with Store(self.root) as store:
            self.users = {name: store.add_user(name) for name in ("alice", "bob", "carol")}
            store.add_repository("stagex/stagex", ["alice"])
        self.server = Server(self.root, 0, CONTRACT)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.work = os.path.join(self.root, "work")
        self.git("init", "-q", "-b", "main", self.work, folder=self.root)
        self.commit("one")
        self.git("branch", "staging")
        self.push("alice", "stagex/stagex", "main", "staging")
        self.repositories.fork("stagex/stagex", "bob/stagex")
        with Store(self.root) as store:
            store.add_repository("bob/stagex", ["bob"], "stagex/stagex")

    def tearDown(self):
        if CONTRACT:
            with Store(self.root) as store:
                self.assertEqual(store.data["violations"], self.expected_violations)

    # -- REST --------------------------------------------------------------

    def call(self, method: str, path: str, user: str | None = None, body: dict | None = None, **query):
        """Status, JSON (or text) and headers of an answer."""
        url = f"{self.server.base}/api/v1{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
        return self.fetch(method, url, user, body)

    def fetch(self, method: str, url: str, user: str | None = None, body: dict | None = None):
        request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if user:
            request.add_header("Authorization", "token " + self.users[user]["token"])
        try:
            answer = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
            try:
                return answer.status, json.loads(text), answer.headers
            except ValueError:
                return answer.status, text, answer.headers

    def create_pull(self, user: str = "bob", head: str = "bob:topic", base: str = "staging", title: str = "Add f"):
        body = {"title": title, "head": head, "base": base, "body": "text"}
        return self.call("POST", "/repos/stagex/stagex/pulls", user, body)[1]

    def pull(self, number: int) -> dict:
        return self.call("GET", f"/repos/stagex/stagex/pulls/{number}")[1]

    def hostile(self, *rules: dict) -> None:
        with Store(self.root) as store:
            store.data["rules"] = list(rules)

    # -- git ---------------------------------------------------------------

    def git(self, *arguments: str, folder: str | None = None, fails: bool = False) -> str:
        environment = {
            "PATH": os.environ["PATH"], "HOME": self.root, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@x.invalid", "GIT_COMMITTER_NAME": "T",
            "GIT_COMMITTER_EMAIL": "t@x.invalid", "LC_ALL": "C",
        }
        result = subprocess.run(
            ["git", *arguments], cwd=folder or self.work, env=environment, capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode != 0, fails, f"git {arguments}: {result.stderr}")
        return (result.stderr if fails else result.stdout + result.stderr).strip()

    def commit(self, message: str) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def remote(self, user: str, name: str) -> str:
        return self.server.base.replace("://", f"://{user}:{self.users[user]['password']}@") + f"/{name}.git"

    def push(self, user: str, name: str, *refs: str, fails: bool = False) -> str:
        return self.git("push", self.remote(user, name), *refs, fails=fails)

    def push_topic(self, message: str = "topic") -> str:
        """A commit on staging, pushed to bob's branch `topic`."""
        self.git("checkout", "-q", "-B", "topic", "staging")
        commit = self.commit(message)
        self.push("bob", "bob/stagex", "topic")
        return commit
