"""Just enough OpenPGP to make certificates and signatures for benchmarks. The same seed gives the same bytes."""

import base64
import hashlib
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa, utils

ED25519_CURVE = bytes.fromhex("092B06010401DA470F01")


def mpi(number):
    return struct.pack(">H", number.bit_length()) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def length(count):
    if count < 192:
        return bytes([count])
    if count < 8384:
        return bytes([192 + ((count - 192) >> 8), (count - 192) & 255])
    return b"\xff" + struct.pack(">I", count)


def packet(kind, body):
    return bytes([0xC0 | kind]) + length(len(body)) + body


def subpacket(kind, body):
    return length(len(body) + 1) + bytes([kind]) + body


CRC_TABLE = []
for _byte in range(256):
    _sum = _byte << 16
    for _ in range(8):
        _sum = (_sum << 1) ^ (0x1864CFB if _sum & 0x800000 else 0)
    CRC_TABLE.append(_sum & 0xFFFFFF)


def armor(data, label):
    checksum = 0xB704CE
    for byte in data:
        checksum = ((checksum << 8) & 0xFFFFFF) ^ CRC_TABLE[(checksum >> 16) ^ byte]
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    checksum = base64.b64encode(checksum.to_bytes(3, "big")).decode()
    return f"-----BEGIN PGP {label}-----\n\n{lines}\n={checksum}\n-----END PGP {label}-----\n"


class Key:
    """A key pair, made at `created` (seconds since 1970)."""

    def __init__(self, algorithm, seed, created):
        self.created = created
        if algorithm == "ed25519":
            self.algorithm = 22
            self.secret = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
            point = self.secret.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.numbers = point
            material = ED25519_CURVE + mpi(int.from_bytes(b"\x40" + point, "big"))
        else:
            self.algorithm = 1
            self.secret = rsa_key(seed, 4096)
            numbers = self.secret.public_key().public_numbers()
            self.numbers = numbers.n.to_bytes(512, "big")
            material = mpi(numbers.n) + mpi(numbers.e)
        self.body = bytes([4]) + struct.pack(">IB", created, self.algorithm) + material
        self.hashed = b"\x99" + struct.pack(">H", len(self.body)) + self.body
        self.fingerprint = hashlib.sha1(self.hashed).digest()

    def sign(self, payload, kind=0, time=0, extra=b"", embedded=b""):
        """A signature packet over `payload`, with SHA-512."""
        area = subpacket(33, b"\x04" + self.fingerprint) + subpacket(2, struct.pack(">I", time)) + extra
        head = bytes([4, kind, self.algorithm, 10]) + struct.pack(">H", len(area)) + area
        trailer = b"\x04\xff" + struct.pack(">I", len(head))
        digest = hashlib.sha512(payload + head + trailer).digest()
        if self.algorithm == 22:
            raw = self.secret.sign(digest)
            numbers = mpi(int.from_bytes(raw[:32], "big")) + mpi(int.from_bytes(raw[32:], "big"))
        else:
            raw = self.secret.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA512()))
            numbers = mpi(int.from_bytes(raw, "big"))
        unhashed = subpacket(16, self.fingerprint[-8:]) + embedded
        return packet(2, head + struct.pack(">H", len(unhashed)) + unhashed + digest[:2] + numbers)


class Person:
    """A maintainer: a primary key that certifies and a subkey that signs, as on a smartcard."""

    def __init__(self, name, algorithm, created):
        self.name = name
        self.primary = Key(algorithm, f"{name} {algorithm} primary", created)
        self.subkey = Key(algorithm, f"{name} {algorithm} subkey", created)
        user = f"{name} <{name}@example.org>".encode()
        preferences = subpacket(27, b"\x01") + subpacket(11, b"\x09") + subpacket(21, b"\x0a\x08")
        preferences += subpacket(30, b"\x01")
        to_user = self.primary.hashed + b"\xb4" + struct.pack(">I", len(user)) + user
        to_subkey = self.primary.hashed + self.subkey.hashed
        back = self.subkey.sign(to_subkey, 0x19, created)
        back = back[1:]  # the packet's body: what an embedded signature holds
        back = back[1 if back[0] < 192 else 2 if back[0] < 224 else 5 :]
        flags = subpacket(27, b"\x02")
        certificate = (
            packet(6, self.primary.body)
            + packet(13, user)
            + self.primary.sign(to_user, 0x13, created, preferences)
            + packet(14, self.subkey.body)
            + self.primary.sign(to_subkey, 0x18, created, flags + subpacket(32, back))
        )
        self.certificate = armor(certificate, "PUBLIC KEY BLOCK")

    @property
    def fingerprint(self):
        return self.primary.fingerprint.hex().upper()

    def signature(self, payload, time):
        return armor(self.subkey.sign(payload, 0, time), "SIGNATURE")


def rsa_key(seed, bits):
    """OpenSSL makes another key in each run, so the primes are looked for here."""
    blocks = 0

    def start():
        nonlocal blocks
        octets = b""
        while len(octets) < bits // 16:
            octets += hashlib.sha512(f"{seed} {blocks}".encode()).digest()
            blocks += 1
        # Two bits on top, so that the product has all its bits.
        return int.from_bytes(octets[: bits // 16], "big") | (3 << (bits // 2 - 2)) | 1

    small = [p for p in range(3, 4000, 2) if all(p % q for q in range(3, int(p**0.5) + 1, 2))]

    def prime():
        candidate = start()
        while not (
            all(candidate % p for p in small)
            and (candidate - 1) % 65537
            and pow(2, candidate - 1, candidate) == 1
        ):
            candidate += 2
        return candidate

    p, q = prime(), prime()
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()
