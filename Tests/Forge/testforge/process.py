"""The server's process: `python3 -m testforge.process ROOT`, with the settings in ROOT/settings.json.

It ends when ROOT/pid or its owner is gone.
"""

import json
import os
import sys
import threading
import time

from .contract import Contract
from .server import Server

WATCH_SECONDS = 0.5


def main() -> None:
    root = sys.argv[1]
    with open(os.path.join(root, "settings.json")) as f:
        settings = json.load(f)
    contract = Contract(settings["description"]) if settings["description"] else None
    server = Server(root, settings["port"], contract, settings["certificate"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pid_file = os.path.join(root, "pid")
    for name, text in (("url", server.base), ("pid", str(os.getpid()))):
        with open(os.path.join(root, name + ".new"), "w") as f:
            f.write(text)
        os.rename(os.path.join(root, name + ".new"), os.path.join(root, name))
    owner = settings["owner"]
    while os.path.exists(pid_file) and (owner is None or os.path.exists(f"/proc/{owner}")):
        time.sleep(WATCH_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
