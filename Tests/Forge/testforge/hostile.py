"""A hostile forge: rules that spoil answers. See ../README.md for the list.

A rule: {"method": "GET", "path": REGEX, "body": REGEX, "skip": N, "times": N, "do": {…}}. The first rule that fits a
request is applied: not to the first `skip` requests, and to `times` requests at most (always, when it is absent).
"""

import base64
import re
import time

from .repositories import Repositories
from .store import Store

PORTION = 1024


def take(store: Store, method: str, path: str, body: bytes = b"") -> dict:
    """What is to be done to this request; an empty dictionary for nothing."""
    for rule in store.data["rules"]:
        if rule.get("method", method) != method or not re.search(rule["path"], path):
            continue
        if "body" in rule and not re.search(rule["body"], body.decode("latin-1")):
            continue
        if rule.get("skip", 0) > 0:
            rule["skip"] -= 1
            continue
        if rule.get("times", 1) <= 0:
            continue
        if "times" in rule:
            rule["times"] -= 1
        return rule["do"]
    return {}


def before(deed: dict, git: Repositories) -> None:
    """What happens behind the caller's back before the answer is made: a ref moves."""
    if "move" in deed:
        move = deed["move"]
        git.git(move["repository"], "update-ref", move["ref"], move["commit"])


def stand_in(deed: dict, path: str) -> str:
    """The path of a request of git's, led to another repository: {"serve": "OWNER/NAME"}."""
    return re.sub(r"^/[^/]+/[^/]+\.git/", f"/{deed['serve']}.git/", path) if "serve" in deed else path


def spoil_git(deed: dict, answer: bytes, git: Repositories, name: str) -> bytes:
    """git's own answer, spoilt: {"rewrite": {"OLD": "NEW"}} of the same length, {"pack": [IDS]} for another pack."""
    for old, new in deed.get("rewrite", {}).items():
        answer = answer.replace(old.encode(), new.encode())
    if "pack" in deed and b"packfile\n" in answer:
        pack = git.pack(name, deed["pack"])
        head = answer[: answer.index(b"packfile\n") + len(b"packfile\n")]
        pieces = [pack[at : at + 60000] for at in range(0, len(pack), 60000)]
        packets = [b"%04x\x01" % (len(piece) + 5) + piece for piece in pieces]
        answer = head + b"".join(packets) + b"0000"
    return answer


def spoil(deed: dict, answer):
    """An answer with members replaced: {"patch": {"head.sha": "…", "0.title": "…"}}."""
    for path, value in deed.get("patch", {}).items():
        *parents, last = path.split(".")
        place = answer
        for key in parents:
            place = place[int(key) if isinstance(place, list) else key]
        place[int(last) if isinstance(place, list) else last] = value
    return answer


def reply(deed: dict) -> tuple[int, bytes, dict[str, str]] | None:
    """An answer of the rule's own: {"reply": {"status": 429, "headers": {…}, "body": "…" or "base64": "…"}}."""
    if "reply" not in deed:
        return None
    own = deed["reply"]
    body = base64.b64decode(own["base64"]) if "base64" in own else own.get("body", "").encode()
    return own.get("status", 200), body, own.get("headers", {})


def send_body(deed: dict, body: bytes, write, flush) -> bool:
    """Sends a body in the rule's way. Returns whether the connection may be kept."""
    time.sleep(deed.get("delay", 0))
    if deed.get("endless"):
        while True:  # until the caller hangs up
            write(b" " * PORTION)
    if "truncate" in deed:
        write(body[: deed["truncate"]])
        return False
    if "trickle" in deed:  # seconds between portions
        for at in range(0, len(body), PORTION):
            write(body[at : at + PORTION])
            flush()
            time.sleep(deed["trickle"])
        return True
    write(body)
    return True
