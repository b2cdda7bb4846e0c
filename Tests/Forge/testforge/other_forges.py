"""The few answers of GitHub (/api/v3, as GitHub Enterprise Server has it) and GitLab (/api/v4) that our clients read.

Their descriptions are not at hand, so unlike Forgejo's these shapes are held against nothing but their documentation:
docs.github.com/rest/pulls/pulls, docs.gitlab.com/api/merge_requests.
"""

import re
import urllib.parse

from .errors import ApiError, not_found
from .pulls import create_pull
from .request import Answer, Request, demand
from .store import now


def answer_as_github(method: str, path: str, r: Request) -> Answer:
    match = re.match(r"^/api/v3/repos/([^/]+)/([^/]+)/(pulls|issues)(?:/(\d+))?(/comments)?$", path)
    if match is None:
        raise not_found("Not Found")
    owner, repo, _, number, comments = match.groups()
    r.path = {"owner": owner, "repo": repo} | ({"index": number} if number else {})
    r.look_up()
    if method == "GET" and number:
        return Answer(200, _github_pull(r, r.pull))
    if method == "PATCH":
        _edit(r, {"title": "title", "body": "body"})
        return Answer(200, _github_pull(r, r.pull))
    if method == "GET":
        return _page(r, [p for p in reversed(r.store.pulls(r.name)) if p["state"] == "open"], _github_pull)
    demand(r.asker, 401, "Requires authentication")
    if comments:
        return Answer(201, {"id": r.store.new_id(), "body": r.body["body"]})
    try:
        created = create_pull(r)
    except ApiError as error:
        raise ApiError(422, "Validation Failed: " + error.message) from None
    return Answer(201, _github_pull(r, r.store.pull(r.name, created.body["number"])))


def _github_pull(r: Request, pull: dict) -> dict:
    ours = r.entities.pull(r.name, pull)
    head, base = ours["head"], ours["base"]
    return {
        "id": pull["id"], "number": ours["number"], "state": ours["state"], "title": ours["title"],
        "body": ours["body"] or None,
        "html_url": ours["html_url"].replace("/pulls/", "/pull/"), "user": {"login": pull["poster"]},
        "head": {"ref": head["ref"], "sha": head["sha"], "repo": _github_repository(head["repo"])},
        "base": {"ref": base["ref"], "sha": base["sha"], "repo": _github_repository(base["repo"])},
        "merged": ours["merged"], "merged_at": ours["merged_at"], "merge_commit_sha": ours["merge_commit_sha"],
        "maintainer_can_modify": ours["allow_maintainer_edit"], "draft": False,
    }


def _github_repository(repository: dict | None) -> dict | None:
    return repository and {k: repository[k] for k in ("id", "full_name", "clone_url", "html_url")}


def answer_as_gitlab(method: str, path: str, r: Request) -> Answer:
    match = re.match(r"^/api/v4/projects/([^/]+)(?:/merge_requests(?:/(\d+))?(/notes)?)?$", path)
    if match is None:
        raise not_found("404 Not found")
    project, number, notes = match.groups()
    owner, repo = _gitlab_project(r, urllib.parse.unquote(project)).split("/")
    r.path = {"owner": owner, "repo": repo} | ({"index": number} if number else {})
    r.look_up()
    if "merge_requests" not in path:
        return Answer(200, _gitlab_repository(r, r.name))
    if method == "GET" and number:
        return Answer(200, _gitlab_request(r, r.pull))
    if method == "PUT":
        _edit(r, {"title": "title", "description": "body"})
        return Answer(200, _gitlab_request(r, r.pull))
    if method == "GET":
        return _page(r, [p for p in reversed(r.store.pulls(r.name)) if p["state"] == "open"], _gitlab_request)
    demand(r.asker, 401, "401 Unauthorized")
    if notes:
        return Answer(201, {"id": r.store.new_id(), "body": r.body["body"], "created_at": now()})
    r.body = {"title": r.body["title"], "head": r.body["source_branch"], "base": r.body["target_branch"],
              "body": r.body.get("description", "")}
    created = create_pull(r)
    return Answer(201, _gitlab_request(r, r.store.pull(r.name, created.body["number"])))


def _gitlab_project(r: Request, project: str) -> str:
    if "/" in project:
        return project
    return next((n for n, facts in r.store.repositories.items() if str(facts["id"]) == project), "no/project")


def _gitlab_repository(r: Request, name: str) -> dict:
    ours = r.entities.repository(name)
    return {
        "id": ours["id"], "path_with_namespace": name, "http_url_to_repo": ours["clone_url"],
        "ssh_url_to_repo": ours["ssh_url"], "web_url": ours["html_url"], "default_branch": "main",
    }


def _gitlab_request(r: Request, pull: dict) -> dict:
    ours = r.entities.pull(r.name, pull)
    gone = ours["head"]["repo"] is None
    state = "merged" if pull["merged"] else {"open": "opened"}.get(pull["state"], pull["state"])
    return {
        "id": pull["id"], "iid": pull["number"], "project_id": ours["base"]["repo_id"], "title": ours["title"],
        "description": ours["body"] or None, "state": state, "author": {"username": pull["poster"]}, "draft": False,
        "source_branch": pull["head_branch"], "target_branch": pull["base"], "sha": ours["head"]["sha"],
        "source_project_id": None if gone else ours["head"]["repo_id"], "target_project_id": ours["base"]["repo_id"],
        "allow_collaboration": pull["maintainer_edit"], "merge_commit_sha": pull["merge_commit"],
        "web_url": f"{r.base}/{r.name}/-/merge_requests/{pull['number']}",
    }


def _edit(r: Request, names: dict[str, str]) -> None:
    demand(r.asker == r.pull["poster"] or r.may_write, 403, "Forbidden")
    r.pull.update({ours: r.body[theirs] for theirs, ours in names.items() if theirs in r.body}, updated=now())


def _page(r: Request, pulls: list[dict], shape) -> Answer:
    size, page = int(r.query.get("per_page", 30)), int(r.query.get("page", 1))
    return Answer(200, [shape(r, p) for p in pulls[(page - 1) * size : page * size]])
