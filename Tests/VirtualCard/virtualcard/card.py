"""The card: one powered session over a lasting state, and the table of its commands (card specification 7.2)."""

import os
import sys
import threading
import time

from . import algorithms, apdu, attestation, pins, status, tlv
from .identity import OPENPGP, Identity
from .objects import Objects
from .state import AUTHENTICATION, DECRYPTION, GENERATED, IMPORTED, SIGNATURE, State
from .touch import Person

SLOT_OF_TEMPLATE = {0xB6: SIGNATURE, 0xB8: DECRYPTION, 0xA4: AUTHENTICATION}  # control reference templates
YUBIKEY_MANAGER = bytes.fromhex("A000000527471117")
LOG_LINES = 500
SECRET_INSTRUCTIONS = (0x20, 0x24, 0x2C, 0xDB)  # their data are PINs or private keys: never logged
WRITING_INSTRUCTIONS = (0x20, 0x24, 0x2A, 0x2C, 0x47, 0xDA, 0xDB, 0xE6, 0xFB)


class Vanished(Exception):
    """The card left the reader in the middle of a command."""


class Card:
    def __init__(self, identity: Identity, state: State, person: Person, store=lambda state: None):
        self.identity, self.state, self.person, self.store = identity, state, person, store
        self.delay = 0.0  # seconds that a signature takes at least
        self.busy = 0.0  # milliseconds spent on commands
        self.log: list[str] = []
        self.faults: list[int] = []  # status words that the next commands end with
        self.vanish_after: int | None = None  # commands left until the card is pulled out
        self.vanish_in_signature = False
        self._lock = threading.Lock()
        self.power()

    def power(self) -> None:
        """Power on or reset: nothing is selected, every PIN must be given again."""
        self.selected = b""
        self._chain = self._pending = b""
        self.doors = pins.Pins(self.state)
        self.objects = Objects(self.state, self.doors, self.identity)

    # -- transport of commands -----------------------------------------

    def transmit(self, raw: bytes) -> bytes:
        """The response to one command APDU: data and two bytes of status. Raises `Vanished`."""
        start = time.monotonic()
        with self._lock:
            try:
                self._count_down()
                data, word = self._exchange(apdu.parse(raw))
            except status.StatusError as error:
                data, word = b"", error.word
            except Vanished:
                self.log.append(f"> {self._shown(raw)} : card removed")
                raise
            except Exception as error:  # a bug of ours must look like a broken card, not like a dead reader
                print(f"internal error: {error!r}", file=sys.stderr, flush=True)
                data, word = b"", status.INTERNAL_ERROR
            if raw[1:2] and raw[1] in WRITING_INSTRUCTIONS:
                self.store(self.state)
        took = (time.monotonic() - start) * 1000
        self.busy += took
        self.log.append(f"> {self._shown(raw)} < {data.hex()} {word:04x} {took:.1f} ms")
        del self.log[:-LOG_LINES]
        return data + word.to_bytes(2, "big")

    @staticmethod
    def _shown(raw: bytes) -> str:
        return raw[:4].hex() + " (secret)" if raw[1:2] and raw[1] in SECRET_INSTRUCTIONS else raw.hex()

    def _count_down(self) -> None:
        if self.vanish_after is not None:
            self.vanish_after -= 1
            if self.vanish_after < 0:
                self.vanish_after = None
                raise Vanished
        if self.faults:
            raise status.StatusError(self.faults.pop(0))

    def _exchange(self, command: apdu.Command) -> tuple[bytes, int]:
        if command.ins == 0xC0:  # GET RESPONSE
            out, self._pending = self._pending, b""
            return self._portion(out, command)
        self._pending = b""
        if command.is_chained:
            self._chain += command.data
            return b"", status.OK
        data, self._chain = self._chain + command.data, b""
        return self._portion(self._run(command, data), command)

    def _portion(self, out: bytes, command: apdu.Command) -> tuple[bytes, int]:
        if len(out) <= command.expected:
            return out, status.OK
        self._pending = out[command.expected :]
        return out[: command.expected], status.MORE_DATA | min(len(self._pending), 0xFF)

    # -- commands ------------------------------------------------------

    def _run(self, command: apdu.Command, data: bytes) -> bytes:
        if command.ins == 0xA4:
            return self._select(command.p1, data)
        if self.selected == YUBIKEY_MANAGER and command.ins == 0x1D:
            return self._device_information()
        handler = self._COMMANDS.get(command.ins)
        if self.selected != OPENPGP or handler is None:
            raise status.StatusError(status.UNKNOWN_INSTRUCTION)
        if command.ins in (0xF1, 0xFB) and not self.identity.attests:
            raise status.StatusError(status.UNKNOWN_INSTRUCTION)
        return handler(self, command, data) or b""

    def _select(self, p1: int, name: bytes) -> bytes:
        if p1 == 4 and name and (self.identity.application.startswith(name) or name.startswith(OPENPGP)):
            self.power()
            self.selected = OPENPGP
            return b""
        if p1 == 4 and name == YUBIKEY_MANAGER and self.identity.attests:
            self.selected = YUBIKEY_MANAGER
            return b"Virtual mgr - FW version " + ".".join(map(str, self.identity.firmware)).encode()
        raise status.StatusError(status.NO_SUCH_FILE)

    def _device_information(self) -> bytes:
        serial = self.identity.serial.to_bytes(4, "big")
        fields = [(1, b"\x03\x3f"), (2, serial), (4, b"\x01"), (5, bytes(self.identity.firmware))]
        value = b"".join(tlv.encode(tag, content) for tag, content in fields)
        return bytes([len(value)]) + value

    def _generate(self, command: apdu.Command, data: bytes) -> bytes:
        slot = self._slot(data)
        if command.p1 != 0x81:  # 81 only reads the public key
            self.doors.demand(pins.FOR_ADMIN)
            self._put_key(slot, algorithms.generate(slot.attributes), GENERATED)
        if slot.key is None:
            raise status.StatusError(status.NO_SUCH_DATA)
        return algorithms.public_template(slot.key)

    def _import(self, command: apdu.Command, data: bytes) -> None:
        """An extended header list (4D): control reference template, lengths of the parts (7F48), the parts (5F48)."""
        self.doors.demand(pins.FOR_ADMIN)
        header, _ = tlv.expect(data, 0, 0x4D)
        slot = self._slot(header)
        _, length, at = tlv.read_head(header, 0)
        lengths, at = tlv.expect(header, at + length, 0x7F48)
        values, _ = tlv.expect(header, at, 0x5F48)
        parts, at = {}, 0
        while at < len(lengths):
            tag, length, at = tlv.read_head(lengths, at)
            parts[tag], values = values[:length], values[length:]
        self._put_key(slot, algorithms.imported(slot.attributes, parts), IMPORTED)

    def _slot(self, template: bytes):
        which = SLOT_OF_TEMPLATE.get(template[0] if template else None)
        if which is None:
            raise status.StatusError(status.WRONG_DATA)
        return self.state.slots[which]

    def _put_key(self, slot, key, origin: int) -> None:
        slot.key, slot.origin = key, origin
        if slot is self.state.slots[SIGNATURE]:
            self.state.signatures = 0

    def _sign(self, command: apdu.Command, data: bytes) -> bytes:
        """PSO: COMPUTE DIGITAL SIGNATURE. Deciphering is not built: nothing here needs it."""
        start = time.monotonic()
        if command.tag != 0x9E9A:
            raise status.StatusError(status.WRONG_PARAMETERS)
        self.doors.demand(pins.FOR_SIGNATURE)
        slot = self.state.slots[SIGNATURE]
        if slot.key is None:
            raise status.StatusError(status.NO_SUCH_DATA)
        if self.vanish_in_signature:
            self.vanish_in_signature = False
            raise Vanished
        self.person.demand_touch(slot.touch)
        signature = algorithms.sign(slot.key, data)
        self.state.signatures += 1
        if not self.state.pin_for_several:
            self.doors.open.discard(pins.FOR_SIGNATURE)
        time.sleep(max(0.0, self.delay - (time.monotonic() - start)))
        return signature

    def _attest(self, command: apdu.Command, data: bytes) -> None:
        """Yubico's ATTEST: the statement replaces that slot's cardholder certificate."""
        which = command.p1 - 1
        if which not in range(3) or self.state.slots[which].key is None:
            raise status.StatusError(status.NO_SUCH_DATA)
        self.doors.demand(pins.FOR_SIGNATURE)
        slot = self.state.slots[which]
        if slot.origin != GENERATED:
            raise status.StatusError(status.CONDITIONS)
        self.person.demand_touch(slot.touch)
        slot.certificate = attestation.statement(self.state, which, self.identity.serial, self.identity.firmware)

    def _select_data(self, command: apdu.Command, data: bytes) -> None:
        if self.identity.attests and self.identity.firmware <= (5, 4, 3):
            data = data[1:]  # those versions want one length byte too many, as ykman knows
        if data != bytes.fromhex("60045C027F21"):
            raise status.StatusError(status.WRONG_DATA)
        self.objects.select_certificate(command.p1)

    def _terminate(self, command: apdu.Command, data: bytes) -> None:
        """TERMINATE DF and ACTIVATE FILE in one: a factory reset. It keeps the device's attestation key."""
        if pins.FOR_ADMIN not in self.doors.open and self.state.tries[2] != 0:
            raise status.StatusError(status.NOT_ALLOWED)
        fresh = State.factory()
        fresh.attestation_key = self.state.attestation_key
        fresh.attestation_certificate = self.state.attestation_certificate
        self.state = fresh
        self.power()
        self.selected = OPENPGP

    _COMMANDS = {
        0x20: lambda self, command, data: self.doors.verify(command.p2, command.p1, data),
        0x24: lambda self, command, data: self.doors.change(command.p2, data),
        0x2A: _sign,
        0x2C: lambda self, command, data: self.doors.unblock(command.p1, data),
        0x44: lambda self, command, data: None,  # ACTIVATE FILE: we are never inactive
        0x47: _generate,
        0x84: lambda self, command, data: os.urandom(command.expected if command.expected <= 256 else 32),
        0xA5: _select_data,
        0xCA: lambda self, command, data: self.objects.get(command.tag),
        0xDA: lambda self, command, data: self.objects.put(command.tag, data),
        0xDB: _import,
        0xE6: _terminate,
        0xF1: lambda self, command, data: bytes(self.identity.firmware),
        0xFB: lambda self, command, data: self._attest(command, data),
    }
