"""The host's side for tests of the card: builds commands, and knows the PINs."""

import functools

from virtualcard import algorithms, attestation, pins
from virtualcard.card import Card
from virtualcard.identity import OPENPGP, Identity
from virtualcard.state import State
from virtualcard.touch import Person

SHA256_OF_NOTHING = bytes.fromhex("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")
DIGEST_INFO_SHA256 = bytes.fromhex("3031300D060960864801650304020105000420")


@functools.cache
def authority() -> attestation.Authority:
    return attestation.Authority.new((5, 7, 4))


class Host:
    def __init__(self, persona: str = "test", state: State | None = None, serial: int = 4660, **person):
        self.stored: list[State] = []
        state = state or State.factory()
        identity = Identity(persona, serial)
        if identity.attests and state.attestation_key is None:
            attestation.equip(state, authority())
        self.card = Card(identity, state, Person(**person), self.stored.append)
        self.send(0x00, 0xA4, 4, 0, OPENPGP)

    def raw(self, cla: int, ins: int, p1: int, p2: int, data: bytes = b"") -> tuple[bytes, int]:
        length = b"\0" + len(data).to_bytes(2, "big") if data else b"\0"
        answer = self.card.transmit(bytes([cla, ins, p1, p2]) + length + data + b"\0\0")
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def status(self, *command) -> int:
        return self.raw(*command)[1]

    def send(self, *command) -> bytes:
        data, word = self.raw(*command)
        assert word == 0x9000, f"{command}: {word:04X}"
        return data

    def verify(self, door: int = pins.FOR_SIGNATURE, pin: bytes = b"123456") -> int:
        return self.status(0x00, 0x20, 0, door, pin)

    def admin(self) -> None:
        assert self.verify(pins.FOR_ADMIN, b"12345678") == 0x9000

    def put(self, tag: int, data: bytes) -> int:
        return self.status(0x00, 0xDA, tag >> 8, tag & 0xFF, data)

    def get(self, tag: int) -> bytes:
        return self.send(0x00, 0xCA, tag >> 8, tag & 0xFF)

    def generate(self, attributes: bytes | None = None) -> bytes:
        self.admin()
        if attributes:
            assert self.put(0xC1, attributes) == 0x9000
        return self.send(0x00, 0x47, 0x80, 0, b"\xb6\x00")

    def sign(self, data: bytes = SHA256_OF_NOTHING) -> tuple[bytes, int]:
        return self.raw(0x00, 0x2A, 0x9E, 0x9A, data)


P256 = bytes([algorithms.ECDSA]) + algorithms.P256
RSA2048 = algorithms.rsa_attributes(2048)
