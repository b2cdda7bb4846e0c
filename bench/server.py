"""A protected server in a folder of its own, and commits signed by its two maintainers, for bench/load and
bench/stall."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

from openpgp import Person

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MADE = 1_700_000_000


class Place:
    """A folder away from everybody's configuration, with a server in it."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = tempfile.mkdtemp(prefix="maint-load.")
        self.server = self.folder + "/server.git"
        self.environment = dict(
            os.environ, HOME=self.folder, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=self.folder + "/gitconfig",
            GIT_AUTHOR_DATE="1700000000 +0000", GIT_COMMITTER_DATE="1700000000 +0000", LC_ALL="C.UTF-8",
        )
        self.git(self.folder, "config", "--global", "user.name", "Load")
        self.git(self.folder, "config", "--global", "user.email", "load@example.invalid")
        self.git(self.folder, "config", "--global", "gc.auto", "0")
        self.people = {name: Person(name, "ed25519", MADE) for name in ("ann", "bob")}

    def run(self, folder, *command, data=None, check=True):
        done = subprocess.run(command, cwd=folder, env=self.environment, input=data, capture_output=True)
        if check and done.returncode != 0:
            said = done.stderr.decode(errors="replace")
            sys.exit(f"error: {' '.join(command)} ended with {done.returncode}:\n{said}")
        return done

    def git(self, folder, *words, data=None):
        return self.run(folder, "git", *words, data=data).stdout.decode().strip()

    def protect(self, policy):
        """The first commit, with registry and policy, in a protected server; returns its id and its tree's entries."""
        seed = self.folder + "/seed.git"
        self.git(self.folder, "init", "--quiet", "--bare", seed)
        blob = lambda text: self.git(seed, "hash-object", "-w", "--stdin", data=text.encode())
        registry, keys = "[people]\n", ""
        for name, person in self.people.items():
            registry += f'[people.{name}]\n[keys.{name}.card]\nid = "{person.fingerprint}"\ndevices = "YubiKey 5"\n'
            keys += f"100644 blob {blob(person.certificate)}\t{person.fingerprint}.asc\n"
        entries = {
            "MAINTAINERS": f"100644 blob {blob(registry)}\tMAINTAINERS",
            "keys": f"040000 tree {self.git(seed, 'mktree', data=keys.encode())}\tkeys",
            "review.toml": f"100644 blob {blob(policy)}\treview.toml",
        }
        tree = self.git(seed, "mktree", data="\n".join(entries.values()).encode())
        root = self.git(seed, "commit-tree", tree, "-m", "Start")
        self.git(seed, "update-ref", "refs/heads/main", root)
        self.git(self.folder, "clone", "--quiet", "--bare", seed, self.server)
        self.git(self.server, "config", "maint.engine", self.arguments.engine)
        self.run(self.server, self.arguments.program, "hook", "install", "--trust-root", root)
        return seed, root, entries

    def url(self):
        if not self.arguments.http:
            return self.server
        self.git(self.server, "config", "http.receivepack", "true")
        self.web = subprocess.Popen(
            [TOP + "/scripts/git-over-http", self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=self.environment,
        )
        return self.web.stdout.readline().decode().strip() + "/server.git"

    def commit(self, folder, tree, parents, signer=None, message="Change\n", spoilt=None, headers=""):
        """A commit of that tree, signed by a maintainer or by nobody.

        `spoilt` takes the message's place after signing.
        """
        now = int(time.time())
        who = f"Writer <w@example.invalid> {now} +0000"
        head = f"tree {tree}\n" + "".join(f"parent {parent}\n" for parent in parents)
        head += f"author {who}\ncommitter {who}\n{headers}"
        if signer:
            armor = self.people[signer].signature((head + "\n" + message).encode(), now)
            head += "gpgsig " + armor.rstrip("\n").replace("\n", "\n ") + "\n"
        content = (head + "\n" + (spoilt or message)).encode()
        return self.git(folder, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=content)

    def tree(self, folder, entries):
        """A tree of lines as `git ls-tree` prints them, by name."""
        return self.git(folder, "mktree", data="\n".join(entries.values()).encode())

    def blob(self, folder, content):
        data = content if isinstance(content, bytes) else content.encode()
        return self.git(folder, "hash-object", "-w", "--stdin", data=data)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
