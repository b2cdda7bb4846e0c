"""BER-TLV, only the forms that OpenPGP cards use: tags of one or two bytes, lengths up to 65535."""

from . import status


def encode(tag: int, value: bytes) -> bytes:
    head = tag.to_bytes(1 if tag < 0x100 else 2, "big")
    n = len(value)
    if n < 0x80:
        return head + bytes([n]) + value
    if n < 0x100:
        return head + bytes([0x81, n]) + value
    return head + b"\x82" + n.to_bytes(2, "big") + value


def read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """The tag, the length and the offset of the value of the object that starts at `at`."""
    try:
        tag, at = data[at], at + 1
        if tag & 0x1F == 0x1F:
            tag, at = tag << 8 | data[at], at + 1
        length, at = data[at], at + 1
        if length == 0x81:
            length, at = data[at], at + 1
        elif length == 0x82:
            length, at = data[at] << 8 | data[at + 1], at + 2
        elif length >= 0x80:
            raise status.StatusError(status.WRONG_DATA)
    except IndexError:
        raise status.StatusError(status.WRONG_DATA) from None
    return tag, length, at


def expect(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The value of the object at `at`, which must carry `tag`, and the offset behind it."""
    found, length, start = read_head(data, at)
    if found != tag or start + length > len(data):
        raise status.StatusError(status.WRONG_DATA)
    return data[start : start + length], start + length
