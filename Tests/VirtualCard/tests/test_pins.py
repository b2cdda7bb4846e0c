import unittest

from tests.host import Host
from virtualcard import pins

WRONG, BLOCKED, NOT_ALLOWED = 0x6982, 0x6983, 0x6982


class Pins(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.host.generate()

    def test_one_pin_serves_one_signature(self):
        self.assertEqual(self.host.sign()[1], NOT_ALLOWED)
        self.assertEqual(self.host.verify(), 0x9000)
        self.assertEqual(self.host.sign()[1], 0x9000)
        self.assertEqual(self.host.sign()[1], NOT_ALLOWED)

    def test_one_pin_serves_many_signatures_when_the_card_is_set_so(self):
        self.assertEqual(self.host.put(0xC4, b"\x01"), 0x9000)
        self.host.verify()
        self.assertEqual([self.host.sign()[1] for _ in range(3)], [0x9000] * 3)

    def test_three_wrong_pins_block_and_the_right_one_then_fails_too(self):
        tries = lambda: list(self.host.get(0xC4)[-3:])
        self.assertEqual(self.host.verify(pin=b"000000"), WRONG)
        self.assertEqual(tries(), [2, 0, 3])
        self.assertEqual(self.host.verify(pin=b"000000"), WRONG)
        self.assertEqual(self.host.verify(pin=b"000000"), BLOCKED)
        self.assertEqual(self.host.verify(), BLOCKED)
        self.assertEqual(tries(), [0, 0, 3])

    def test_the_right_pin_puts_the_counter_back(self):
        self.host.verify(pin=b"000000")
        self.assertEqual(self.host.verify(), 0x9000)
        self.assertEqual(self.host.get(0xC4)[-3], 3)

    def test_the_admin_pin_unblocks(self):
        for _ in range(3):
            self.host.verify(pin=b"000000")
        self.host.admin()
        self.assertEqual(self.host.status(0x00, 0x2C, 2, pins.FOR_SIGNATURE, b"654321"), 0x9000)
        self.assertEqual(self.host.verify(pin=b"123456"), WRONG)
        self.assertEqual(self.host.verify(pin=b"654321"), 0x9000)

    def test_changing_the_pin_needs_the_old_one(self):
        change = lambda old: self.host.status(0x00, 0x24, 0, pins.FOR_SIGNATURE, old + b"secret")
        self.assertEqual(change(b"000000"), WRONG)
        self.assertEqual(change(b"123456"), 0x9000)
        self.assertEqual(self.host.verify(pin=b"secret"), 0x9000)

    def test_a_pin_that_is_too_short_is_refused(self):
        self.assertEqual(self.host.status(0x00, 0x24, 0, pins.FOR_SIGNATURE, b"12345612345"), 0x6700)
        self.assertEqual(self.host.verify(), 0x9000)

    def test_power_off_forgets_what_was_open(self):
        self.host.verify()
        state = self.host.card.state
        self.host.card.power()
        self.assertEqual(Host(state=state).sign()[1], NOT_ALLOWED)

    def test_pins_and_keys_are_never_in_the_log(self):
        self.host.verify()
        self.assertFalse([line for line in self.host.card.log if b"123456".hex() in line])


if __name__ == "__main__":
    unittest.main()
