"""The command line: Tests/VirtualCard/card. Results are `name value` lines, or JSON with --json."""

import argparse
import json
import os
import sys

from . import card_settings, certificates, control, folders, gnupg, homes


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        result = options.run(options)
    except (folders.SetupError, control.ControlError) as error:
        print(f"card: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"card: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return 1
    if isinstance(result, str):
        sys.stdout.write(result)
    elif options.json:
        print(json.dumps(result or {}))
    else:
        for name, value in (result or {}).items():
            print(name, value)
    return 0


# -- what each command does ----------------------------------------------


def _make(o) -> dict:
    home = homes.make(o.home)
    settings = _card_options_of(o) | {"home": home}
    card = folders.insert(home, folders.new_card(o.card or os.path.join(home, "card"), **settings))
    result = {"home": home, "card": card} | _key(o)
    if o.touch != "off":
        card_settings.set_touch(home, o.touch)
    if o.pin_for != "each":
        card_settings.set_pin_use(home, o.pin_for)
    return result


def _home(o) -> dict:
    return {"home": homes.make(o.home, o.reader)}


def _new(o) -> dict:
    return {"card": folders.new_card(o.folder, **_card_options_of(o))}


def _key(o) -> dict:
    if o.subkey:
        primary, subkey = certificates.with_card_as_subkey(o.home, o.algorithm, o.name, o.mail, o.expires)
    else:
        primary = subkey = certificates.with_card_as_primary(o.home, o.algorithm, o.name, o.mail, o.expires)
    return {"fingerprint": primary, "signs": subkey}


def _import(o) -> None:
    certificates.import_to_card(o.home, o.fingerprint, o.algorithm)


def _card_options_of(o) -> dict:
    return {
        "persona": o.persona,
        "serial": o.serial,
        "firmware": [int(n) for n in o.firmware.split(".")],
        "touch_timeout": o.touch_timeout,
        "delay": o.delay / 1000,
        "attestation_authority": o.authority and os.path.abspath(o.authority),
        "vpcd_port": o.vpcd_port,
        "owner": o.owner,
    }


def _insert(o) -> dict:
    card = folders.insert(o.home, o.card)
    if not o.suddenly:
        gnupg.settle(o.home, present=True)
    return {"card": card}


def _remove(o) -> None:
    (folders.unplug if o.with_reader else folders.remove)(o.home)
    if not o.suddenly:
        gnupg.settle(o.home, present=False)


def _touch(o) -> None:
    card = folders.card_of(o.home)
    if o.outcome == "now":
        folders.ask(card, {"do": "touch"})
    else:
        folders.ask(card, {"do": "person", "outcome": o.outcome, "after": o.after / 1000})


def _policy(o) -> None:
    card_settings.set_touch(o.home, o.policy)


def _pin_for(o) -> None:
    card_settings.set_pin_use(o.home, o.use)


def _fault(o) -> None:
    request = {"do": "fault"}
    if o.words:
        request["words"] = o.words
    if o.vanish_after is not None:
        request["vanish-after"] = o.vanish_after
    if o.vanish_in_signature:
        request["vanish-in-signature"] = True
    folders.ask(folders.card_of(o.home), request)


def _set(o) -> None:
    request = {"do": "set"}
    if o.delay is not None:
        request["delay"] = o.delay / 1000
    if o.touch_timeout is not None:
        request["touch-timeout"] = o.touch_timeout
    if o.touch_refusal is not None:
        request["touch-refusal"] = o.touch_refusal
    folders.ask(folders.card_of(o.home), request)


def _pinentry(o) -> None:
    if o.program:
        homes.use_pinentry(o.home, o.program)
    homes.answer(o.home, o.answers)


def _log(o) -> str:
    text = homes.prompts(o.home)
    if o.commands:
        text += "\n".join(folders.ask(folders.card_of(o.home), {"do": "log"})["log"]) + "\n"
    return text


def _attest(o) -> dict:
    return card_settings.attest(o.home, o.out)


def _stop(o) -> None:
    for home in o.homes:
        homes.stop(home, o.delete)


# -- the grammar ---------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="card", description="OpenPGP cards in software, for tests and the demo.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, run, help):
        p = commands.add_parser(name, help=help, description=help)
        p.add_argument("--json", action="store_true", help="print the result as one JSON object")
        p.set_defaults(run=run)
        return p

    def home_command(name, run, help):
        p = command(name, run, help)
        p.add_argument("home", help="the GNUPGHOME (or the folder of a card)")
        return p

    p = home_command("make", _make, "a GNUPGHOME with a card in its reader and a signing key on the card")
    _certificate_options(p)
    _card_options(p)
    p.add_argument("--card", help="folder of the card (default: HOME/card)")
    p.add_argument("--touch", choices=("off", "on", "fixed", "cached"), default="off")
    p.add_argument("--pin-for", choices=("each", "many"), default="each", help="what one PIN is good for")

    p = home_command("home", _home, "only the GNUPGHOME, its reader empty")
    p.add_argument("--reader", help="name of a reader of the machine's own pcscd, to be used instead of ours")
    p = command("new", _new, "only a card, in no reader")
    p.add_argument("folder")
    _card_options(p)
    _certificate_options(home_command("key", _key, "a new signing key on the card in the reader, with its certificate"))
    p = home_command("import", _import, "move a software key of the home, without a passphrase, onto the card")
    p.add_argument("fingerprint")
    p.add_argument("algorithm")

    p = home_command("insert", _insert, "put a card into the reader")
    p.add_argument("card", nargs="?", help="folder of the card (default: the one that was last in it)")
    p.add_argument("--suddenly", action="store_true", help="do not wait until scdaemon has noticed")
    p = home_command("remove", _remove, "take the card out")
    p.add_argument("--suddenly", action="store_true", help="do not wait until scdaemon has noticed")
    p.add_argument("--with-reader", action="store_true", help="the reader goes too, as with a USB token")
    home_command("kill", lambda o: folders.kill_card(folders.card_of(o.home)), "kill the card's process at once")

    p = home_command("touch", _touch, "what the person does when the card asks for a touch; `now`: touch once")
    p.add_argument("outcome", choices=("given", "refused", "times-out", "waits", "now"))
    p.add_argument("--after", type=float, default=0, metavar="MS", help="`given` only after so many milliseconds")
    p = home_command("policy", _policy, "the card's touch policy for signatures")
    p.add_argument("policy", choices=("off", "on", "fixed", "cached", "cached-fixed"))

    p = home_command("pin-for", _pin_for, "whether one PIN is good for many signatures, or each needs its own")
    p.add_argument("use", choices=("each", "many"))

    p = home_command("set", _set, "change a setting of the running card")
    p.add_argument("--delay", type=float, metavar="MS", help="how long a signature takes at least")
    p.add_argument("--touch-timeout", type=float, metavar="SECONDS")
    p.add_argument("--touch-refusal", metavar="SW", help="status word of a refused touch, four hex digits")
    p = home_command("fault", _fault, "what goes wrong next")
    p.add_argument("--words", nargs="+", metavar="SW", help="status words that the next commands end with")
    p.add_argument("--vanish-after", type=int, metavar="N", help="the card is pulled out after N more commands")
    p.add_argument("--vanish-in-signature", action="store_true", help="it is pulled out during the next signature")

    p = home_command("pinentry", _pinentry, "what the next PIN prompts are answered: right wrong cancel die pin:N")
    p.add_argument("answers", nargs="*")
    p.add_argument("--program", help="another pinentry, or a path where there is none")
    p = home_command("pins", lambda o: homes.set_pins(o.home, o.user, o.admin), "the PINs that a right answer gives")
    p.add_argument("user")
    p.add_argument("admin", nargs="?", default="12345678")

    home_command("status", lambda o: folders.ask(folders.card_of(o.home), {"do": "status"}), "the card's state")
    p = home_command("log", _log, "what the person was asked")
    p.add_argument("--commands", action="store_true", help="also the last commands of the card, PINs left out")
    p = home_command("attest", _attest, "a YubiKey's statement about its signature key, as files")
    p.add_argument("out", help="folder for sig.der, device.der and the authority's authority.pem")
    p = command("stop", _stop, "end the daemons and cards of homes")
    p.add_argument("homes", nargs="+", metavar="HOME")
    p.add_argument("--delete", action="store_true", help="and delete the homes")
    return parser


def _certificate_options(p) -> None:
    p.add_argument("--name", default="Alice Example")
    p.add_argument("--mail", default="alice@example.org")
    p.add_argument("--algorithm", default="ed25519", help="ed25519, rsa2048, rsa3072, rsa4096, nistp256 or nistp384")
    p.add_argument("--subkey", action="store_true", help="the card holds a signing subkey; the primary key is offline")
    p.add_argument("--expires", default="0", help="as gpg's Expire-Date: 0 for never, 1y, 2027-01-01, seconds=60")


def _card_options(p) -> None:
    p.add_argument("--persona", choices=("test", "yubikey", "nitrokey"), default="test")
    p.add_argument("--serial", type=int)
    p.add_argument("--firmware", default="5.7.4", help="of a YubiKey; up to 5.7.3 its attestation chain is shorter")
    p.add_argument("--authority", help="PEM file of the test's own attestation authority, made if missing")
    p.add_argument("--touch-timeout", type=float, default=15, metavar="SECONDS")
    p.add_argument("--delay", type=float, default=0, metavar="MS", help="how long a signature takes at least")
    p.add_argument("--vpcd-port", type=int, help="connect to vpcd on this port instead of serving a unix socket")
    p.add_argument("--owner", type=int, metavar="PID", help="end when this process has ended")


if __name__ == "__main__":
    sys.exit(main())
