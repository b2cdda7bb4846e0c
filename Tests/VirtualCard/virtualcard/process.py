"""The process of one card: `python3 -m virtualcard.process FOLDER`, with the settings in FOLDER/settings.json.

It ends when its folder or its owner is gone, and takes the GnuPG daemons of its home with it, so that a test that was
killed leaves nothing behind.
"""

import json
import os
import subprocess
import sys
import threading
import time

from . import attestation, control
from .card import Card
from .identity import Identity
from .reader import Reader, unix_listener
from .state import State
from .touch import Person

WATCH_SECONDS = 0.5


class Process:
    def __init__(self, folder: str):
        self.folder = folder
        with open(os.path.join(folder, "settings.json")) as f:
            self.settings = json.load(f)
        self.pid_file = os.path.join(folder, "pid")
        self.card = self._card()
        self.reader = Reader(self.card)

    def _card(self) -> Card:
        s = self.settings
        identity = Identity(s["persona"], s["serial"], tuple(s["firmware"]))
        person = Person(timeout=s["touch_timeout"], refusal=s["touch_refusal"])
        stored = os.path.join(self.folder, "state.json")
        if os.path.exists(stored):
            with open(stored) as f:
                state = State.from_json(f.read())
        else:
            state = State.factory()
            if identity.attests:
                authority = attestation.Authority.at(s["attestation_authority"], identity.firmware)
                attestation.equip(state, authority)
        card = Card(identity, state, person, Saver(stored).save)
        card.delay = s["delay"]
        return card

    def run(self) -> None:
        with open(self.pid_file, "w") as f:
            f.write(str(os.getpid()))
        listener = unix_listener(os.path.join(self.folder, "control"))
        threading.Thread(target=control.serve, args=(listener, self.handle), daemon=True).start()
        if self.settings.get("vpcd_port"):
            work = (self.reader.dial, "127.0.0.1", self.settings["vpcd_port"])
        else:
            work = (self.reader.listen, os.path.join(self.folder, "socket"))
        threading.Thread(target=work[0], args=work[1:], daemon=True).start()
        self._watch()

    def _watch(self) -> None:
        owner = self.settings.get("owner")
        while os.path.exists(self.pid_file) and (owner is None or os.path.exists(f"/proc/{owner}")):
            time.sleep(WATCH_SECONDS)
        home = self.settings.get("home")
        if home and os.path.isdir(home):
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)

    # -- control -------------------------------------------------------

    def handle(self, request: dict) -> dict:
        action = self._ACTIONS.get(request["do"])
        if action is None:
            raise control.ControlError(f"unknown request {request['do']}; known: {', '.join(self._ACTIONS)}")
        return action(self, request) or {}

    def _status(self, request: dict) -> dict:
        card, person = self.card, self.card.person
        slots = card.state.slots
        return {
            "serial": card.identity.serial,
            "application": card.identity.application.hex().upper(),
            "inserted": self.reader.inserted.is_set(),
            "pid": os.getpid(),
            "signatures": card.state.signatures,
            "tries": card.state.tries,
            "touch": [slot.touch for slot in slots],
            "origin": [slot.origin for slot in slots],
            "fingerprints": [slot.fingerprint.hex().upper() for slot in slots],
            "asked-for-touch": person.is_asked,
            "touches-asked": person.asked,
            "touches-refused": person.refused,
            "busy-ms": round(card.busy, 1),
        }

    def _fault(self, request: dict) -> None:
        """What goes wrong next: status words for the next commands, or the card pulled out after some of them."""
        card = self.card
        if "words" in request:
            card.faults = [int(word, 16) for word in request["words"]]
        if "vanish-after" in request:
            card.vanish_after = int(request["vanish-after"])
        if "vanish-in-signature" in request:
            card.vanish_in_signature = bool(request["vanish-in-signature"])

    def _set(self, request: dict) -> None:
        if "delay" in request:
            self.card.delay = float(request["delay"])
        if "touch-timeout" in request:
            self.card.person.timeout = float(request["touch-timeout"])
        if "touch-refusal" in request:
            self.card.person.refusal = int(request["touch-refusal"], 16)

    _ACTIONS = {
        "status": _status,
        "insert": lambda self, request: self.reader.insert(),
        "remove": lambda self, request: self.reader.remove(),
        "touch": lambda self, request: self.card.person.touch(),
        "person": lambda self, request: self.card.person.decide(request["outcome"], float(request.get("after", 0))),
        "log": lambda self, request: {"log": list(self.card.log)},
        "fault": _fault,
        "set": _set,
    }


class Saver:
    """Writes the state after a command that changed it."""

    def __init__(self, path: str):
        self.path = path
        self._last = None

    def save(self, state: State) -> None:
        text = state.to_json()
        if text != self._last:
            self._last = text
            with open(self.path + ".new", "w") as f:
                f.write(text)
            os.rename(self.path + ".new", self.path)


def main() -> None:
    sys.stdout = sys.stderr
    Process(sys.argv[1]).run()
    os._exit(0)


if __name__ == "__main__":
    main()
