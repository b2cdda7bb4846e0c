"""The touch button: the card's policy for it (user interaction flag) and what the person does."""

import threading
import time

from . import status

OFF, ON, FIXED, CACHED, CACHED_FIXED = range(5)  # card specification 4.4.3.6; 3 and 4 are Yubico's
POLICIES = {"off": OFF, "on": ON, "fixed": FIXED, "cached": CACHED, "cached-fixed": CACHED_FIXED}
PERMANENT = (FIXED, CACHED_FIXED)
CACHE_SECONDS = 15.0
OUTCOMES = ("given", "refused", "times-out", "waits")


class Person:
    """Whoever is asked to touch.

    `given`: touches after `after` seconds. `refused`: declines at once. `times-out`: never touches.
    `waits`: touches when the test says so (`touch`), and never otherwise.
    """

    def __init__(self, outcome: str = "given", after: float = 0, timeout: float = 15, refusal: int = status.CONDITIONS):
        self.outcome, self.after, self.timeout, self.refusal = outcome, after, timeout, refusal
        self.is_asked = False
        self.asked = self.refused = 0
        self._touches = 0
        self._abandoned = 0
        self._last_touch = -CACHE_SECONDS
        self._changed = threading.Condition()

    def demand_touch(self, policy: int) -> None:
        now = time.monotonic()
        if policy == OFF or policy in (CACHED, CACHED_FIXED) and now - self._last_touch < CACHE_SECONDS:
            return
        with self._changed:
            self.asked += 1
            self.is_asked = True
            try:
                touched = self._wait(now)
            finally:
                self.is_asked = False
            if not touched:
                self.refused += 1
                raise status.StatusError(self.refusal)
            self._last_touch = time.monotonic()

    def _wait(self, start: float) -> bool:
        abandoned = self._abandoned
        while True:
            now = time.monotonic()
            if self.outcome == "refused" or self._abandoned != abandoned:
                return False
            if self.outcome == "given" and now >= start + self.after:
                return True
            if self.outcome == "waits" and self._touches:
                self._touches -= 1
                return True
            if now >= start + self.timeout:
                return False
            wake = start + (min(self.after, self.timeout) if self.outcome == "given" else self.timeout)
            self._changed.wait(wake - now)

    def touch(self) -> None:
        with self._changed:
            self._touches += 1
            self._changed.notify_all()

    def abandon(self) -> None:
        """The card was pulled out: nobody waits any more."""
        with self._changed:
            self._abandoned += 1
            self._changed.notify_all()

    def decide(self, outcome: str, after: float = 0) -> None:
        if outcome not in OUTCOMES:
            raise ValueError(f"touch outcome is one of {', '.join(OUTCOMES)}")
        with self._changed:
            self.outcome, self.after, self._touches = outcome, after, 0
            self._changed.notify_all()
