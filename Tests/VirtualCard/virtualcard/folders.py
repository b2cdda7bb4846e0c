"""Folders of cards, and their insertion into the readers of GnuPG homes.

A card is a folder with the process of its own that answers on `socket` and `control`. A reader is a symbolic link
NAME.reader in a GnuPG home: to a card's socket, or to nothing when it is empty (see pcsc.c).
"""

import json
import os
import random
import signal
import subprocess
import sys
import time

from . import control

READER = "Card.reader"
EMPTY = "empty"
START_SECONDS = 60.0
SOCKET_PATH_MAX = 100  # sun_path holds 108 bytes
DEFAULTS = {
    "persona": "test",
    "serial": None,
    "firmware": [5, 7, 4],
    "touch_timeout": 15.0,
    "touch_refusal": 0x6985,
    "delay": 0.0,
    "attestation_authority": None,
    "vpcd_port": None,
    "owner": None,
    "home": None,
}


class SetupError(Exception):
    """Something that the caller can mend; the text says how."""


def new_card(folder: str, **settings) -> str:
    """Makes the folder of a new card and starts it. Settings: see `DEFAULTS`. Returns the folder's full path."""
    folder = os.path.abspath(folder)
    if len(folder) + len("/control") > SOCKET_PATH_MAX:
        raise SetupError(f"{folder}: too long a path for a unix socket; choose a shorter folder, e.g. below /tmp")
    if os.path.exists(os.path.join(folder, "settings.json")):
        raise SetupError(f"{folder} already holds a card; choose another folder or remove it")
    settings = DEFAULTS | {k: v for k, v in settings.items() if v is not None}
    if settings["serial"] is None:
        settings["serial"] = random.SystemRandom().randrange(10_000_000, 30_000_000)
    if settings["attestation_authority"] is None:
        settings["attestation_authority"] = os.path.join(folder, "attestation-authority.pem")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(folder, "settings.json"), "w") as f:
        json.dump(settings, f, indent=1)
    start_card(folder)
    return folder


def start_card(folder: str) -> None:
    """Starts the process of a card that is not running, and waits until it answers."""
    with open(os.path.join(folder, "errors"), "ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "virtualcard.process", folder],
            cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    end = time.monotonic() + START_SECONDS
    while not is_running(folder):
        if process.poll() is not None or time.monotonic() > end:
            raise SetupError(f"the card's process did not start; see {folder}/errors")
        time.sleep(0.01)


def is_running(folder: str) -> bool:
    try:
        ask(folder, {"do": "status"})
        return True
    except (OSError, control.ControlError):
        return False


def ask(folder: str, request: dict) -> dict:
    return control.ask(os.path.join(folder, "control"), request)


def kill_card(folder: str) -> None:
    """Ends the card's process at once, as a power cut would. What it had saved stays."""
    try:
        pid = ask(folder, {"do": "status"})["pid"]
    except (OSError, control.ControlError):
        return
    os.kill(pid, signal.SIGKILL)
    while os.path.exists(f"/proc/{pid}") and _is_ours(pid):
        time.sleep(0.01)


def _is_ours(pid: int) -> bool:
    """Whether the process still runs (a zombie that nobody has waited for does not)."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# -- readers -----------------------------------------------------------


def card_in(home: str) -> str | None:
    """The folder of the card in the home's reader."""
    target = _target(os.path.join(home, READER))
    return None if target in (None, EMPTY) else os.path.dirname(target)


def card_of(home: str) -> str:
    """The card that commands about a home mean: the one in the reader, else the one that was last in it, else home
    may be the folder of a card itself."""
    if os.path.exists(os.path.join(home, "settings.json")):
        return os.path.abspath(home)
    folder = card_in(home) or _target(os.path.join(home, "last-card"))
    if folder is None:
        raise SetupError(f"{home} has never held a card; run: card insert {home} CARD")
    return folder


def insert(home: str, card: str | None = None) -> str:
    """Puts a card (the one last held when none is named) into the home's reader, taking it out of another's; starts it
    if it is not running."""
    card = os.path.abspath(card) if card else card_of(home)
    if not os.path.exists(os.path.join(card, "settings.json")):
        raise SetupError(f"{card} holds no card; run: card new {card}")
    before = _target(os.path.join(card, "reader-of"))
    if before and before != os.path.abspath(home) and card_in(before) == card:
        remove(before)
    if not is_running(card):
        start_card(card)
    ask(card, {"do": "insert"})
    _point(os.path.join(card, "reader-of"), os.path.abspath(home))
    _point(os.path.join(home, "last-card"), card)
    _point(os.path.join(home, READER), os.path.join(card, "socket"))
    return card


def remove(home: str) -> None:
    """Takes the card out. The reader stays, empty."""
    card = card_in(home)
    _point(os.path.join(home, READER), EMPTY)
    if card and is_running(card):
        ask(card, {"do": "remove"})


def unplug(home: str) -> None:
    """Takes the card out together with its reader, as a USB token leaves."""
    remove(home)
    os.unlink(os.path.join(home, READER))


def _target(link: str) -> str | None:
    try:
        return os.readlink(link)
    except OSError:
        return None


def _point(link: str, target: str) -> None:
    os.symlink(target, link + ".new")
    os.rename(link + ".new", link)
