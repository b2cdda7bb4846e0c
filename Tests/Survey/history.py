#!/usr/bin/python3
"""Makes a small history at random for the survey's tests: signatures of every kind (whom they name matters, not whether
they are good), merges inside merges, merges back, resolved conflicts, adoptions, forges, workflows and bots.

  history.py FOLDER SEED COMMITS     the same arguments make the same bytes
"""

import base64
import hashlib
import os
import random
import struct
import subprocess
import sys
import zlib

FOLDER, SEED, COUNT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(SEED)
subprocess.check_call(["git", "init", "-q", "--bare", "-b", "main", FOLDER])


def store(kind, body):
    data = kind + b" %d\0" % len(body) + body
    name = hashlib.sha1(data).hexdigest()
    path = os.path.join(FOLDER, "objects", name[:2], name[2:])
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(zlib.compress(data, 1))
    return name


def tree(files, prefix=""):
    """Files by their paths, of two levels at most."""
    entries = {}
    for path, content in files.items():
        folder, slash, name = path.partition("/")
        if slash:
            entries.setdefault(folder, {})[name] = content
        else:
            entries[folder] = content
    lines = []
    for name, value in entries.items():
        if isinstance(value, dict):
            lines.append((name + "/", b"40000 " + name.encode() + b"\0" + bytes.fromhex(tree(value))))
        else:
            lines.append((name, b"100644 " + name.encode() + b"\0" + bytes.fromhex(store(b"blob", value.encode()))))
    return store(b"tree", b"".join(line for _, line in sorted(lines)))


# Signatures


def armored(label, data, blank=True):
    text = base64.b64encode(data).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----"] + ([""] if blank else []) + lines + [f"-----END {label}-----"])


def openpgp(number, style):
    fingerprint = hashlib.sha1(b"key %d" % number).digest()
    if number in FORGE:
        fingerprint = fingerprint[:12] + bytes.fromhex(FORGE[number])
    if style == "old":  # version 3
        body = bytes([3, 5, 0]) + b"\0\0\0\1" + fingerprint[-8:] + bytes([1, 8, 0, 0, 0, 1, 1])
    else:
        hashed = bytes([5, 2]) + b"\0\0\0\1"
        issuer = bytes([9, 16]) + fingerprint[-8:]
        if style == "fingerprint":
            hashed = bytes([22, 33, 4]) + fingerprint + hashed
        body = bytes([4, 0, 1, 8]) + struct.pack(">H", len(hashed)) + hashed
        body += struct.pack(">H", len(issuer)) + issuer + b"\0\0\0\1\1"
    head = bytes([0xC2, len(body)]) if chance.random() < 0.5 else bytes([0x88, len(body)])
    return armored("PGP SIGNATURE", head + body)


def ssh(number):
    key = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + hashlib.sha256(b"key %d" % number).digest()
    body = b"SSHSIG" + struct.pack(">II", 1, len(key)) + key + b"\0\0\0\3git" + bytes(40)
    return armored("SSH SIGNATURE", body, blank=False)


def der(tag, *parts):
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else bytes([0x82]) + struct.pack(">H", len(body))
    return bytes([tag]) + size + body


def x509(identity, number):
    """A message as gitsign makes it: with a certificate for that signature alone; or without any."""
    issuer = der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03"), der(12, b"authority"))))
    serial = der(2, hashlib.sha256(b"%d" % chance.getrandbits(64)).digest()[:8] if identity else bytes([number + 1]))
    certificates = b""
    if identity:
        kind = 0x86 if "://" in identity else 0x81
        name = der(0x30, der(6, b"\x55\x1d\x11"), der(4, der(0x30, der(kind, identity.encode()))))
        empty = der(0x30, b"")
        version, extensions = der(0xA0, der(2, b"\2")), der(0xA3, der(0x30, name))
        body = der(0x30, version, serial, empty, issuer, empty, empty, empty, extensions)
        certificates = der(0xA0, der(0x30, body, der(0x30, b""), der(3, b"\0")))
    info = der(0x30, der(2, b"\1"), der(0x30, issuer, serial), der(0x30, b""), der(4, b"x"))
    method = der(0x30, der(6, b"\x2a\x86\x48\x86\xf7\x0d\1\7\1"))
    signed = der(0x30, der(2, b"\1"), der(0x31, b""), method, certificates, der(0x31, info))
    message = der(0x30, der(6, b"\x2a\x86\x48\x86\xf7\x0d\1\7\2"), der(0xA0, signed))
    return armored("SIGNED MESSAGE", message, blank=False)


FORGE = {90: "B5690EEEBB952194", 91: "4AEE18F83AFDEB23"}


def signature(who):
    if who == "forge":
        return openpgp(chance.choice(list(FORGE)), chance.choice(["fingerprint", "id"]))
    if who == "own forge":  # an instance's own key, which nobody knows
        return openpgp(80, "fingerprint")
    if who == "workflow":
        return x509("https://forge.example/owner/name/.github/workflows/update.yaml@refs/heads/main", 0)
    if who == "service":
        return x509("update-bot@project.iam.gserviceaccount.com", 0)
    number = chance.randrange(6)
    style = chance.choice([
        "fingerprint", "fingerprint", "id", "old", "ssh", "x509", "certificate", "none", "nobody", "odd"])
    if style == "ssh":
        return ssh(number)
    if style == "x509":
        return x509(f"person{number}@example.org", number)
    if style == "certificate":
        return x509(None, number)
    if style == "none":
        return None
    if style == "nobody":
        return armored("PGP SIGNATURE", bytes([0xC2, 12, 4, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 1]))
    return openpgp(number, "fingerprint" if style == "odd" else style)


# Commits

clock = 1_700_000_000
TREES, FILES, ADDED = {}, {}, [0]


def commit(files, parents, message=None, who=None, hand_made=None):
    global clock
    clock += chance.randrange(0, 900_000) if chance.random() < 0.9 else -chance.randrange(0, 400_000)
    who = who or chance.choice(["person"] * 10 + ["forge", "workflow", "service", "own forge"])
    author = chance.choice([
        "Ann Example <ann@example.org>", "renovate[bot] <renovate@example.org>", "update-bot <b@example.org>",
        "Abbot <abbot@example.org>", " <empty@example.org>"])
    committer = "Ann Example <ann@example.org>"
    if who == "forge":
        committer = "GitHub <noreply@github.com>"
    if who == "own forge":
        committer = "Forgejo <noreply@forge.example>"
    if chance.random() < 0.02:
        committer = "GitHub <github@example.org>"
    message = message or chance.choice(["change\n", "Adopted child\n", "adopt\n", "\nadopt: this\n", "fix\n\nadopt\n"])
    if chance.random() < 0.02:
        message += "\0"
    name = tree(files)
    head = f"tree {name}\n" + "".join(f"parent {p}\n" for p in parents)
    head += f"author {author} {clock} +0000\ncommitter {committer} {clock} +0000\n"
    armor = signature(who)
    if armor:
        head += "gpgsig " + armor.replace("\n", "\n ") + "\n"
    made = store(b"commit", (head + "\n" + message).encode())
    FILES[made] = dict(files)
    return made


def edit(files):
    files = dict(files)
    what = chance.random()
    names = sorted(files)
    if what < 0.15 or len(names) < 4:
        ADDED[0] += 1
        name = chance.choice(["", "a/", "b/"]) + f"file{ADDED[0]}"
        files[name] = "".join(f"line {ADDED[0]} {n}\n" for n in range(12))
    elif what < 0.22 and len(names) > 6:
        del files[chance.choice(names)]
    elif what < 0.28:  # renamed
        name = chance.choice(names)
        ADDED[0] += 1
        files[f"b/moved{ADDED[0]}"] = files.pop(name)
    else:
        name = chance.choice(names)
        lines = files[name].split("\n")
        lines[chance.randrange(len(lines) - 1)] = f"changed {chance.getrandbits(32)}"
        files[name] = "\n".join(lines)
    return files


def merge(ours, theirs):
    """What git makes of it, or what a person does about a conflict; now and then more than that."""
    done = subprocess.run(
        ["git", "-C", FOLDER, "merge-tree", "--write-tree", ours, theirs], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    files = None
    if done.returncode == 0:
        files = list_files(done.stdout.decode().split()[0])
    if files is None:
        files = {**FILES[theirs], **FILES[ours]}
    return edit(files) if chance.random() < 0.15 else files


def list_files(name):
    files = {}
    for line in subprocess.check_output(["git", "-C", FOLDER, "ls-tree", "-r", "-z", name]).split(b"\0"):
        if line:
            head, path = line.split(b"\t")
            content = ["git", "-C", FOLDER, "cat-file", "blob", head.split()[2].decode()]
            files[path.decode()] = subprocess.check_output(content).decode()
    return files


start = {
    f"{folder}f{n}": "".join(f"line {n} {i}\n" for i in range(12)) for n in range(3) for folder in ["", "a/", "b/"]}
main = commit(start, [])
sides = []
for _ in range(COUNT):
    what = chance.random()
    if what < 0.2 or not sides:
        sides.append(commit(edit(FILES[main]), [main]))
    elif what < 0.45:
        place = chance.randrange(len(sides))
        sides[place] = commit(edit(FILES[sides[place]]), [sides[place]])
    elif what < 0.57:
        place = chance.randrange(len(sides))
        said = chance.choice(["Adopt these\n", "ADOPT\n", "adopts\n"])
        sides[place] = commit(FILES[sides[place]], [sides[place]], message=said)
    elif what < 0.65:
        place = chance.randrange(len(sides))
        sides[place] = commit(merge(sides[place], main), [sides[place], main], message="merge back\n")
    elif what < 0.73 and len(sides) > 1:
        one, other = chance.sample(range(len(sides)), 2)
        sides[one] = commit(merge(sides[one], sides[other]), [sides[one], sides[other]], message="merge in\n")
    elif what < 0.93:
        side = sides.pop(chance.randrange(len(sides)))
        main = commit(merge(main, side), [main, side], message="merge\n")
    else:
        main = commit(edit(FILES[main]) if chance.random() < 0.7 else FILES[main], [main])
subprocess.check_call(["git", "-C", FOLDER, "update-ref", "refs/heads/main", main])
