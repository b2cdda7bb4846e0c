"""One request to the REST interface, and the table of operations that answer."""

import urllib.parse
from dataclasses import dataclass, field

from .contract import pattern
from .entities import Entities
from .errors import ApiError, not_found
from .repositories import Repositories
from .store import Store

PAGE, PAGE_MOST = 30, 50


@dataclass
class Answer:
    status: int
    body: object = None  # JSON, bytes or nothing
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    """`owner/repo` and `index` of the path are looked up before an operation runs: `name` and `pull` are there."""

    store: Store
    git: Repositories
    base: str
    url: str
    path: dict[str, str]
    query: dict[str, str]
    body: dict
    asker: str | None
    name: str = ""
    pull: dict | None = None

    @property
    def entities(self) -> Entities:
        return Entities(self.base, self.store, self.git, self.asker)

    @property
    def may_write(self) -> bool:
        return self.store.may_write(self.asker, self.name)

    @property
    def pull_ref(self) -> str:
        return f"refs/pull/{self.pull['number']}/head"

    @property
    def pull_base(self) -> str:
        return self.git.git(self.name, "merge-base", self.pull["base"], self.pull_ref) or ""

    def look_up(self) -> None:
        if "repo" in self.path:
            self.name = f"{self.path['owner']}/{self.path['repo']}"
            if self.name not in self.store.repositories:
                raise not_found()
            self.git.follow(self.store, self.name)
        if "index" in self.path:
            self.pull = self.store.pull(self.name, self.path["index"])
            if self.pull is None:
                raise not_found()

    def page(self, items: list, make=lambda item: item, **headers: str) -> Answer:
        """One page of a list, with Forgejo's headers."""
        limit = min(max(int(self.query.get("limit") or PAGE), 1), PAGE_MOST)
        page = max(int(self.query.get("page") or 1), 1)
        last = max(-(-len(items) // limit), 1)
        links = [("next", page + 1), ("last", last)] if page < last else []
        links += [("first", 1), ("prev", page - 1)] if page > 1 else []
        headers |= {"X-Total-Count": str(len(items)), "Access-Control-Expose-Headers": "Link, X-Total-Count"}
        if links:
            headers["Link"] = ",".join(f'<{self._page_url(n, limit)}>; rel="{rel}"' for rel, n in links)
        return Answer(200, [make(item) for item in items[(page - 1) * limit : page * limit]], headers)

    def _page_url(self, page: int, limit: int) -> str:
        query = urllib.parse.urlencode(self.query | {"page": page, "limit": limit})
        return f"{self.base}{self.url}?{query}"


@dataclass
class Operation:
    method: str
    template: str
    name: str
    run: object


OPERATIONS: list[Operation] = []


def operation(method: str, template: str, name: str):
    """Enters a function into the table, under the name that Forgejo's description gives the operation."""

    def enter(function):
        OPERATIONS.append(Operation(method, template, name, function))
        return function

    return enter


def find(method: str, path: str) -> tuple[Operation | None, dict[str, str]]:
    """The operation for a path; templates with fewer variables win over those with more."""
    for candidate in sorted(OPERATIONS, key=lambda o: o.template.count("{")):
        match = pattern(candidate.template).match(path)
        if match and candidate.method == method:
            return candidate, {k: urllib.parse.unquote(v) for k, v in match.groupdict().items()}
    return None, {}


def demand(condition: object, status: int, message: str) -> None:
    if not condition:
        raise ApiError(status, message)
