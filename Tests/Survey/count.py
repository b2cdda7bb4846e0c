#!/usr/bin/python3
"""A second counting of what `stagex-maint audit --survey` counts, written from the definitions and in another way: sets
of commits instead of numbers, git's own merge for every merge, signatures taken apart by hand.

  count.py REPOSITORY REF [OPTION...]     prints one line of JSON a commit, in no order, and last the figures

  --since YYYY-MM-DD     --all-merges     --machine KEY     as of the survey
  --keyring DIR          checks OpenPGP signatures with gpg and the certificates DIR/*.asc

Only as fast as a test needs it to be.
"""

import argparse
import base64
import calendar
import glob
import hashlib
import json
import re
import struct
import subprocess
import tempfile
import time

FORGE_KEYS = {"4AEE18F83AFDEB23", "B5690EEEBB952194"}
FORGES = {"github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket"}
IDENTITY = re.compile(rb"([^<>\n]* )<([^<>\n]*)> (0|[1-9][0-9]*) [+-][0-9]{4}")


def git(*words, data=None, check=True):
    return subprocess.run(
        ["git", "-C", REPOSITORY, *words], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=check)


class Commit:
    def __init__(self, name, body):
        self.name = name
        self.parents = []
        self.checked = None
        self.signature = None
        self.signer = None
        self.machine = None
        self.format = "none"
        head, _, message = body.partition(b"\n\n")
        fields = re.findall(rb"^([^ \n]+) ((?:[^\n]|\n )*)$", head, re.M)
        self.tree = fields[0][1].decode()
        people = {}
        for key, value in fields[1:]:
            if key == b"parent":
                self.parents.append(value.decode())
            elif key in (b"author", b"committer"):
                people[key] = IDENTITY.fullmatch(value)
            elif key == b"gpgsig":
                self.signature = value.replace(b"\n ", b"\n")
        # Histories of these tests are malformed in one way only.
        self.malformed = b"\0" in body
        committer = people[b"committer"]
        author = people[b"author"]
        self.time = int(committer[3])
        self.committer = committer[1].removesuffix(b" ").decode("utf-8", "replace")
        name, address = committer[1].strip().decode("latin-1").lower(), committer[2].decode("latin-1").lower()
        self.by_forge = name in FORGES and re.match("no-?reply@", address) is not None
        self.bot = re.search(r"(\[bot\]|(^|[-_ ])bot)$", author[1].rstrip(b" ").decode("latin-1"), re.I) is not None
        subject = message.lstrip(b"\n")
        self.says_adopt = re.match(rb"adopt(?![A-Za-z0-9_\x80-\xff])", subject, re.I) is not None
        if self.malformed:
            self.format, self.by_forge, self.bot, self.says_adopt = "malformed", False, False, False
        elif self.signature:
            self.format, self.signer = claim(self.signature)


# Signatures


def unarmor(text):
    lines = text.split(b"\n")[1:]
    if b"" in lines and b"PGP" in text[:40]:
        lines = lines[lines.index(b"") + 1 :]
    kept = []
    for line in lines:
        if line.startswith((b"-", b"=")):
            break
        kept.append(line.strip())
    data = b"".join(kept)
    return base64.b64decode(data + b"=" * (-len(data) % 4))


def claim(text):
    if text.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        blob = unarmor(text)
        size = struct.unpack(">I", blob[10:14])[0]
        digest = base64.b64encode(hashlib.sha256(blob[14 : 14 + size]).digest()).decode().rstrip("=")
        return "SSH", ("ssh", "SHA256:" + digest)
    if text.startswith(b"-----BEGIN SIGNED MESSAGE-----"):
        return "X.509", x509(unarmor(text))
    return "OpenPGP", openpgp(unarmor(text))


def openpgp(packet):
    at = 1
    if packet[0] & 0x40:
        first = packet[1]
        at = 2 if first < 192 else 3 if first < 224 else 6
    else:
        at += [1, 2, 4][packet[0] & 3]
    body = packet[at:]
    if body[0] == 3:
        return ("id", body[7:15].hex().upper())
    found = {}
    place = 4
    for _ in range(2):
        size = struct.unpack(">H", body[place : place + 2])[0]
        area = body[place + 2 : place + 2 + size]
        place += 2 + size
        while area:
            length, skip = (area[0], 1) if area[0] < 192 else (((area[0] - 192) << 8) + area[1] + 192, 2)
            kind, content = area[skip] & 127, area[skip + 1 : skip + length]
            found.setdefault(kind, content)
            area = area[skip + length :]
    if 33 in found:
        return ("fpr", found[33][1:].hex().upper())
    if 16 in found:
        return ("id", found[16].hex().upper())
    return None


def der(data):
    """The elements of some DER: tag, content, and the whole."""
    while data:
        size, at = data[1], 2
        if size & 128:
            at += size & 127
            size = int.from_bytes(data[2:at], "big")
        yield data[0], data[at : at + size], data[: at + size]
        data = data[at + size :]


def x509(message):
    (_, outer, _), = der(message)
    signed = list(der(next(der(list(der(outer))[1][1]))[1]))
    info = list(der(next(der(signed[-1][1]))[1]))
    issuer, serial = list(der(info[1][1]))
    issuer, serial = issuer[2], serial[1]
    for tag, content, _ in signed:
        if tag != 0xA0:
            continue
        for _, certificate, _ in der(content):
            fields = list(der(next(der(certificate))[1]))[1:]
            if fields[0][1] != serial or fields[2][2] != issuer:
                continue
            for tag, extensions, _ in fields:
                if tag != 0xA3:
                    continue
                for _, extension, _ in der(next(der(extensions))[1]):
                    parts = list(der(extension))
                    if parts[0][1] == bytes([0x55, 0x1D, 0x11]):
                        for kind, name, _ in der(next(der(parts[-1][1]))[1]):
                            if kind in (0x81, 0x86):
                                return ("uri" if kind == 0x86 else "mail", name.decode(), issuer.hex())
    return ("certificate", serial.hex(), issuer.hex())


def words(signer):
    """A signer as the survey writes it."""
    if signer is None:
        return "unreadable"
    if signer[0] == "certificate":
        return f"serial {signer[1]} of issuer {hashlib.sha256(bytes.fromhex(signer[2])).hexdigest()[:16]}"
    return signer[1]


# The history


def read(tip):
    names = git("rev-list", tip).stdout.split()
    data = git("cat-file", "--batch", data=b"\n".join(names) + b"\n").stdout
    commits = {}
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        name, _, size = data[at:end].split()
        commits[name.decode()] = Commit(name.decode(), data[end + 1 : end + 1 + int(size)])
        at = end + 2 + int(size)
    return commits


def reach(commits, starts, stop=frozenset()):
    found, waiting = set(), list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found and name not in stop:
            found.add(name)
            waiting += commits[name].parents
    return found


def find_signers(commits):
    """One name for each signer; None for machines and for what names nobody."""
    fingerprints = {}
    for commit in commits.values():
        if commit.signer and commit.signer[0] == "fpr":
            fingerprints.setdefault(commit.signer[1][-16:], set()).add(commit.signer)
    only_forge = {}
    for commit in commits.values():
        if commit.signer and commit.signer[0] == "id" and len(fingerprints.get(commit.signer[1], ())) == 1:
            commit.signer, = fingerprints[commit.signer[1]]
        if commit.signer:
            only_forge[commit.signer] = only_forge.get(commit.signer, True) and commit.by_forge
    named = {word for word in MACHINES} | {word[-16:] for word in MACHINES if re.fullmatch("[0-9A-F]{40}", word)}
    for commit in commits.values():
        signer = commit.signer
        if not signer:
            continue
        if signer[0] in ("fpr", "id"):
            commit.listed = signer[1][-16:] in FORGE_KEYS | named or signer[1] in named
        else:
            commit.listed = words(signer) in named
        if commit.listed:
            commit.machine = "a forge's key"
        elif signer[0] == "uri" or signer[0] == "mail" and signer[1].lower().endswith(".gserviceaccount.com"):
            commit.machine = "a workflow's identity"
        elif only_forge[signer]:
            commit.machine = "all its commits name a forge as committer"


def check(commits, tip, folder):
    """Whom gpg, with these certificates, says that good signatures are of."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "GNUPGHOME": home, "PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        files = glob.glob(folder + "/*.asc")
        subprocess.run(
            ["gpg", "--batch", "--quiet", "--import", *files], env=environment, check=True, stderr=subprocess.DEVNULL)
        log = subprocess.run(
            ["git", "-C", REPOSITORY, "log", "--format=%H %G? %GP", tip], env=environment, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in log.stdout.decode().splitlines():
            name, verdict, *primary = line.split()
            # U: good, and nobody certified the key. Y: the key has expired since.
            if verdict in "GUY" and primary and not (set(primary) | {primary[0][-16:]}) & MACHINES:
                commits[name].checked = primary[0]
    return len(files)


def is_content(commit, commits):
    """Whether a merge is another than git makes of its parents."""
    parents = commit.parents
    if len(parents) != 2:
        raise SystemExit("no histories with octopus merges")
    done = git("merge-tree", "--write-tree", *parents, check=False)
    if done.returncode not in (0, 1):
        return True
    return done.returncode == 1 or done.stdout.split()[0].decode() != commit.tree


def spread(new, old, commits, person):
    """Who stands behind each commit of a step."""
    behind = {name: set() for name in new}
    merges = [commits[name] for name in new if len(commits[name].parents) > 1]
    introduced = {m.name: reach(commits, m.parents[1:], reach(commits, m.parents[:1])) for m in merges}
    for name in new:
        signer = person(commits[name])
        if signer is None:
            continue
        behind[name].add(signer)
        if name in introduced:
            for other in introduced[name] & new:
                behind[other].add(signer)
        commit = commits[name]
        if is_adoption(commit, commits):
            around = [m.name for m in merges if name in introduced[m.name]]
            innermost = [m for m in around if not any(o != m and o in reach(commits, [m]) for o in around)]
            limit = old
            for merge in innermost:
                limit = limit | reach(commits, commits[merge].parents[:1])
            for other in (reach(commits, commit.parents) & new) - limit:
                behind[other].add(signer)
    return behind


def is_adoption(commit, commits):
    return commit.says_adopt and len(commit.parents) == 1 and commits[commit.parents[0]].tree == commit.tree


def forge_made(commit):
    return commit.by_forge or getattr(commit, "listed", False)


def main(options):
    tip = git("rev-parse", options.ref + "^{commit}").stdout.decode().strip()
    since = options.since and calendar.timegm(time.strptime(options.since, "%Y-%m-%d"))
    commits = read(tip)
    find_signers(commits)
    certificates = check(commits, tip, options.keyring) if options.keyring else None

    rows = []
    line = [tip]
    while commits[line[-1]].parents:
        line.append(commits[line[-1]].parents[0])
    known = set()
    for head in reversed(line):
        new = reach(commits, [head], known)
        old = set(known)
        known |= new
        behind = spread(new, old, commits, lambda commit: None if commit.machine or commit.malformed else commit.signer)
        checked = spread(new, old, commits, lambda commit: None if commit.malformed else commit.checked)
        top = commits[head]
        if len(top.parents) > 1:
            arrival = "button" if forge_made(top) else "hand"
        else:
            arrival = "browser" if forge_made(top) else "straight"
        for name in new:
            commit = commits[name]
            if since is not None and commit.time < since:
                continue
            kind = "ordinary"
            if len(commit.parents) > 1 and not commit.malformed:
                kind = "content-merge"
                if forge_made(commit) and not options.all_merges:
                    kind = "taken-for-clean"
                elif not is_content(commit, commits):
                    kind = "clean-merge"
            elif is_adoption(commit, commits):
                kind = "adopt"
            rows.append({
                "commit": name, "time": commit.time, "kind": kind, "behind": behind[name],
                "arrival": arrival, "bot": commit.bot,
                "format": commit.format, "checked": len(checked[name]) if options.keyring else None,
            })
    for row in rows:
        print(json.dumps({**row, "behind": sorted(words(signer) for signer in row["behind"])}))
    print(json.dumps({"figures": figures(rows, commits, certificates)}))


# The figures, as docs/survey.md names them


def day(seconds):
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def tally(numbers):
    found = {"0": 0, "1": 0, "2+": 0}
    for number in numbers:
        found["0" if number == 0 else "1" if number == 1 else "2+"] += 1
    return found


def months(changes):
    if not changes:
        return []
    by_month = {}
    for row in changes:
        by_month.setdefault(day(row["time"])[:7], []).append(len(row["behind"]))
    year, month = map(int, min(by_month).split("-"))
    listed = []
    while (name := f"{year:04}-{month:02}") <= max(by_month):
        listed.append({"month": name, "claimed": tally(by_month.get(name, []))})
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return listed


def well_since(changes):
    well = None
    for row in sorted(changes, key=lambda row: (-row["time"], row["commit"])):
        if len(row["behind"]) < 2:
            break
        well = row["time"]
    return None if well is None else day(well)


def signers(rows, changes, commits):
    """Everybody, by format and key."""
    found = {}
    whole = [(commits[row["commit"]].format, commits[row["commit"]].signer, row) for row in rows]
    for kind, signer, row in whole:
        if kind in ("none", "malformed"):
            continue
        nothing = {"commits": 0, "endorsed": 0, "reviewed": 0, "newest": None, "machine": None}
        entry = found.setdefault((kind, signer), nothing)
        entry["commits"] += 1
        entry["newest"] = max(entry["newest"] or (0, ""), (row["time"], row["commit"]))
        entry["machine"] = commits[row["commit"]].machine
    formats = {commit.signer: commit.format for commit in commits.values() if commit.signer}
    for row in changes:
        for signer in row["behind"]:
            nothing = {"commits": 0, "endorsed": 0, "reviewed": 0, "newest": None, "machine": None}
            entry = found.setdefault((formats[signer], signer), nothing)
            entry["endorsed"] += 1
            own = commits[row["commit"]]
            if own.machine or own.malformed or own.signer != signer:
                entry["reviewed"] += 1
    return [
        {
            "format": kind, "key": words(signer), "machine": entry["machine"], "commits": entry["commits"],
            "endorsed": entry["endorsed"],
            "reviewed": entry["reviewed"], "label": commits[entry["newest"][1]].committer if entry["newest"] else "",
        }
        for (kind, signer), entry in found.items()
    ]


def figures(rows, commits, certificates):
    changes = [row for row in rows if row["kind"] in ("ordinary", "content-merge")]
    kinds = [row["kind"] for row in rows]
    formats = [row["format"] for row in rows]
    arrivals = sorted({row["arrival"] for row in changes})
    found = {
        "from": day(min(row["time"] for row in rows)) if rows else None,
        "to": day(max(row["time"] for row in rows)) if rows else None,
        "commits": len(rows), "malformed": formats.count("malformed"), "adoptions": kinds.count("adopt"),
        "changes": len(changes),
        "formats": {name: formats.count(name) for name in set(formats)},
        "machine-signed": sum(commits[row["commit"]].machine is not None for row in rows),
        "claimed": tally(len(row["behind"]) for row in changes), "well-since": well_since(changes),
        "arrivals": {way: tally(len(row["behind"]) for row in changes if row["arrival"] == way) for way in arrivals},
        "by-bots": tally(len(row["behind"]) for row in changes if row["bot"]),
        "merges": {
            "all": kinds.count("taken-for-clean") + kinds.count("clean-merge") + kinds.count("content-merge"),
            "clean": kinds.count("clean-merge"),
            "content": kinds.count("content-merge"), "taken-for-clean": kinds.count("taken-for-clean"), "unknown": 0,
        },
        "months": months(changes), "signers": signers(rows, changes, commits),
    }
    if certificates is not None:
        found["checked"] = tally(row["checked"] for row in changes)
        found["certificates"] = certificates
    return found


options = argparse.ArgumentParser()
options.add_argument("repository")
options.add_argument("ref")
options.add_argument("--since")
options.add_argument("--all-merges", action="store_true")
options.add_argument("--machine", action="append", default=[])
options.add_argument("--keyring")
options = options.parse_args()
REPOSITORY, MACHINES = options.repository, set(options.machine)
main(options)
