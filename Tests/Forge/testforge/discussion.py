"""Comments, reviews and statuses over the REST interface."""

from .errors import ApiError, not_found
from .pulls import PULL, REPO
from .request import Answer, Request, demand, operation
from .store import now

WORST_FIRST = ("error", "failure", "warning", "pending", "success", "skipped")


# -- comments --------------------------------------------------------------


def _comments(r: Request) -> list[dict]:
    return r.store.data["comments"].setdefault(f"{r.name}#{r.pull['number']}", [])


@operation("POST", REPO + "/issues/{index}/comments", "issueCreateComment")
def create_comment(r: Request) -> Answer:
    comment = {
        "id": r.store.new_id(), "html_url": "", "pull_request_url": "", "issue_url": "",
        "user": r.entities.user(r.asker), "original_author": "", "original_author_id": 0,
        "body": r.body.get("body", ""), "created_at": now(),
        "updated_at": now(), "assets": [],
    }
    _comments(r).append(comment)
    return Answer(201, comment)


@operation("GET", REPO + "/issues/{index}/comments", "issueGetComments")
def list_comments(r: Request) -> Answer:
    return Answer(200, _comments(r))


@operation("PATCH", REPO + "/issues/comments/{id}", "issueEditComment")
def edit_comment(r: Request) -> Answer:
    for place, comments in r.store.data["comments"].items():
        for comment in comments:
            if str(comment["id"]) == r.path["id"] and place.startswith(r.name + "#"):
                demand(r.may_write or comment["user"]["login"] == r.asker, 403, "")
                comment.update(body=r.body["body"], updated_at=now())
                return Answer(200, comment)
    raise not_found()


# -- reviews ---------------------------------------------------------------


def _reviews(r: Request) -> list[dict]:
    return r.store.data["reviews"].setdefault(f"{r.name}#{r.pull['number']}", [])


@operation("POST", PULL + "/reviews", "repoCreatePullReview")
def create_review(r: Request) -> Answer:
    event = r.body.get("event") or "PENDING"
    if event in ("APPROVED", "REQUEST_CHANGES") and r.asker == r.pull["poster"]:
        raise ApiError(422, "approve your own pull is not allowed")
    review = {
        "id": r.store.new_id(), "user": r.entities.user(r.asker), "team": None, "state": event,
        "body": r.body.get("body", ""), "commit_id": r.body.get("commit_id") or r.git.resolve(r.name, r.pull_ref),
        "stale": False, "official": r.may_write, "dismissed": False, "comments_count": 0, "submitted_at": now(),
        "updated_at": now(), "html_url": "", "pull_request_url": "",
    }
    _reviews(r).append(review)
    return Answer(200, review)


@operation("GET", PULL + "/reviews", "repoListPullReviews")
def list_reviews(r: Request) -> Answer:
    return r.page(_reviews(r))


# -- statuses --------------------------------------------------------------


def _statuses(r: Request, commit: str | None) -> list[dict]:
    return r.store.data["statuses"].setdefault(f"{r.name}@{commit}", [])


@operation("POST", REPO + "/statuses/{sha}", "repoCreateStatus")
def create_status(r: Request) -> Answer:
    """Any writer may post any context: a green status proves nothing."""
    demand(r.may_write, 403, "user should have a permission to write to a repo branch")
    sha = r.path["sha"]
    status = {
        "id": r.store.new_id(), "status": r.body.get("state"), "target_url": r.body.get("target_url", ""),
        "description": r.body.get("description", ""), "url": f"{r.base}/api/v1/repos/{r.name}/statuses/{sha}",
        "context": r.body.get("context") or "default", "creator": r.entities.user(r.asker), "created_at": now(),
        "updated_at": now(),
    }
    _statuses(r, sha).insert(0, status)
    return Answer(201, status)


@operation("GET", REPO + "/statuses/{sha}", "repoListStatuses")
def list_statuses(r: Request) -> Answer:
    return r.page(_statuses(r, r.path["sha"]))


@operation("GET", REPO + "/commits/{ref}/status", "repoGetCombinedStatusByRef")
def combined_status(r: Request) -> Answer:
    commit = r.git.resolve(r.name, r.path["ref"] + "^{commit}")
    if commit is None:
        raise not_found()
    latest: dict[str, dict] = {}
    for status in _statuses(r, commit):
        latest.setdefault(status["context"], status)
    worst = min((s["status"] for s in latest.values()), key=WORST_FIRST.index, default="pending")
    return Answer(200, {
        "state": worst, "sha": commit, "total_count": len(latest), "statuses": list(latest.values()),
        "repository": r.entities.repository(r.name), "commit_url": "", "url": "",
    })
