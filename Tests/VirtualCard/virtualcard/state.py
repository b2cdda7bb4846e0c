"""Everything that a card remembers without power, and its file.

The file lets a test kill the card's process and start it again: a card that was pulled out keeps its keys.
"""

import functools
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization

from . import algorithms

SIGNATURE, DECRYPTION, AUTHENTICATION = 0, 1, 2
USER_PIN, RESET_CODE, ADMIN_PIN = 0, 1, 2
GENERATED, IMPORTED = 1, 2
TRIES = 3
FACTORY_USER_PIN, FACTORY_ADMIN_PIN = b"123456", b"12345678"  # card specification 4.3.2

# Free-form data objects that a host may write: name, login data, language, sex, URL, four private ones.
FREE_OBJECTS = (0x5B, 0x5E, 0x5F2D, 0x5F35, 0x5F50, 0x0101, 0x0102, 0x0103, 0x0104)


@dataclass
class Slot:
    """One of the three key places."""

    attributes: bytes
    key: object = None
    origin: int = 0  # 0 no key, else GENERATED or IMPORTED
    fingerprint: bytes = bytes(20)
    ca_fingerprint: bytes = bytes(20)
    created: bytes = bytes(4)
    touch: int = 0  # see touch.py
    certificate: bytes = b""

    def forget_key(self) -> None:
        self.key, self.origin = None, 0


@dataclass
class State:
    slots: list[Slot]
    pins: list[bytes | None] = field(default_factory=lambda: [FACTORY_USER_PIN, None, FACTORY_ADMIN_PIN])
    tries: list[int] = field(default_factory=lambda: [TRIES, 0, TRIES])
    pin_for_several: int = 0  # first byte of C4: 1 = one PIN serves many signatures, 0 = one each
    signatures: int = 0
    objects: dict[int, bytes] = field(default_factory=lambda: dict.fromkeys(FREE_OBJECTS, b""))
    attestation_key: object = None
    attestation_certificate: bytes = b""

    @staticmethod
    def factory() -> "State":
        curve = [bytes([algorithms.EDDSA]) + algorithms.ED25519, bytes([algorithms.ECDH]) + algorithms.CURVE25519]
        return State([Slot(curve[0]), Slot(curve[1]), Slot(curve[0])])

    def to_json(self) -> str:
        return json.dumps(_plain(self))

    @staticmethod
    def from_json(text: str) -> "State":
        stored = json.loads(text)
        return State(
            slots=[
                Slot(**{k: _key(v) if k == "key" else _bytes(v) for k, v in slot.items()}) for slot in stored["slots"]
            ],
            pins=[_bytes(p) for p in stored["pins"]],
            tries=stored["tries"],
            pin_for_several=stored["pin_for_several"],
            signatures=stored["signatures"],
            objects={int(tag): _bytes(value) for tag, value in stored["objects"].items()},
            attestation_key=_key(stored["attestation_key"]),
            attestation_certificate=_bytes(stored["attestation_certificate"]),
        )


def _plain(value):
    """Bytes as `hex:…`, keys as PEM, everything else as it is."""
    if isinstance(value, bytes):
        return "hex:" + value.hex()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (State, Slot)):
        return {k: _plain(v) for k, v in vars(value).items()}
    if value is None or isinstance(value, (int, str)):
        return value
    return _pem(value)


@functools.lru_cache(maxsize=16)  # a key is written after every signature, because the counter beside it moved
def _pem(key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _bytes(value):
    return bytes.fromhex(value[4:]) if isinstance(value, str) and value.startswith("hex:") else value


def _key(value):
    return None if value is None else serialization.load_pem_private_key(value.encode(), None)
