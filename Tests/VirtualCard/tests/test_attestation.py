import tempfile
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding

from tests.host import Host
from virtualcard import attestation, pins, tlv
from virtualcard.identity import OPENPGP

SIG_CERTIFICATE = (0x00, 0xA5, 2, 4, bytes.fromhex("60045C027F21"))


class Attestation(unittest.TestCase):
    def attest(self, host: Host) -> int:
        host.verify()
        return host.status(0x80, 0xFB, 1, 0)

    def statement(self, host: Host) -> x509.Certificate:
        self.assertEqual(self.attest(host), 0x9000)
        host.send(*SIG_CERTIFICATE)
        return x509.load_der_x509_certificate(host.get(0x7F21))

    def test_the_statement_is_over_the_key_and_chains_to_the_authority(self):
        for firmware, length in (((5, 4, 3), 1), ((5, 7, 4), 3)):
            with tempfile.TemporaryDirectory() as folder:
                authority = attestation.Authority.at(folder + "/ca.pem", firmware)
                again = attestation.Authority.at(folder + "/ca.pem", firmware)
            self.assertEqual(authority.certificates, again.certificates)
            self.assertEqual(len(authority.certificates), length)
            host = Host(persona="yubikey")
            attestation.equip(host.card.state, authority)
            template, _ = tlv.expect(host.generate(), 0, 0x7F49)
            point, _ = tlv.expect(template, 0, 0x86)
            device = x509.load_der_x509_certificate(host.get(0xFC))
            leaf = self.statement(host)
            self.assertEqual(
                leaf.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw), point
            )
            chain = authority.certificates + [device, leaf]
            for issuer, subject in zip(chain, chain[1:]):
                self.assertEqual(subject.issuer, issuer.subject)
                signed, algorithm = subject.tbs_certificate_bytes, subject.signature_hash_algorithm
                issuer.public_key().verify(subject.signature, signed, padding.PKCS1v15(), algorithm)

    def test_it_states_serial_touch_and_origin(self):
        host = Host(persona="yubikey", serial=35718625)
        host.generate()
        host.put(0xD6, b"\x02\x20")
        found = {e.oid.dotted_string: e.value.value for e in self.statement(host).extensions}
        self.assertEqual(found[attestation.ARC + "2"], b"\x02\x01\x01")
        self.assertEqual(found[attestation.ARC + "7"], b"\x02\x04" + (35718625).to_bytes(4, "big"))
        self.assertEqual(found[attestation.ARC + "8"], b"\x04\x01\x02")

    def test_an_imported_key_is_not_attested(self):
        host = Host(persona="yubikey")
        host.admin()
        private = ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        parts = tlv.encode(0x7F48, b"\x92" + bytes([len(private)])) + tlv.encode(0x5F48, private)
        self.assertEqual(host.status(0x00, 0xDB, 0x3F, 0xFF, tlv.encode(0x4D, b"\xb6\x00" + parts)), 0x9000)
        self.assertEqual(self.attest(host), 0x6985)
        host.generate()
        self.assertEqual(self.attest(host), 0x9000)

    def test_it_needs_the_pin(self):
        host = Host(persona="yubikey")
        host.generate()
        self.assertEqual(host.status(0x80, 0xFB, 1, 0), 0x6982)
        self.assertEqual(host.verify(pins.FOR_SIGNATURE), 0x9000)
        self.assertEqual(host.status(0x80, 0xFB, 1, 0), 0x9000)

    def test_other_cards_do_not_know_it(self):
        host = Host(persona="nitrokey")
        host.generate()
        self.assertEqual(self.attest(host), 0x6D00)

    def test_only_the_application_that_is_there_can_be_selected(self):
        host = Host()
        self.assertEqual(host.status(0x00, 0xA4, 4, 0, bytes.fromhex("A000000527471117")), 0x6A82)
        self.assertEqual(host.status(0x00, 0xA4, 4, 0, OPENPGP), 0x9000)


if __name__ == "__main__":
    unittest.main()
