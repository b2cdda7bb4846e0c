"""Command APDUs (ISO 7816-4 section 5.1), short and extended."""

from dataclasses import dataclass

from . import status


@dataclass(frozen=True)
class Command:
    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    expected: int  # Le: how many bytes the caller has room for
    extended: bool

    @property
    def tag(self) -> int:
        """P1 and P2 as one number: the data object that GET DATA and PUT DATA name."""
        return self.p1 << 8 | self.p2

    @property
    def is_chained(self) -> bool:
        return bool(self.cla & 0x10)


def parse(raw: bytes) -> Command:
    if len(raw) < 4:
        raise status.StatusError(status.WRONG_LENGTH)
    body = raw[4:]
    extended = len(body) >= 3 and body[0] == 0
    if extended:
        data, expected = _fields(body[1:], width=2)
    else:
        data, expected = _fields(body, width=1)
    return Command(raw[0], raw[1], raw[2], raw[3], data, expected, extended)


def _fields(body: bytes, width: int) -> tuple[bytes, int]:
    """Data and Le from `[Lc data] [Le]`, where both lengths take `width` bytes; an Le of 0 is the most there is."""
    most = 1 << 8 * width
    if len(body) <= width:
        return b"", int.from_bytes(body, "big") or most
    length = int.from_bytes(body[:width], "big")
    data, rest = body[width : width + length], body[width + length :]
    if len(data) != length or len(rest) not in (0, width):
        raise status.StatusError(status.WRONG_LENGTH)
    return data, int.from_bytes(rest, "big") or most
