"""Keys on cards and their OpenPGP certificates, made without a prompt."""

import os
import re

from .folders import SetupError
from .gnupg import assuan, field, gpg, wait_for_card

# Name: OpenPGP's number for the card's KEY-ATTR, and the Key-Type of gpg's parameter file.
ALGORITHMS = {
    "ed25519": (22, "EdDSA"),
    "rsa2048": (1, "RSA"),
    "rsa3072": (1, "RSA"),
    "rsa4096": (1, "RSA"),
    "nistp256": (19, "ECDSA"),
    "nistp384": (19, "ECDSA"),
}
NO_PASSPHRASE = ("--batch", "--pinentry-mode", "loopback", "--passphrase", "")
OFFLINE = "offline"  # folder of the home into which the secret half of an offline primary key goes


def with_card_as_primary(home: str, algorithm: str, name: str, mail: str, expires: str = "0") -> str:
    """A new key on the card as primary key of a new certificate. Returns its fingerprint, which is the card's too."""
    created, grip = _generate_on_card(home, algorithm)
    parameters = [
        f"Key-Type: {ALGORITHMS[algorithm][1]}",
        f"Key-Grip: {grip}",
        "Key-Usage: sign",
        f"Creation-Date: seconds={created}",  # part of the fingerprint: must be what the card wrote down
        f"Name-Real: {name}",
        f"Name-Email: {mail}",
        f"Expire-Date: {expires}",
        "%no-protection",
        "%commit",
    ]
    status = gpg(home, "--batch", "--status-fd", "1", "--gen-key", stdin="\n".join(parameters) + "\n")
    return _created(status)


def with_card_as_subkey(home: str, algorithm: str, name: str, mail: str, expires: str = "0") -> tuple[str, str]:
    """A primary key that only certifies and is then taken out of the home, and a signing subkey on the card.

    Returns the fingerprints of the primary key and of the subkey."""
    status = gpg(
        home, *NO_PASSPHRASE, "--status-fd", "1", "--quick-gen-key", f"{name} <{mail}>", "ed25519", "cert", "never"
    )
    primary = _created(status)
    _set_attributes(home, algorithm)
    replace = ["y"] if re.search(r"^S KEY-FPR 1 ", assuan(home, "SCD GETATTR KEY-FPR"), re.MULTILINE) else []
    answers = ["addcardkey", "1", *replace, expires, "save"]
    status = gpg(
        home, "--status-fd", "1", "--command-fd", "0", "--edit-key", primary, stdin="\n".join(answers) + "\n"
    )
    _take_offline(home, primary)
    return primary, _created(status)


def _generate_on_card(home: str, algorithm: str) -> tuple[int, str]:
    """Makes a signature key on the card. Returns its creation time (seconds since 1970) and its keygrip."""
    _set_attributes(home, algorithm)
    made = assuan(home, "SCD GENKEY --force 1")
    return int(field(made, "KEY-CREATED-AT")), _learn(home)


def import_to_card(home: str, fingerprint: str, algorithm: str) -> None:
    """Moves the secret half of a software key (its primary key, without a passphrase) onto the card."""
    _set_attributes(home, algorithm)  # gpg 2.2 does not do this by itself for RSA
    answers = ["keytocard", "y", "1", "save"]
    gpg(home, "--command-fd", "0", "--status-fd", "1", "--edit-key", fingerprint, stdin="\n".join(answers) + "\n")
    _learn(home)


def _set_attributes(home: str, algorithm: str) -> None:
    if algorithm not in ALGORITHMS:
        raise SetupError(f"no algorithm {algorithm}; there are {', '.join(ALGORITHMS)}")
    wait_for_card(home)
    assuan(home, f"SCD SETATTR KEY-ATTR --force 1 {ALGORITHMS[algorithm][0]} {algorithm}")


def _learn(home: str) -> str:
    """Has gpg-agent write its stub for the card's signature key. Returns the keygrip."""
    learned = assuan(home, "LEARN --force --sendinfo")
    grip = re.search(r"^S KEYPAIRINFO ([0-9A-F]{40}) OPENPGP\.1", learned, re.MULTILINE)
    if grip is None:
        raise SetupError("gpg-agent did not learn the card's signature key")
    return grip[1]


def _take_offline(home: str, primary: str) -> None:
    listing = gpg(home, "--batch", "--with-colons", "--with-keygrip", "--list-secret-keys", primary)
    grip = re.search(r"^grp:+([0-9A-F]{40}):", listing, re.MULTILINE)[1]
    os.makedirs(os.path.join(home, OFFLINE), exist_ok=True)
    os.rename(os.path.join(home, "private-keys-v1.d", grip + ".key"), os.path.join(home, OFFLINE, grip + ".key"))


def _created(status: str) -> str:
    found = re.search(r"KEY_CREATED \w ([0-9A-F]{40})", status)
    if found is None:
        raise SetupError(f"gpg made no key: {status.strip()}")
    return found[1]
