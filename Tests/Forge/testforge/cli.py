"""The command line: Tests/Forge/forge. ROOT is the folder of one forge."""

import argparse
import json
import os
import subprocess
import sys
import time

from .contract import find_description
from .repositories import Repositories
from .store import Store

START_SECONDS = 20.0


def main() -> int:
    options = _parser().parse_args()
    try:
        options.run(options)
        return 0
    except (OSError, ValueError, KeyError) as error:
        print(f"forge: {error}", file=sys.stderr)
        return 1


def _start(o) -> None:
    """Makes the folder where it is new, and starts the server."""
    root = os.path.abspath(o.root)
    os.makedirs(root, exist_ok=True)
    description = None if o.unchecked else find_description()
    if description and not _has_jsonschema():
        print("forge: no python3-jsonschema, so the contract is not checked", file=sys.stderr)
        description = None
    if o.example:
        from .example import fill

        fill(root)
    settings = {"port": o.port, "description": description, "owner": o.owner, "certificate": None}
    if o.tls:
        from .certificate import make

        settings["certificate"] = make(root)
    with open(os.path.join(root, "settings.json"), "w") as f:
        json.dump(settings, f)
    with open(os.path.join(root, "errors"), "ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "testforge.process", root],
            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True,
        )
    end = time.monotonic() + START_SECONDS
    while not os.path.exists(os.path.join(root, "pid")):
        if process.poll() is not None or time.monotonic() > end:
            raise OSError(f"the server did not start; see {root}/errors")
        time.sleep(0.01)
    with open(os.path.join(root, "url")) as f:
        print("url", f.read())
    print("contract", "checked" if description else "unchecked")


def _has_jsonschema() -> bool:
    import importlib.util

    return importlib.util.find_spec("jsonschema") is not None


def _stop(o) -> None:
    try:
        os.unlink(os.path.join(o.root, "pid"))  # the server looks for it twice a second
    except FileNotFoundError:
        pass


def _user(o) -> None:
    with Store(o.root) as store:
        user = store.add_user(o.name)
        print("token", user["token"])
        print("password", user["password"])


def _repository(o) -> None:
    git = Repositories(os.path.abspath(o.root))
    with Store(o.root) as store:
        if o.fork_of:
            git.fork(o.fork_of, o.name)
        else:
            git.create(o.name)
        for name in o.writer:
            store.add_user(name)
        store.add_repository(o.name, o.writer, o.fork_of, autodetect=o.autodetect, manual_merge=not o.no_manual_merge)
    print("path", git.path(o.name))


def _set(o) -> None:
    with Store(o.root) as store:
        store.repositories[o.name][o.setting] = json.loads(o.value)


def _delete(o) -> None:
    with Store(o.root) as store:
        del store.repositories[o.name]
        Repositories(os.path.abspath(o.root)).delete(o.name)


def _hook(o) -> None:
    Repositories(os.path.abspath(o.root)).install_hook(o.name, o.program)


def _hostile(o) -> None:
    rules = [json.loads(rule) for rule in (sys.stdin.read().splitlines() if o.rules == ["-"] else o.rules)]
    with Store(o.root) as store:
        store.data["rules"] = rules


def _violations(o) -> None:
    with Store(o.root) as store:
        for violation in store.data["violations"]:
            print(violation)


def _show(o) -> None:
    with Store(o.root) as store:
        print(json.dumps(store.data, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="forge", description="A forge for tests.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, run, help):
        p = commands.add_parser(name, help=help, description=help)
        p.set_defaults(run=run)
        p.add_argument("root", help="the forge's folder")
        return p

    p = command("start", _start, "start the server; prints its address and whether the contract is checked")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--owner", type=int, metavar="PID", help="end when this process has ended")
    p.add_argument("--tls", action="store_true", help="with a certificate of its own, ROOT/certificate.pem")
    p.add_argument("--unchecked", action="store_true", help="do not hold requests against the contract")
    p.add_argument("--example", action="store_true", help="with stagex/stagex, its fork bob/stagex and four people")
    command("stop", _stop, "stop the server")
    command("user", _user, "add a user").add_argument("name")
    p = command("repository", _repository, "add a repository, or a fork of one")
    p.add_argument("name", help="OWNER/NAME")
    p.add_argument("--writer", action="append", default=[])
    p.add_argument("--fork-of", metavar="OWNER/NAME")
    p.add_argument("--autodetect", action="store_true", help="a pushed merge closes its pull request")
    p.add_argument("--no-manual-merge", action="store_true", help="the forge cannot be told of a merge")
    p = command("set", _set, "change a setting of a repository, e.g. hold_sync true")
    p.add_argument("name")
    p.add_argument("setting", choices=(
        "writers", "autodetect", "manual_merge", "hold_sync", "merge_requests", "read_only_heads"))
    p.add_argument("value", help="JSON")
    command("delete", _delete, "delete a repository").add_argument("name")
    p = command("hook", _hook, "put a program into a repository's pre-receive.d")
    p.add_argument("name")
    p.add_argument("program")
    p = command("hostile", _hostile, "spoil answers by these rules, replacing those before; none: behave")
    p.add_argument("rules", nargs="*", help="JSON; - reads one rule a line from standard input")
    command("violations", _violations, "breaches of the contract so far")
    command("show", _show, "everything the forge knows, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
