import os
import socket
import tempfile
import threading
import time
import unittest

from tests.host import Host
from virtualcard import reader
from virtualcard.control import ControlError, ask, serve


class Readers(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.path = os.path.join(folder, "socket")
        self.reader = reader.Reader(Host().card)
        threading.Thread(target=self.reader.listen, args=(self.path,), daemon=True).start()
        while not os.path.exists(self.path):
            time.sleep(0.001)

    def connect(self) -> socket.socket:
        connection = self.enterContext(socket.socket(socket.AF_UNIX))
        connection.connect(self.path)
        return connection

    def ask(self, connection: socket.socket, message: bytes) -> bytes | None:
        connection.sendall(len(message).to_bytes(2, "big") + message)
        return reader.receive(connection)

    def test_a_card_answers_to_reset_and_to_commands(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection, b"\x04"), self.reader.card.identity.answer_to_reset)
        self.assertEqual(self.ask(connection, bytes.fromhex("00CA004F00"))[-2:], b"\x90\x00")

    def test_removal_cuts_the_connection_and_insertion_allows_a_new_one(self):
        connection = self.connect()
        self.ask(connection, b"\x04")
        self.reader.remove()
        self.assertIsNone(reader.receive(connection))
        self.assertIsNone(reader.receive(self.connect()))
        self.reader.insert()
        self.assertIsNotNone(self.ask(self.connect(), b"\x04"))

    def test_a_card_can_vanish_after_a_number_of_commands(self):
        self.reader.card.vanish_after = 1
        connection = self.connect()
        command = bytes.fromhex("00CA004F00")
        self.assertIsNotNone(self.ask(connection, command))
        self.assertIsNone(self.ask(connection, command))
        self.assertFalse(self.reader.inserted.is_set())


class Control(unittest.TestCase):
    def test_requests_are_answered_and_bad_ones_explained(self):
        path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "control")
        listener = self.enterContext(reader.unix_listener(path))

        def handle(request):
            return {"twice": request["number"] * 2}

        threading.Thread(target=serve, args=(listener, handle), daemon=True).start()
        self.assertEqual(ask(path, {"number": 4}), {"twice": 8})
        with self.assertRaisesRegex(ControlError, "number"):
            ask(path, {})


if __name__ == "__main__":
    unittest.main()
