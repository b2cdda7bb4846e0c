"""Status words of ISO 7816-4, as the OpenPGP card specification 3.4 (section 7.4) uses them."""

OK = 0x9000
MORE_DATA = 0x6100  # low byte: how many bytes wait
WRONG_LENGTH = 0x6700
NOT_ALLOWED = 0x6982  # "security status not satisfied": PIN missing or wrong
BLOCKED = 0x6983
CONDITIONS = 0x6985  # "conditions of use not satisfied"
WRONG_DATA = 0x6A80
NO_SUCH_FILE = 0x6A82
NO_SUCH_DATA = 0x6A88
WRONG_PARAMETERS = 0x6B00
UNKNOWN_INSTRUCTION = 0x6D00
INTERNAL_ERROR = 0x6F00
TRIES_LEFT = 0x63C0  # low nibble: how many


class StatusError(Exception):
    """A command ends with a status word other than 9000 and without data."""

    def __init__(self, word: int):
        super().__init__(f"status word {word:04X}")
        self.word = word
