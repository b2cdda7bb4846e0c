import unittest

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives import hashes

from tests.host import DIGEST_INFO_SHA256, P256, RSA2048, SHA256_OF_NOTHING, Host
from virtualcard import tlv
from virtualcard.state import State


class Signing(unittest.TestCase):
    def sign(self, host, data):
        host.verify()
        signature, word = host.sign(data)
        self.assertEqual(word, 0x9000)
        return signature

    def test_ed25519(self):
        host = Host()
        template, _ = tlv.expect(host.generate(), 0, 0x7F49)
        point, _ = tlv.expect(template, 0, 0x86)
        signature = self.sign(host, SHA256_OF_NOTHING)
        ed25519.Ed25519PublicKey.from_public_bytes(point).verify(signature, SHA256_OF_NOTHING)

    def test_p256(self):
        host = Host()
        template, _ = tlv.expect(host.generate(P256), 0, 0x7F49)
        point, _ = tlv.expect(template, 0, 0x86)
        signature = self.sign(host, SHA256_OF_NOTHING)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        public.verify(encode_dss_signature(r, s), SHA256_OF_NOTHING, ec.ECDSA(Prehashed(hashes.SHA256())))

    def test_rsa(self):
        host = Host()
        template, _ = tlv.expect(host.generate(RSA2048), 0, 0x7F49)
        n, at = tlv.expect(template, 0, 0x81)
        e, _ = tlv.expect(template, at, 0x82)
        signature = self.sign(host, DIGEST_INFO_SHA256 + SHA256_OF_NOTHING)
        public = rsa.RSAPublicNumbers(int.from_bytes(e, "big"), int.from_bytes(n, "big")).public_key()
        public.verify(signature, b"", padding.PKCS1v15(), hashes.SHA256())

    def test_rsa_signs_nothing_but_a_digest_that_names_its_algorithm(self):
        host = Host()
        host.generate(RSA2048)
        host.verify()
        self.assertEqual(host.sign(SHA256_OF_NOTHING)[1], 0x6A80)

    def test_each_signature_is_counted_and_a_new_key_starts_at_nought(self):
        host = Host()
        host.generate()
        for _ in range(2):
            self.sign(host, SHA256_OF_NOTHING)
        self.assertEqual(host.get(0x93), b"\0\0\2")
        host.generate()
        self.assertEqual(host.get(0x93), b"\0\0\0")

    def test_another_algorithm_forgets_the_key(self):
        host = Host()
        host.generate()
        host.verify()
        self.assertEqual(host.sign()[1], 0x9000)
        self.assertEqual(host.put(0xC1, P256), 0x9000)
        host.verify()
        self.assertEqual(host.sign()[1], 0x6A88)

    def test_generation_needs_the_admin_pin(self):
        host = Host()
        generate = (0x00, 0x47, 0x80, 0, b"\xb6\x00")
        self.assertEqual(host.status(*generate), 0x6982)
        host.admin()
        self.assertEqual(host.status(*generate), 0x9000)


class Memory(unittest.TestCase):
    def test_a_card_that_was_switched_off_keeps_keys_counters_and_pins(self):
        host = Host(persona="yubikey")
        public = host.generate(RSA2048)
        host.put(0xC7, bytes(range(20)))
        host.verify(pin=b"000000")
        again = Host(persona="yubikey", state=State.from_json(host.stored[-1].to_json()))
        self.assertEqual(again.send(0x00, 0x47, 0x81, 0, b"\xb6\x00"), public)
        self.assertEqual(again.get(0xC5)[:20], bytes(range(20)))
        self.assertEqual(again.get(0xC4)[-3], 2)
        self.assertEqual(again.get(0xFC), host.get(0xFC))

    def test_a_factory_reset_needs_the_admin_pin_and_forgets_everything(self):
        host = Host()
        host.generate()
        host.card.power()
        host = Host(state=host.card.state)
        self.assertEqual(host.status(0x00, 0xE6, 0, 0), 0x6982)
        host.admin()
        self.assertEqual(host.status(0x00, 0xE6, 0, 0), 0x9000)
        self.assertEqual(host.status(0x00, 0x47, 0x81, 0, b"\xb6\x00"), 0x6A88)


if __name__ == "__main__":
    unittest.main()
