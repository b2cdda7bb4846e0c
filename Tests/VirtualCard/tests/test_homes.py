import os
import shutil
import subprocess
import tempfile
import time
import unittest

from virtualcard import certificates, folders, homes


@unittest.skipUnless(shutil.which("gpg-agent") and shutil.which("cc"), "needs gnupg and a C compiler")
class Homes(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(dir="/tmp"))
        self.home = os.path.join(self.folder, "h")

    def make(self, **settings) -> int:
        """A home with a card and a key. Returns the process id of the card."""
        homes.make(self.home)
        card = folders.new_card(os.path.join(self.home, "card"), home=self.home, **settings)
        folders.insert(self.home, card)
        certificates.with_card_as_primary(self.home, "ed25519", "Alice", "alice@example.org")
        return folders.ask(card, {"do": "status"})["pid"]

    def processes(self) -> str:
        return subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True).stdout

    def ours(self) -> list[str]:
        return [line for line in self.processes().splitlines() if self.home in line and not line.startswith("Z")]

    def wait_until_alone(self) -> None:
        end = time.monotonic() + 20
        while self.ours() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(self.ours(), [])

    def test_nothing_runs_on_when_the_owner_is_killed(self):
        with subprocess.Popen(["sleep", "60"]) as owner:
            self.make(owner=owner.pid)
            self.assertEqual(len(self.ours()), 3, self.ours())  # the card, gpg-agent, scdaemon
            owner.kill()
        self.wait_until_alone()

    def test_stop_ends_everything_and_deletes_when_asked(self):
        self.make()
        homes.stop(self.home)
        self.wait_until_alone()
        self.assertTrue(os.path.exists(self.home))
        homes.stop(self.home, delete=True)
        self.assertFalse(os.path.exists(self.home))
        homes.stop(self.home)

    def test_a_path_too_long_for_sockets_is_refused_with_advice(self):
        with self.assertRaisesRegex(folders.SetupError, "below /tmp"):
            homes.make(os.path.join(self.folder, "x" * 80))

    def test_a_home_that_is_there_already_is_left_alone(self):
        homes.make(self.home)
        with self.assertRaisesRegex(folders.SetupError, "already prepared"):
            homes.make(self.home)

    def test_a_card_goes_from_one_reader_to_another(self):
        first, second = (homes.make(os.path.join(self.folder, name)) for name in "ab")
        card = folders.new_card(os.path.join(self.folder, "card"))
        self.addCleanup(folders.kill_card, card)
        folders.insert(first, card)
        self.assertEqual((folders.card_in(first), folders.card_in(second)), (card, None))
        folders.insert(second, card)
        self.assertEqual((folders.card_in(first), folders.card_in(second)), (None, card))
        self.assertEqual(folders.card_of(first), card)


if __name__ == "__main__":
    unittest.main()
