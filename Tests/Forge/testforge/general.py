"""The server, the user and the repository over the REST interface."""

from .errors import not_found
from .pulls import REPO
from .request import Answer, Request, demand, operation

VERSION = "16.0.1+gitea-1.22.0"


@operation("GET", "/version", "getVersion")
def version(r: Request) -> Answer:
    return Answer(200, {"version": VERSION})


@operation("GET", "/settings/api", "getGeneralAPISettings")
def settings(r: Request) -> Answer:
    return Answer(200, {
        "max_response_items": 50, "default_paging_num": 30, "default_git_trees_per_page": 1000,
        "default_max_blob_size": 10485760,
    })


@operation("GET", "/user", "userGetCurrent")
def current_user(r: Request) -> Answer:
    demand(r.asker, 401, "token is required")
    return Answer(200, r.entities.user(r.asker))


@operation("GET", REPO, "repoGet")
def repository(r: Request) -> Answer:
    return Answer(200, r.entities.repository(r.name))


@operation("GET", REPO + "/git/commits/{sha}", "repoGetSingleCommit")
def commit(r: Request) -> Answer:
    if not r.git.resolve(r.name, r.path["sha"] + "^{commit}"):
        raise not_found()
    return Answer(200, r.entities.commit(r.name, r.path["sha"]))
