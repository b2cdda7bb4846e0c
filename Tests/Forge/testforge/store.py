"""What the forge knows, one JSON file under a lock: the server, the git hooks and the command line share it."""

import fcntl
import json
import os
import time

EMPTY = {"users": {}, "repositories": {}, "statuses": {}, "comments": {}, "reviews": {}, "rules": [], "violations": []}
FORGE, AGIT = 0, 1  # how a pull request came: by the interface, or by a push to refs/for


class Store:
    """`with Store(root) as store:` holds the lock; leaving without an exception writes what was changed."""

    def __init__(self, root: str):
        self.root = root

    def __enter__(self) -> "Store":
        self._file = open(os.path.join(self.root, "state.json"), "a+")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.seek(0)
        self._text = self._file.read()
        self.data = json.loads(self._text) if self._text else json.loads(json.dumps(EMPTY)) | {"next": 1}
        return self

    def __exit__(self, kind, *_) -> None:
        text = json.dumps(self.data, indent=1)
        if kind is None and text != self._text:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(text)
        self._file.close()

    # -- users and repositories ------------------------------------------

    @property
    def users(self) -> dict:
        return self.data["users"]

    @property
    def repositories(self) -> dict:
        return self.data["repositories"]

    def add_user(self, name: str) -> dict:
        """A user, with a token and a password that follow from the name so that tests need not ask for them."""
        token = (name.encode().hex() + "0" * 40)[:40]
        return self.users.setdefault(name, {"id": self.new_id(), "token": token, "password": f"pw-{name}"})

    def add_repository(self, name: str, writers: list[str], parent: str | None = None, **settings) -> dict:
        """`autodetect`: a pushed merge closes its pull request. `manual_merge`: one may tell the forge of a merge.
        `hold_sync`: refs/pull/N/head does not follow the fork, as when Forgejo's queue is stuck. `merge_requests`: the
        heads also have the names that GitLab gives them. `read_only_heads`: nobody pushes to the heads' own refs, as on
        GitHub and GitLab."""
        repository = {
            "id": self.new_id(), "writers": writers, "parent": parent, "pulls": [],
            "autodetect": False, "manual_merge": True, "hold_sync": False, "merge_requests": False,
            "read_only_heads": False,
        } | settings
        self.repositories[name] = repository
        return repository

    def may_write(self, user: str | None, repository: str) -> bool:
        return user is not None and user in self.repositories[repository]["writers"]

    def new_id(self) -> int:
        self.data["next"] += 1
        return self.data["next"] - 1

    # -- pull requests -----------------------------------------------------

    def pulls(self, repository: str) -> list[dict]:
        return self.repositories[repository]["pulls"]

    def pull(self, repository: str, number: str | int) -> dict | None:
        return next((p for p in self.pulls(repository) if str(p["number"]) == str(number)), None)

    def add_pull(self, repository: str, *, title, body, poster, base, head_repository, head_branch, flow) -> dict:
        pulls = self.pulls(repository)
        pull = {
            "id": self.new_id(), "number": len(pulls) + 1, "title": title, "body": body, "poster": poster, "base": base,
            "head_repository": head_repository, "head_branch": head_branch, "flow": flow, "state": "open",
            "merged": False, "merge_commit": None, "merged_at": None, "maintainer_edit": False,
            "created": now(), "updated": now(),
        }
        pulls.append(pull)
        return pull

    def violate(self, text: str) -> None:
        """Notes a breach of the contract; the test reads them at its end."""
        self.data["violations"].append(text)


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
