"""Pull requests over the REST interface."""

from .errors import ApiError, not_found
from .repositories import mark_merged
from .request import Answer, Request, demand, operation
from .store import FORGE, now

REPO = "/repos/{owner}/{repo}"
PULL = REPO + "/pulls/{index}"
EDITABLE = {"title": "title", "body": "body", "state": "state", "allow_maintainer_edit": "maintainer_edit"}


@operation("GET", REPO + "/pulls", "repoListPullRequests")
def list_pulls(r: Request) -> Answer:
    wanted = r.query.get("state", "open")
    pulls = [p for p in reversed(r.store.pulls(r.name)) if wanted in ("all", p["state"])]
    return r.page(pulls, lambda p: r.entities.pull(r.name, p))


@operation("GET", PULL, "repoGetPullRequest")
def get_pull(r: Request) -> Answer:
    return Answer(200, r.entities.pull(r.name, r.pull))


@operation("POST", REPO + "/pulls", "repoCreatePullRequest")
def create_pull(r: Request) -> Answer:
    base, head, title = r.body.get("base", ""), r.body.get("head", ""), r.body.get("title")
    demand(head != base, 422, "Invalid PullRequest: There are no changes between the head and the base")
    demand(title, 422, "[Title]: Required")
    owner, _, branch = head.rpartition(":")
    fork = f"{owner}/{r.path['repo']}" if owner and owner != r.path["owner"] else r.name
    if fork not in r.store.repositories or not r.git.branch(fork, branch):
        raise not_found()
    if not r.git.branch(r.name, base):
        raise not_found("BaseNotExist")
    for other in r.store.pulls(r.name):
        if (other["head_repository"], other["head_branch"], other["base"], other["state"], other["flow"]) == (
            fork, branch, base, "open", FORGE,
        ):
            raise ApiError(409, _duplicate(r, other, fork, branch, base))
    pull = r.store.add_pull(
        r.name, title=title, body=r.body.get("body", ""), poster=r.asker, base=base,
        head_repository=fork, head_branch=branch, flow=FORGE,
    )
    pull["start"] = r.git.branch(r.name, base)
    r.git.follow(r.store, r.name)
    return Answer(201, r.entities.pull(r.name, pull))


def _duplicate(r: Request, other: dict, fork: str, branch: str, base: str) -> str:
    ids = [("id", other["id"]), ("issue_id", other["number"])]
    ids += [("head_repo_id", r.store.repositories[fork]["id"]), ("base_repo_id", r.store.repositories[r.name]["id"])]
    ids += [("head_branch", branch), ("base_branch", base)]
    return f"pull request already exists for these targets [{', '.join(f'{k}: {v}' for k, v in ids)}]"


@operation("PATCH", PULL, "repoEditPullRequest")
def edit_pull(r: Request) -> Answer:
    demand(r.asker == r.pull["poster"] or r.may_write, 403, "")
    if "allow_maintainer_edit" in r.body:  # who lends the branch must own it
        demand(r.store.may_write(r.asker, r.pull["head_repository"]), 403, "")
    r.pull.update({ours: r.body[theirs] for theirs, ours in EDITABLE.items() if theirs in r.body}, updated=now())
    return Answer(201, r.entities.pull(r.name, r.pull))


@operation("GET", PULL + "/commits", "repoGetPullRequestCommits")
def commits(r: Request) -> Answer:
    ids = (r.git.git(r.name, "rev-list", f"{r.pull_base}..{r.pull_ref}") or "").split()
    answer = r.page(ids, lambda c: r.entities.commit(r.name, c))
    answer.headers["X-HasMore"] = "true" if 'rel="next"' in answer.headers.get("Link", "") else "false"
    return answer


@operation("GET", PULL + "/files", "repoGetPullRequestFiles")
def files(r: Request) -> Answer:
    lines = (r.git.git(r.name, "diff", "--numstat", r.pull_base, r.pull_ref) or "").split("\n")

    def file(line: str) -> dict:
        added, deleted, name = line.split("\t", 2)
        numbers = [0 if n == "-" else int(n) for n in (added, deleted)]
        return {
            "filename": name, "status": "changed", "additions": numbers[0], "deletions": numbers[1],
            "changes": sum(numbers), "html_url": "", "contents_url": "", "raw_url": "",
        }

    return r.page([line for line in lines if line], file)


@operation("GET", PULL + "/merge", "repoPullRequestIsMerged")
def is_merged(r: Request) -> Answer:
    if not r.pull["merged"]:
        raise not_found()
    return Answer(204)


@operation("POST", PULL + "/merge", "repoMergePullRequest")
def merge(r: Request) -> Answer:
    """Only `manually-merged`: what the server merges itself is unsigned, and nothing here may use it."""
    allowed = r.store.repositories[r.name]["manual_merge"]
    demand(r.may_write and allowed and r.body.get("Do") == "manually-merged" and not r.pull["merged"], 405, "")
    commit = r.git.resolve(r.name, (r.body.get("MergeCommitID") or "-") + "^{commit}")
    demand(commit and r.git.is_ancestor(r.name, commit, r.pull["base"]), 409, "wrong commit ID")
    mark_merged(r.pull, commit)
    return Answer(200)
