"""What a host changes on a card or asks of it through scdaemon: touch policy, attestation."""

import json
import os
import re

from . import folders, touch
from .gnupg import assuan, wait_for_card


def set_touch(home: str, policy: str) -> None:
    """Sets the touch policy of the signature key: PUT DATA D6 with the admin PIN, for which GnuPG 2.2 has no name."""
    serial = wait_for_card(home)
    flag = touch.POLICIES[policy]
    answer = assuan(home, f"SCD CHECKPIN {serial}[CHV3]", f"SCD APDU 00 DA 00 D6 02 {flag:02X} 20")
    if not re.search(r"^D .?\udc90", answer, re.MULTILINE):  # 90 00: two bytes that are no text
        raise folders.SetupError(f"the card refused the touch policy {policy}")


def set_pin_use(home: str, use: str) -> None:
    """Whether one PIN is good for `many` signatures or for `each` its own.

    This is what `forcesig` changes in gpg --card-edit.
    """
    wait_for_card(home)
    # By scdaemon's own name for it: it remembers the setting and would not notice a bare PUT DATA.
    answer = assuan(home, f"SCD SETATTR CHV-STATUS-1 %0{'1' if use == 'many' else '0'}")
    if "OK" not in answer.split():
        raise folders.SetupError(f"the card refused a PIN for {use}: {answer}")


def attest(home: str, out: str) -> dict[str, str]:
    """Has a YubiKey attest its signature key: OUT/sig.der, OUT/device.der, OUT/authority.pem (root first)."""
    serial = wait_for_card(home)
    os.makedirs(out, exist_ok=True)
    raw = {name: os.path.join(out, name + ".raw") for name in ("device", "select", "sig")}
    settings = _settings(home)
    select = "00 A5 02 04 06 60 04 5C 02 7F 21"
    if settings["firmware"] <= [5, 4, 3]:
        select = "00 A5 02 04 07 06 60 04 5C 02 7F 21"
    assuan(
        home,
        f"SCD CHECKPIN {serial}",
        "SCD APDU 80 FB 01 00",
        f"/datafile {raw['device']}",
        "SCD APDU --more 00 CA 00 FC 00",
        f"/datafile {raw['select']}",
        f"SCD APDU {select}",
        f"/datafile {raw['sig']}",
        "SCD APDU --more 00 CA 7F 21 00",
    )
    files = {name: os.path.join(out, name + ".der") for name in ("sig", "device")}
    for name, path in files.items():
        _write_without_status(raw[name], path)
    for path in raw.values():
        os.unlink(path)
    with open(settings["attestation_authority"]) as f:
        certificates = f.read().split("-----END PRIVATE KEY-----\n", 1)[1]
    authority = os.path.join(out, "authority.pem")
    with open(authority, "w") as f:
        f.write(certificates)
    return {"statement": files["sig"], "device": files["device"], "authority": authority}


def _settings(home: str) -> dict:
    with open(os.path.join(folders.card_of(home), "settings.json")) as f:
        return json.load(f)


def _write_without_status(raw: str, der: str) -> None:
    with open(raw, "rb") as f:
        answer = f.read()
    if answer[-2:] != b"\x90\x00" or answer[:1] != b"\x30":
        raise folders.SetupError(
            f"the card gave no certificate (status {answer[-2:].hex()}); only keys made on a YubiKey are attested"
        )
    with open(der, "wb") as f:
        f.write(answer[:-2])
