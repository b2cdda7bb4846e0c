"""A git repository written as one pack with its index, both by hand: git's own programs need minutes for it."""

import hashlib
import os
import struct
import subprocess
import zlib

COMMIT, TREE, BLOB, OFFSET_DELTA = 1, 2, 3, 6
KIND_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob"}


def object_id(kind, body):
    return hashlib.sha1(b"%s %d\0" % (KIND_NAMES[kind], len(body)) + body).digest()


def variable_size(number):
    """The sizes inside a delta (gitformat-pack(5))."""
    result = bytearray()
    while number > 127:
        result.append(number & 127 | 128)
        number >>= 7
    result.append(number)
    return bytes(result)


def copy_command(offset, count):
    result = b""
    while count:
        part = min(count, 0xFFFF)
        result += b"\xb7" + struct.pack("<I", offset)[:3] + struct.pack("<H", part)
        offset, count = offset + part, count - part
    return result


def patch_delta(size, at, new):
    """A delta that puts `new` in the place of as many octets of a body of this size."""
    end = at + len(new)
    return (
        variable_size(size) * 2 + copy_command(0, at) + bytes([len(new)]) + new + copy_command(end, size - end)
    )


class Pack:
    def __init__(self, repository):
        subprocess.check_call(["git", "init", "-q", "--bare", "-b", "main", repository])
        self.repository = repository
        self.folder = os.path.join(repository, "objects", "pack")
        self.file = open(os.path.join(self.folder, "new.pack"), "wb", buffering=1 << 20)
        self.file.write(b"PACK" + struct.pack(">II", 2, 0))
        self.offset = 12
        self.offsets = {}
        self.checksums = {}

    def _write(self, name, kind, size, reference, content):
        head = bytearray()
        octet, rest = kind << 4 | size & 15, size >> 4
        while rest:
            head.append(octet | 128)
            octet, rest = rest & 127, rest >> 7
        head.append(octet)
        entry = bytes(head) + reference + zlib.compress(content, 1)
        self.offsets[name] = self.offset
        self.checksums[name] = zlib.crc32(entry)
        self.file.write(entry)
        self.offset += len(entry)

    def add(self, kind, body):
        name = object_id(kind, body)
        if name not in self.offsets:
            self._write(name, kind, len(body), b"", body)
        return name

    def add_patched(self, kind, body, base, at, count):
        """Adds a body that differs from the object `base` in `count` octets at `at`, as a delta."""
        name = object_id(kind, body)
        if name not in self.offsets:
            delta = patch_delta(len(body), at, body[at : at + count])
            distance = self.offset - self.offsets[base]
            octets = [distance & 127]
            while distance > 127:
                distance = (distance >> 7) - 1
                octets.append(distance & 127 | 128)
            self._write(name, OFFSET_DELTA, len(delta), bytes(reversed(octets)), delta)
        return name

    def finish(self):
        self.file.close()
        path = self.file.name
        with open(path, "r+b") as file:
            file.seek(8)
            file.write(struct.pack(">I", len(self.offsets)))
        digest = hashlib.sha1()
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        with open(path, "ab") as file:
            file.write(digest.digest())

        names = sorted(self.offsets)
        fan_out = [0] * 256
        for name in names:
            fan_out[name[0]] += 1
        for octet in range(1, 256):
            fan_out[octet] += fan_out[octet - 1]
        large = []
        places = bytearray()
        for name in names:
            offset = self.offsets[name]
            if offset >> 31:
                large.append(offset)
                offset = 1 << 31 | len(large) - 1
            places += struct.pack(">I", offset)
        index = b"\xfftOc" + struct.pack(">I", 2) + struct.pack(">256I", *fan_out) + b"".join(names)
        index += b"".join(struct.pack(">I", self.checksums[name]) for name in names) + bytes(places)
        index += struct.pack(f">{len(large)}Q", *large) + digest.digest()
        index += hashlib.sha1(index).digest()
        final = os.path.join(self.folder, f"pack-{digest.hexdigest()}")
        with open(final + ".idx", "wb") as file:
            file.write(index)
        os.rename(path, final + ".pack")
