"""GnuPG homes that use virtual cards: their configuration, and everything that must end with them."""

import hashlib
import os
import shutil
import subprocess
import tempfile

from . import folders

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOME_PATH_MAX = 85  # gpg-agent's longest socket name must still fit behind it


def make(home: str, reader: str | None = None) -> str:
    """Prepares an empty GNUPGHOME. With `reader`, scdaemon uses the pcscd of the machine and that reader's name;
    without, our own PC/SC library and the readers of the home itself."""
    home = os.path.abspath(home)
    if len(home) > HOME_PATH_MAX:
        raise folders.SetupError(f"{home}: too long a path for gpg-agent's sockets; choose one below /tmp")
    if os.path.exists(os.path.join(home, "scdaemon.conf")):
        raise folders.SetupError(f"{home} is already prepared; choose another folder or run: card stop {home} --delete")
    os.makedirs(home, mode=0o700, exist_ok=True)
    os.chmod(home, 0o700)
    shutil.copy(os.path.join(HERE, "pinentry"), os.path.join(home, "pinentry"))
    _write(home, "gpg-agent.conf", f"pinentry-program {home}/pinentry\n")
    if reader:
        _write(home, "scdaemon.conf", f"disable-ccid\nreader-port {reader}\n")
    else:
        shutil.copy(pcsc_library(), os.path.join(home, "pcsc.so"))
        _write(home, "scdaemon.conf", f"disable-ccid\npcsc-driver {home}/pcsc.so\n")
        os.symlink(folders.EMPTY, os.path.join(home, folders.READER))
    return home


def pcsc_library() -> str:
    """The compiled pcsc.c, made once for each state of its source and kept in the package's build folder."""
    source = os.path.join(HERE, "pcsc.c")
    with open(source, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()[:16]
    cache = os.path.join(os.path.dirname(os.path.dirname(HERE)), ".build", "virtual-card")
    library = os.path.join(cache, f"pcsc-{digest}.so")
    if os.path.exists(library):
        return library
    os.makedirs(cache, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=cache)
    os.close(handle)
    compiler = os.environ.get("CC", "cc")
    subprocess.run(
        [compiler, "-Wall", "-O2", "-shared", "-fPIC", "-o", unfinished, source, "-ldl", "-lpthread"], check=True
    )
    os.rename(unfinished, library)
    return library


def answer(home: str, words: list[str]) -> None:
    """What the pinentry does at the next prompts; see the file `pinentry`."""
    _write(home, "pinentry.answers", "".join(word + "\n" for word in words))


def set_pins(home: str, user: str, admin: str) -> None:
    """Which PINs a right answer gives from now on. Does not change the card's."""
    _write(home, "pins", f"USER_PIN={user}\nADMIN_PIN={admin}\n")


def prompts(home: str) -> str:
    try:
        with open(os.path.join(home, "pinentry.log")) as f:
            return f.read()
    except FileNotFoundError:
        return ""


def use_pinentry(home: str, program: str) -> None:
    """Another pinentry than ours: a real one, or a path that does not exist ("no pinentry")."""
    _write(home, "gpg-agent.conf", f"pinentry-program {program}\n")
    kill_daemons(home)


def kill_daemons(home: str) -> None:
    """Ends gpg-agent and scdaemon. Both: an agent that has lost its scdaemon answers "Broken pipe" the next time."""
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, stderr=subprocess.DEVNULL)


def stop(home: str, delete: bool = False) -> None:
    """Ends the daemons and the card of a home. Its files stay unless `delete`; a home that is not there is no error."""
    if not os.path.isdir(home):
        return
    kill_daemons(home)
    try:
        folders.kill_card(folders.card_of(home))
    except folders.SetupError:
        pass
    if delete:
        shutil.rmtree(home, ignore_errors=True)


def _write(home: str, name: str, text: str) -> None:
    with open(os.path.join(home, name), "w") as f:
        f.write(text)
