"""PINs, their counters and what is open since power-on (card specification 4.3 and 7.2.2 to 7.2.4)."""

import hmac

from . import status
from .state import ADMIN_PIN, RESET_CODE, TRIES, USER_PIN, State

FOR_SIGNATURE, FOR_OTHER, FOR_ADMIN = 0x81, 0x82, 0x83  # what P2 of VERIFY names
PIN_OF = {FOR_SIGNATURE: USER_PIN, FOR_OTHER: USER_PIN, FOR_ADMIN: ADMIN_PIN}
LEAST = {USER_PIN: 6, RESET_CODE: 8, ADMIN_PIN: 8}
MOST = 127


class Pins:
    """The doors of one powered session. The counters live in the card's state and survive the session."""

    def __init__(self, state: State):
        self.state = state
        self.open: set[int] = set()

    def demand(self, door: int) -> None:
        if door not in self.open:
            raise status.StatusError(status.NOT_ALLOWED)

    def check(self, which: int, pin: bytes) -> None:
        """Counts down before it answers; a right PIN puts the counter back."""
        tries, expected = self.state.tries, self.state.pins[which]
        if tries[which] == 0 or expected is None:
            raise status.StatusError(status.BLOCKED)
        if not hmac.compare_digest(expected, pin):
            tries[which] -= 1
            raise status.StatusError(status.NOT_ALLOWED if tries[which] else status.BLOCKED)
        tries[which] = TRIES

    def verify(self, door: int, p1: int, pin: bytes) -> None:
        if door not in PIN_OF:
            raise status.StatusError(status.WRONG_PARAMETERS)
        if p1 == 0xFF:
            self.open.discard(door)
        elif pin:
            self.open.discard(door)
            self.check(PIN_OF[door], pin)
            self.open.add(door)
        elif door not in self.open:
            raise status.StatusError(status.TRIES_LEFT | self.state.tries[PIN_OF[door]])

    def change(self, door: int, old_and_new: bytes) -> None:
        """CHANGE REFERENCE DATA: both PINs in one field, so the old one's length tells where the new one starts."""
        if door not in (FOR_SIGNATURE, FOR_ADMIN):
            raise status.StatusError(status.WRONG_PARAMETERS)
        which = PIN_OF[door]
        length = len(self.state.pins[which] or b"")
        self.check(which, old_and_new[:length])
        self._set(which, old_and_new[length:])

    def unblock(self, p1: int, data: bytes) -> None:
        """RESET RETRY COUNTER, by the admin PIN (P1 = 2) or by the reset code (P1 = 0)."""
        if p1 == 0:
            length = len(self.state.pins[RESET_CODE] or b"")
            self.check(RESET_CODE, data[:length])
            data = data[length:]
        else:
            self.demand(FOR_ADMIN)
        self._set(USER_PIN, data)

    def set_reset_code(self, code: bytes) -> None:
        if code:
            self._set(RESET_CODE, code)
        else:
            self.state.pins[RESET_CODE], self.state.tries[RESET_CODE] = None, 0

    def _set(self, which: int, pin: bytes) -> None:
        if not LEAST[which] <= len(pin) <= MOST:
            raise status.StatusError(status.WRONG_LENGTH)
        self.state.pins[which], self.state.tries[which] = pin, TRIES
