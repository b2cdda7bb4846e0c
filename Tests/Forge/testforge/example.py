"""The example that most tests begin with: stagex/stagex with the writers alice and dave, the fork bob/stagex, and
carol, who only reads. `main` and `staging` start at the same root commit."""

from .repositories import Repositories
from .store import Store

NAME, FORK = "stagex/stagex", "bob/stagex"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "T"), ("EMAIL", "t@example.org"), ("DATE", "1767225600 +0000"))
}


def fill(root: str) -> None:
    git = Repositories(root)
    git.create(NAME)
    git.git(NAME, "hash-object", "-t", "tree", "-w", "/dev/null")
    commit = git.git(NAME, "commit-tree", "-m", "Start", EMPTY_TREE, environment=AUTHOR)
    for branch in ("main", "staging"):
        git.git(NAME, "update-ref", f"refs/heads/{branch}", commit)
    git.fork(NAME, FORK)
    with Store(root) as store:
        for user in ("alice", "dave", "bob", "carol"):
            store.add_user(user)
        store.add_repository(NAME, ["alice", "dave"])
        store.add_repository(FORK, ["bob"], NAME)
