"""GET DATA and PUT DATA: the card's data objects (card specification 4.4)."""

from . import algorithms, pins, status, tlv, touch
from .state import AUTHENTICATION, State

BUTTON = 0x20  # general feature management: "the card has a button"
EXTENDED_CAPABILITIES = bytes.fromhex("7C0000FF080000FF0000")
EXTENDED_LENGTHS = bytes.fromhex("0202080002020800")  # 2048 bytes each way
CERTIFICATE, ATTESTATION_CERTIFICATE = 0x7F21, 0xFC
READ_DOOR = {0x0103: pins.FOR_OTHER, 0x0104: pins.FOR_ADMIN}
WRITE_DOOR = {0x0101: pins.FOR_OTHER, 0x0103: pins.FOR_OTHER}  # all others: admin


class Objects:
    def __init__(self, state: State, doors: pins.Pins, identity):
        self.state, self.doors, self.identity = state, doors, identity
        self.certificate_slot = AUTHENTICATION

    def select_certificate(self, occurrence: int) -> None:
        """SELECT DATA: which of the three cardholder certificates 7F21 means. 0 is AUT, 2 is SIG."""
        if occurrence not in (0, 1, 2):
            raise status.StatusError(status.NO_SUCH_DATA)
        self.certificate_slot = AUTHENTICATION - occurrence

    # -- reading -------------------------------------------------------

    def get(self, tag: int) -> bytes:
        if tag in READ_DOOR:
            self.doors.demand(READ_DOOR[tag])
        slots = self.state.slots
        if 0xC1 <= tag <= 0xC3:
            return slots[tag - 0xC1].attributes
        if 0xD6 <= tag <= 0xD8:
            return self._touch(slots[tag - 0xD6])
        if tag == CERTIFICATE:
            return slots[self.certificate_slot].certificate
        if tag == ATTESTATION_CERTIFICATE and self.identity.attests:
            return self.state.attestation_certificate
        if tag in self.state.objects:
            return self.state.objects[tag]
        reader = self._READERS.get(tag)
        if reader is None:
            raise status.StatusError(status.NO_SUCH_DATA)
        return reader(self)

    def _touch(self, slot) -> bytes:
        return bytes([slot.touch, BUTTON])

    def _pin_status(self) -> bytes:
        return bytes([self.state.pin_for_several, pins.MOST, pins.MOST, pins.MOST, *self.state.tries])

    def _of_all_slots(self, name: str) -> bytes:
        return b"".join(getattr(slot, name) for slot in self.state.slots)

    def _cardholder(self) -> bytes:
        return tlv.encode(0x65, b"".join(tlv.encode(t, self.state.objects[t]) for t in (0x5B, 0x5F2D, 0x5F35)))

    def _counter(self) -> bytes:
        return self.state.signatures.to_bytes(3, "big")

    def _discretionary(self) -> bytes:
        slots = self.state.slots
        parts = [(0xC0, EXTENDED_CAPABILITIES)]
        parts += [(0xC1 + i, slot.attributes) for i, slot in enumerate(slots)]
        parts += [(0xC4, self._pin_status()), (0xC5, self._of_all_slots("fingerprint"))]
        parts += [(0xC6, self._of_all_slots("ca_fingerprint")), (0xCD, self._of_all_slots("created"))]
        parts += [(0xD6 + i, self._touch(slot)) for i, slot in enumerate(slots)]
        parts += [(0xDE, b"".join(bytes([i + 1, slot.origin]) for i, slot in enumerate(slots)))]
        return tlv.encode(0x73, b"".join(tlv.encode(tag, value) for tag, value in parts))

    def _application(self) -> bytes:
        button = tlv.encode(0x7F74, tlv.encode(0x81, bytes([BUTTON])))
        identity = tlv.encode(0x4F, self.identity.application) + tlv.encode(0x5F52, self.identity.historical)
        return tlv.encode(0x6E, identity + button + self._discretionary())

    # Constructed objects (65, 6E, 73, 7A) answer with their own tag, which is what scdaemon expects of them.
    _READERS = {
        0x4F: lambda self: self.identity.application,
        0x5F52: lambda self: self.identity.historical,
        0x65: _cardholder,
        0x6E: _application,
        0x73: _discretionary,
        0x7A: lambda self: tlv.encode(0x7A, tlv.encode(0x93, self._counter())),
        0x93: _counter,
        0x7F66: lambda self: EXTENDED_LENGTHS,
        0x7F74: lambda self: tlv.encode(0x81, bytes([BUTTON])),
        0xC0: lambda self: EXTENDED_CAPABILITIES,
        0xC4: _pin_status,
        0xC5: lambda self: self._of_all_slots("fingerprint"),
        0xC6: lambda self: self._of_all_slots("ca_fingerprint"),
        0xCD: lambda self: self._of_all_slots("created"),
    }

    # -- writing -------------------------------------------------------

    def put(self, tag: int, data: bytes) -> None:
        self.doors.demand(WRITE_DOOR.get(tag, pins.FOR_ADMIN))
        slots = self.state.slots
        if 0xC1 <= tag <= 0xC3:
            self._put_attributes(slots[tag - 0xC1], data)
        elif 0xC7 <= tag <= 0xC9:
            slots[tag - 0xC7].fingerprint = _exactly(data, 20)
        elif 0xCA <= tag <= 0xCC:
            slots[tag - 0xCA].ca_fingerprint = _exactly(data, 20)
        elif 0xCE <= tag <= 0xD0:
            slots[tag - 0xCE].created = _exactly(data, 4)
        elif 0xD6 <= tag <= 0xD8:
            self._put_touch(slots[tag - 0xD6], data)
        elif tag == 0xC4 and len(data) == 1:
            self.state.pin_for_several = data[0]
        elif tag == 0xD3:
            self.doors.set_reset_code(data)
        elif tag == CERTIFICATE:
            slots[self.certificate_slot].certificate = data
        elif tag in self.state.objects:
            self.state.objects[tag] = data
        else:
            raise status.StatusError(status.NO_SUCH_DATA)

    def _put_attributes(self, slot, data: bytes) -> None:
        attributes = algorithms.normalised(data)
        if attributes != slot.attributes:  # another algorithm: the old key is gone
            slot.attributes = attributes
            slot.forget_key()

    def _put_touch(self, slot, data: bytes) -> None:
        if slot.touch in touch.PERMANENT:  # not even with the admin PIN: only a factory reset takes it back
            raise status.StatusError(status.CONDITIONS)
        if len(data) != 2 or data[0] not in touch.POLICIES.values():
            raise status.StatusError(status.WRONG_DATA)
        slot.touch = data[0]


def _exactly(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise status.StatusError(status.WRONG_LENGTH)
    return data
