"""The JSON of users, repositories, pull requests and commits, as Forgejo writes it (members that are null included)."""

from .repositories import Repositories
from .store import AGIT, Store


class Entities:
    """All for one request: the base address of the server, the store that is held, and who asks."""

    def __init__(self, base: str, store: Store, repositories: Repositories, asker: str | None):
        self.base, self.store, self.git, self.asker = base, store, repositories, asker

    def user(self, name: str) -> dict:
        return {
            "id": self.store.users.get(name, {"id": -1})["id"], "login": name, "login_name": "", "username": name,
            "full_name": "", "email": f"{name}@noreply.invalid", "avatar_url": "", "html_url": f"{self.base}/{name}",
            "is_admin": False, "created": "2024-01-01T00:00:00Z",
        }

    def repository(self, name: str) -> dict:
        owner, short = name.split("/")
        facts = self.store.repositories[name]
        writes = self.store.may_write(self.asker, name)
        return {
            "id": facts["id"], "owner": self.user(owner), "name": short, "full_name": name, "private": False,
            "fork": facts["parent"] is not None, "html_url": f"{self.base}/{name}",
            "clone_url": f"{self.base}/{name}.git", "ssh_url": f"ssh://git@127.0.0.1/{name}.git",
            "default_branch": "main", "permissions": {"admin": False, "push": writes, "pull": True},
            "archived": False, "object_format_name": "sha1",
            "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z",
        }

    def pull(self, name: str, pull: dict) -> dict:
        page = f"{self.base}/{name}/pulls/{pull['number']}"
        ref = f"refs/pull/{pull['number']}/head"
        return {
            "id": pull["id"], "url": page, "number": pull["number"], "user": self.user(pull["poster"]),
            "title": pull["title"], "body": pull["body"], "labels": [], "milestone": None, "assignee": None,
            "assignees": None, "requested_reviewers": [], "requested_reviewers_teams": [], "state": pull["state"],
            "draft": False, "is_locked": False, "comments": 0, "review_comments": 0, "html_url": page,
            "diff_url": page + ".diff", "patch_url": page + ".patch", "mergeable": not pull["merged"],
            "merged": pull["merged"], "merged_at": pull["merged_at"], "merge_commit_sha": pull["merge_commit"],
            "merged_by": None, "allow_maintainer_edit": pull["maintainer_edit"],
            "base": self._base(name, pull), "head": self._head(name, pull, ref),
            "merge_base": self.git.git(name, "merge-base", pull["base"], ref) or "", "due_date": None,
            "created_at": pull["created"], "updated_at": pull["updated"], "closed_at": None, "pin_order": 0,
            "flow": pull["flow"], "additions": 0, "deletions": 0, "changed_files": 0,
        }

    def _base(self, name: str, pull: dict) -> dict:
        return {
            "label": pull["base"], "ref": pull["base"], "sha": self.git.branch(name, pull["base"]) or "",
            "repo_id": self.store.repositories[name]["id"], "repo": self.repository(name),
        }

    def _head(self, name: str, pull: dict, ref: str) -> dict:
        """`sha` is the fork's live branch, not refs/pull/N/head. Without fork or branch only the ref is left."""
        fork = pull["head_repository"]
        is_gone = fork not in self.store.repositories
        is_agit = pull["flow"] == AGIT
        live = None if is_gone or is_agit else self.git.branch(fork, pull["head_branch"])
        return {
            "label": "" if is_agit else pull["head_branch"],
            "ref": pull["head_branch"] if live else ref,
            "sha": live or self.git.resolve(name, ref) or "",
            "repo_id": -1 if is_gone else self.store.repositories[fork]["id"],
            "repo": None if is_gone else self.repository(fork),
        }

    def commit(self, name: str, commit: str) -> dict:
        formats = "%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
        fields = self.git.git(name, "log", "-1", "--format=" + formats, commit).split("\0")
        tree, parents, an, ae, ad, cn, ce, cd, message = fields
        signed = "\ngpgsig " in self.git.git(name, "cat-file", "commit", commit)
        reason = "gpg.error.no_gpg_keys_found" if signed else "gpg.error.not_signed_commit"
        return {
            "url": f"{self.base}/api/v1/repos/{name}/git/commits/{commit}", "sha": commit, "created": cd,
            "html_url": f"{self.base}/{name}/commit/{commit}",
            "commit": {
                "url": "", "author": {"name": an, "email": ae, "date": ad},
                "committer": {"name": cn, "email": ce, "date": cd}, "message": message + "\n",
                "tree": {"url": "", "sha": tree, "created": cd},
                "verification": {"verified": False, "reason": reason, "signature": "", "signer": None, "payload": ""},
            },
            "author": None, "committer": None, "files": [], "stats": {"total": 0, "additions": 0, "deletions": 0},
            "parents": [{"url": "", "sha": p, "created": "0001-01-01T00:00:00Z"} for p in parents.split()],
        }
