"""How a card is reached: the "vpcd" protocol of vsmartcard over a unix socket (pcsc.c) or over TCP (the real pcscd).

Each message is a length (two bytes, big endian) and as many bytes. One byte alone is a control code, all else an APDU.
"""

import os
import socket
import threading
import time

from .card import Card, Vanished

POWER_OFF, POWER_ON, RESET, ANSWER_TO_RESET = 0, 1, 2, 4
RETRY_SECONDS = 0.1


class Reader:
    """One card that can be in or out. Taking it out cuts every connection, in the middle of a command if need be."""

    def __init__(self, card: Card):
        self.card = card
        self.inserted = threading.Event()
        self.inserted.set()
        self._connections: set[socket.socket] = set()

    def insert(self) -> None:
        if not self.inserted.is_set():
            self.card.power()
            self.inserted.set()

    def remove(self) -> None:
        self.inserted.clear()
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.card.person.abandon()

    def listen(self, path: str) -> None:
        """Serves connections on a unix socket for ever; with the card out, each is closed at once."""
        listener = unix_listener(path)
        while True:
            connection, _ = listener.accept()
            if self.inserted.is_set():
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
            else:
                connection.close()

    def dial(self, host: str, port: int) -> None:
        """Connects to vpcd for ever; a connection means "card present" there."""
        while True:
            self.inserted.wait()
            try:
                connection = socket.create_connection((host, port), 5)
            except OSError:
                time.sleep(RETRY_SECONDS)
                continue
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve(connection)
            time.sleep(RETRY_SECONDS)

    def _serve(self, connection: socket.socket) -> None:
        self._connections.add(connection)
        try:
            while (message := receive(connection)) is not None:
                answer = self._answer(message)
                if answer is not None:
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            pass
        except Vanished:
            self.remove()
        finally:
            self._connections.discard(connection)
            connection.close()

    def _answer(self, message: bytes) -> bytes | None:
        if len(message) != 1:
            return self.card.transmit(message)
        if message[0] == ANSWER_TO_RESET:
            return self.card.identity.answer_to_reset
        if message[0] in (POWER_OFF, POWER_ON, RESET):
            self.card.power()
        return None


def receive(connection: socket.socket) -> bytes | None:
    head = _exactly(connection, 2)
    return None if head is None else _exactly(connection, int.from_bytes(head, "big"))


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    data = b""
    while len(data) < length:
        if connection.family == socket.AF_INET:
            # vpcd sends length and body apart; without this its Nagle waits 40 ms for our delayed acknowledgement.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = connection.recv(length - len(data))
        if not part:
            return None
        data += part
    return data


def unix_listener(path: str) -> socket.socket:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    listener = socket.socket(socket.AF_UNIX)
    # It gets its name when it listens: whoever waits for the name may connect at once.
    listener.bind(path + "~")
    listener.listen(16)
    os.rename(path + "~", path)
    return listener
