"""The bare repositories: their making, and what Forgejo does to them behind one's back."""

import os
import shutil
import subprocess
import sys

from .store import FORGE, Store, now

HOOKS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "hooks")


class Repositories:
    def __init__(self, root: str):
        self.root = root

    def path(self, name: str) -> str:
        return os.path.join(self.root, name + ".git")

    def git(self, name: str, *arguments: str, environment: dict | None = None) -> str | None:
        """Output of git in a repository, or None when it failed."""
        result = subprocess.run(
            ["git", "-C", self.path(name), *arguments],
            env=self.environment() | (environment or {}), capture_output=True, text=True, check=False,
        )
        return result.stdout.strip() if result.returncode == 0 else None

    def pack(self, name: str, ids: list[str]) -> bytes:
        """A pack of exactly these objects."""
        return subprocess.run(
            ["git", "-C", self.path(name), "pack-objects", "--stdout", "-q"],
            input="\n".join(ids).encode() + b"\n", env=self.environment(), capture_output=True, check=True,
        ).stdout

    def environment(self) -> dict[str, str]:
        """The server's: nothing of the user who runs the tests."""
        return {
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",  # the hooks' python is ours
            "HOME": self.root,
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TEST_FORGE_ROOT": self.root,
        }

    def resolve(self, name: str, revision: str) -> str | None:
        return self.git(name, "rev-parse", "--verify", "-q", revision)

    def branch(self, name: str, branch: str) -> str | None:
        return self.resolve(name, f"refs/heads/{branch}")

    def is_ancestor(self, name: str, one: str, other: str) -> bool:
        return self.git(name, "merge-base", "--is-ancestor", one, other) is not None

    # -- making ------------------------------------------------------------

    def create(self, name: str) -> None:
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        subprocess.run(
            ["git", "init", "-q", "--bare", "-b", "main", self.path(name)], check=True, env=self.environment()
        )
        for key, value in {
            "http.receivepack": "true",
            "receive.advertisePushOptions": "true",
            "receive.procReceiveRefs": "refs/for",
            "uploadpack.allowFilter": "true",
            "uploadpack.allowAnySHA1InWant": "true",
        }.items():
            self.git(name, "config", key, value)
        folder = os.path.join(self.path(name), "hooks")
        os.makedirs(os.path.join(folder, "pre-receive.d"), exist_ok=True)
        for hook, target in {
            "pre-receive": "pre-receive",
            "proc-receive": "proc-receive",
            "pre-receive.d/forge": "permissions",
        }.items():
            os.symlink(os.path.join(HOOKS, target), os.path.join(folder, hook))

    def install_hook(self, name: str, program: str, as_name: str = "stagex-maint") -> None:
        """Puts a program into pre-receive.d, as an administrator of Forgejo does."""
        os.symlink(os.path.abspath(program), os.path.join(self.path(name), "hooks", "pre-receive.d", as_name))

    def fork(self, parent: str, name: str) -> None:
        self.create(name)
        self.git(name, "fetch", "-q", self.path(parent), "+refs/heads/*:refs/heads/*")

    def delete(self, name: str) -> None:
        shutil.rmtree(self.path(name))

    # -- following ---------------------------------------------------------

    def follow(self, store: Store, name: str) -> None:
        """Brings refs/pull/N/head up to the forks' branches, and closes pull requests whose merge was pushed."""
        for pull in store.pulls(name):
            if pull["merged"] or pull["state"] != "open":
                continue
            if pull["flow"] == FORGE and not store.repositories[name]["hold_sync"]:
                self._pull_from_fork(store, name, pull)
            if store.repositories[name]["merge_requests"]:
                ref = f"refs/pull/{pull['number']}/head"
                self.git(name, "update-ref", ref.replace("pull", "merge-requests"), ref)
            if store.repositories[name]["autodetect"]:
                self._detect_merge(name, pull)

    def _pull_from_fork(self, store: Store, name: str, pull: dict) -> None:
        """Forgejo pushes the fork's branch into the base repository itself: through the hooks there."""
        fork, ref = pull["head_repository"], f"refs/pull/{pull['number']}/head"
        live = fork in store.repositories and self.branch(fork, pull["head_branch"])
        if live and live != self.resolve(name, ref):
            internal = {"GITEA_INTERNAL_PUSH": "true", "GITEA_PR_ID": str(pull["id"])}
            self.git(fork, "push", "-q", "--force", self.path(name), f"{live}:{ref}", environment=internal)

    def _detect_merge(self, name: str, pull: dict) -> None:
        base, ref = f"refs/heads/{pull['base']}", f"refs/pull/{pull['number']}/head"
        head = self.resolve(name, ref)
        if head and self.is_ancestor(name, head, base) and head != pull.get("start"):
            line = self.git(name, "rev-list", "--ancestry-path", "--merges", "--reverse", f"{head}..{base}")
            mark_merged(pull, (line or head).split("\n")[0])


def mark_merged(pull: dict, commit: str) -> None:
    pull.update(merged=True, state="closed", merge_commit=commit, merged_at=now())
