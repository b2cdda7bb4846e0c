"""Who a card says it is: maker, serial number, firmware, answer to reset."""

from dataclasses import dataclass

OPENPGP = bytes.fromhex("D27600012401")  # registered application provider and application
VERSION = bytes([3, 4])
MAKERS = {"test": 0xFF7E, "yubikey": 0x0006, "nitrokey": 0x000F}


@dataclass(frozen=True)
class Identity:
    persona: str
    serial: int
    firmware: tuple[int, int, int] = (5, 7, 4)

    @property
    def attests(self) -> bool:
        return self.persona == "yubikey"

    @property
    def application(self) -> bytes:
        """The AID with version, maker and serial (card specification 4.2.1); Yubico's serials are decimal, in BCD."""
        serial = int(str(self.serial), 16) if self.persona == "yubikey" else self.serial
        return OPENPGP + VERSION + MAKERS[self.persona].to_bytes(2, "big") + serial.to_bytes(4, "big") + bytes(2)

    @property
    def historical(self) -> bytes:
        """Historical bytes: command chaining, extended lengths, life cycle "operational" (card specification 6)."""
        return bytes.fromhex("00730000E0059000" if self.persona == "yubikey" else "0031C573C001C0059000")

    @property
    def answer_to_reset(self) -> bytes:
        if self.persona == "yubikey":
            history = bytes.fromhex("8073C021C057597562694B6579")
            body = bytes([0xF0 | len(history), 0x13, 0, 0, 0x81, 0x31, 0xFE, 0x15]) + history
        else:
            history = self.historical
            body = bytes([0xD0 | len(history), 0x18, 0xFF, 0x81, 0xB1, 0xFE, 0x75, 0x1F, 0x03]) + history
        check = 0
        for byte in body:
            check ^= byte
        return b"\x3b" + body + bytes([check])
