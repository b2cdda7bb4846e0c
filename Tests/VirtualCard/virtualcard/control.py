"""The control socket of a card's process: one JSON request per connection, one JSON answer.

This module must stay free of heavy imports: the command line uses its client side and should start fast.
"""

import json
import socket


class ControlError(Exception):
    pass


def ask(path: str, request: dict) -> dict:
    """Sends one request. Raises `ControlError` when the card refuses it, OSError when no card listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile() as lines:
            answer = json.loads(lines.readline() or "{}")
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer


def serve(listener: socket.socket, handle) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                with connection.makefile() as lines:
                    request = json.loads(lines.readline())
                try:
                    answer = handle(request)
                except (ControlError, KeyError, ValueError, TypeError) as error:
                    answer = {"error": f"{type(error).__name__}: {error}"}
                connection.sendall(json.dumps(answer).encode() + b"\n")
            except (OSError, ValueError):
                pass  # the caller went away or sent no JSON
