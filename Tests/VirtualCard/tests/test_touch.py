import threading
import time
import unittest

from tests.host import Host
from virtualcard import touch

BUTTON = b"\x20"


class Touch(unittest.TestCase):
    def card(self, policy: int, **person) -> Host:
        host = Host(**person)
        host.generate()
        self.assertEqual(host.put(0xD6, bytes([policy]) + BUTTON), 0x9000)
        return host

    def sign(self, host: Host) -> int:
        host.verify()
        return host.sign()[1]

    def test_without_the_policy_nobody_is_asked(self):
        host = self.card(touch.OFF, outcome="refused")
        self.assertEqual((self.sign(host), host.card.person.asked), (0x9000, 0))

    def test_given(self):
        host = self.card(touch.ON)
        self.assertEqual((self.sign(host), host.card.person.asked), (0x9000, 1))

    def test_refused_makes_no_signature(self):
        host = self.card(touch.ON, outcome="refused")
        self.assertEqual(self.sign(host), 0x6985)
        self.assertEqual(host.get(0x93), b"\0\0\0")

    def test_times_out_with_the_status_word_that_was_set(self):
        host = self.card(touch.ON, outcome="times-out", timeout=0.05, refusal=0x6982)
        start = time.monotonic()
        self.assertEqual(self.sign(host), 0x6982)
        self.assertGreaterEqual(time.monotonic() - start, 0.05)

    def test_given_late(self):
        host = self.card(touch.ON, after=0.1)
        start = time.monotonic()
        self.assertEqual(self.sign(host), 0x9000)
        self.assertGreaterEqual(time.monotonic() - start, 0.1)

    def test_waits_for_the_touch(self):
        host = self.card(touch.ON, outcome="waits")
        person = host.card.person
        words = []
        signing = threading.Thread(target=lambda: words.append(self.sign(host)))
        signing.start()
        while not person.is_asked:
            time.sleep(0.001)
        self.assertEqual(words, [])
        person.touch()
        signing.join(5)
        self.assertEqual(words, [0x9000])

    def test_pulling_the_card_ends_the_wait(self):
        host = self.card(touch.ON, outcome="waits", timeout=60)
        signing = threading.Thread(target=self.sign, args=(host,))
        signing.start()
        while not host.card.person.is_asked:
            time.sleep(0.001)
        host.card.person.abandon()
        signing.join(5)
        self.assertFalse(signing.is_alive())

    def test_cached_asks_once_for_signatures_close_together(self):
        host = self.card(touch.CACHED)
        self.assertEqual([self.sign(host), self.sign(host)], [0x9000, 0x9000])
        self.assertEqual(host.card.person.asked, 1)

    def test_on_asks_each_time(self):
        host = self.card(touch.ON)
        self.assertEqual([self.sign(host), self.sign(host)], [0x9000, 0x9000])
        self.assertEqual(host.card.person.asked, 2)

    def test_fixed_cannot_be_switched_off_with_the_admin_pin(self):
        host = self.card(touch.FIXED)
        self.assertEqual(host.put(0xD6, bytes([touch.OFF]) + BUTTON), 0x6985)
        host = self.card(touch.ON)
        self.assertEqual(host.put(0xD6, bytes([touch.OFF]) + BUTTON), 0x9000)


class Faults(unittest.TestCase):
    def test_delay_is_the_least_that_a_signature_takes(self):
        host = Host()
        host.generate()
        host.card.delay = 0.05
        host.verify()
        start = time.monotonic()
        self.assertEqual(host.sign()[1], 0x9000)
        self.assertGreaterEqual(time.monotonic() - start, 0.05)

    def test_status_words_that_were_ordered_come_once_each(self):
        host = Host()
        host.card.faults = [0x6F00, 0x6581]
        self.assertEqual([host.verify(), host.verify(), host.verify()], [0x6F00, 0x6581, 0x9000])


if __name__ == "__main__":
    unittest.main()
