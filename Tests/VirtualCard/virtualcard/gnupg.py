"""Talking to GnuPG in one home: gpg, gpg-agent and, through it, scdaemon and the card."""

import os
import re
import subprocess
import time

from .folders import SetupError


def environment(home: str) -> dict[str, str]:
    return {**os.environ, "GNUPGHOME": home, "LC_ALL": "C"}


def gpg(home: str, *arguments: str, stdin: str = "") -> str:
    """Runs gpg without a terminal and returns its output. Raises `SetupError` with gpg's own words."""
    result = _run(home, "gpg", "--no-tty", "--quiet", *arguments, stdin=stdin)
    if result.returncode != 0:
        raise SetupError(f"gpg {' '.join(arguments)}: {result.stderr.strip()}")
    return result.stdout


def assuan(home: str, *commands: str) -> str:
    """Sends commands to the home's gpg-agent (to scdaemon with `SCD` in front) in one session."""
    result = _run(home, "gpg-connect-agent", *commands, "/bye")
    failure = re.search(r"^ERR .*$", result.stdout, re.MULTILINE)
    if result.returncode != 0 or failure:
        raise SetupError(f"{' ; '.join(commands)}: {failure[0] if failure else result.stderr.strip()}")
    return result.stdout


def field(text: str, name: str) -> str:
    """The first word of the status line NAME in an answer of `assuan`."""
    found = re.search(rf"^S {name} (\S+)", text, re.MULTILINE)
    if found is None:
        raise SetupError(f"no {name} in the answer: {text.strip()}")
    return found[1]


def wait_for_card(home: str, seconds: float = 10) -> str:
    """The application identifier of the card, once scdaemon sees it."""
    end = time.monotonic() + seconds
    while True:
        try:
            return field(assuan(home, "SCD SERIALNO openpgp"), "SERIALNO")
        except SetupError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def settle(home: str, present: bool, seconds: float = 5) -> None:
    """Waits until the home's scdaemon has noticed that the card is there, or is gone: it looks twice a second.

    Nothing to wait for when no gpg-agent runs. SERIALNO alone would answer from memory; CHV-STATUS asks the card."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = _run(home, "gpg-connect-agent", "--no-autostart", "SCD SERIALNO", "SCD GETATTR CHV-STATUS", "/bye")
        answers = re.findall(r"^(OK|ERR)\b", result.stdout, re.MULTILINE)
        if not answers or answers == ["OK", "OK"] and present or answers[0] == "ERR" and not present:
            return
        time.sleep(0.05)
    raise SetupError(f"{home}: scdaemon did not notice that the card is {'there' if present else 'gone'}")


def _run(home: str, *command: str, stdin: str = "") -> subprocess.CompletedProcess:
    # Answers of `SCD APDU` are bytes, not text.
    return subprocess.run(
        command,
        input=stdin, env=environment(home), capture_output=True, text=True, errors="surrogateescape", check=False,
    )
