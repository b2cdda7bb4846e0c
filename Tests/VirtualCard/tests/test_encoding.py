import unittest

from virtualcard import apdu, tlv
from virtualcard.status import StatusError


class Tlv(unittest.TestCase):
    def test_what_is_encoded_is_read_back_whatever_its_length(self):
        for tag in (0x5B, 0x7F49):
            for length in (0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF):
                value = bytes(length)
                encoded = tlv.encode(tag, value)
                self.assertEqual(tlv.expect(encoded + b"rest", 0, tag), (value, len(encoded)))

    def test_an_object_that_ends_early_or_has_another_tag_is_refused(self):
        encoded = tlv.encode(0x4D, b"abc")
        self.assertEqual(tlv.expect(encoded, 0, 0x4D)[0], b"abc")
        for data, tag in ((encoded[:-1], 0x4D), (encoded, 0x4E), (b"", 0x4D), (b"\x4d\x83\0\0\0", 0x4D)):
            with self.assertRaises(StatusError):
                tlv.expect(data, 0, tag)


class Commands(unittest.TestCase):
    def test_short_and_extended_commands_of_all_four_cases(self):
        for raw, data, expected in (
            ("00CA006E", b"", 256),
            ("00CA006E00", b"", 256),
            ("00CA006E10", b"", 16),
            ("0020008103313233", b"123", 256),
            ("002A9E9A03616263" + "08", b"abc", 8),
            ("00CA006E000000", b"", 65536),
            ("00DA0101000003616263", b"abc", 65536),
            ("002A9E9A0000036162630100", b"abc", 256),
        ):
            command = apdu.parse(bytes.fromhex(raw))
            self.assertEqual((command.data, command.expected), (data, expected), raw)

    def test_a_command_shorter_than_it_says_is_refused(self):
        for raw in ("00CA00", "00200081043132", "00DA01010000046162", "002A9E9A03616263" + "0808"):
            with self.assertRaises(StatusError, msg=raw):
                apdu.parse(bytes.fromhex(raw))


if __name__ == "__main__":
    unittest.main()
