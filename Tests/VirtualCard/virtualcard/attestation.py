"""Attestation as a YubiKey gives it: a certificate that says "this key was made in this device".

The chain ends in a root that the tests make themselves; nobody but a test may trust it.
Extensions and names: docs.yubico.com/hardware/oid/oid-pgp-arc.html, developers.yubico.com/PGP/Attestation.html.
"""

import datetime
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from . import tlv
from .state import GENERATED, SIGNATURE, Slot, State

ARC = "1.3.6.1.4.1.41482.5."
SLOT_NAMES = ("SIG", "DEC", "AUT")
USB_A_KEYCHAIN = 1  # form factor
SHORT_CHAIN_UNTIL = (5, 7, 3)  # from 5.7.4 on two intermediates stand between root and device


class Authority:
    """The test's own root with, for newer firmware, two intermediates; kept in one PEM file that cards can share."""

    def __init__(self, key, certificates: list[x509.Certificate]):
        self.key, self.certificates = key, certificates  # key of the last certificate; root first

    @staticmethod
    def at(path: str, firmware: tuple[int, int, int]) -> "Authority":
        """The authority in `path`, made if it is not there. Two processes may race: the first one's file stays."""
        if not os.path.exists(path):
            own = f"{path}.{os.getpid()}"
            with open(own, "wb") as f:
                f.write(Authority.new(firmware)._pem())
            try:
                os.link(own, path)
            except FileExistsError:
                pass
            os.unlink(own)
        with open(path, "rb") as f:
            pem = f.read()
        marker = b"-----BEGIN CERTIFICATE-----"
        certificates = [x509.load_pem_x509_certificate(marker + c) for c in pem.split(marker)[1:]]
        return Authority(serialization.load_pem_private_key(pem, None), certificates)

    @staticmethod
    def new(firmware: tuple[int, int, int]) -> "Authority":
        names = ["TEST OpenPGP Attestation Root (not Yubico)"]
        if firmware > SHORT_CHAIN_UNTIL:
            names += ["TEST Attestation Intermediate (not Yubico)", "TEST OPGP Attestation (not Yubico)"]
        authority = Authority(None, [])
        for depth, name in enumerate(names):
            key = rsa.generate_private_key(65537, 2048)
            certificate = authority.certify(name, key.public_key(), path_length=len(names) - depth, own_key=key)
            authority = Authority(key, authority.certificates + [certificate])
        return authority

    def certify(self, name: str, public_key, path_length: int, own_key=None) -> x509.Certificate:
        constraint = (x509.BasicConstraints(True, path_length), True)
        issuer = self.certificates[-1].subject if self.certificates else None
        return _certificate(name, public_key, issuer, [constraint], self.key or own_key)

    def _pem(self) -> bytes:
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + b"".join(c.public_bytes(serialization.Encoding.PEM) for c in self.certificates)


def equip(state: State, authority: Authority) -> None:
    """Puts the device's own attestation key and certificate into a card, as the factory does."""
    state.attestation_key = rsa.generate_private_key(65537, 2048)
    certificate = authority.certify("YubiKey OPGP Attestation", state.attestation_key.public_key(), path_length=0)
    state.attestation_certificate = certificate.public_bytes(serialization.Encoding.DER)


def statement(state: State, which: int, serial: int, firmware: tuple[int, int, int]) -> bytes:
    """The certificate over the key in one slot, DER."""
    slot = state.slots[which]
    extensions = [
        (x509.UnrecognizedExtension(x509.ObjectIdentifier(ARC + str(arc)), value), False)
        for arc, value in _facts(state, which, slot, serial, firmware)
    ]
    issuer = x509.load_der_x509_certificate(state.attestation_certificate).subject
    name = f"YubiKey OPGP Attestation {SLOT_NAMES[which]}"
    certificate = _certificate(name, slot.key.public_key(), issuer, extensions, state.attestation_key)
    return certificate.public_bytes(serialization.Encoding.DER)


def _facts(state: State, which: int, slot: Slot, serial: int, firmware: tuple[int, int, int]):
    yield 1, tlv.encode(0x0C, state.objects[0x5B])  # cardholder's name, UTF8String
    yield 2, _integer(1 if slot.origin == GENERATED else 0)
    yield 3, tlv.encode(0x04, bytes(firmware))
    yield 4, tlv.encode(0x04, slot.fingerprint)
    yield 5, tlv.encode(0x04, slot.created)
    if which == SIGNATURE:
        yield 6, _integer(state.signatures)
    yield 7, _integer(serial)
    yield 8, tlv.encode(0x04, bytes([slot.touch]))
    yield 9, tlv.encode(0x04, bytes([USB_A_KEYCHAIN]))


def _integer(n: int) -> bytes:
    return tlv.encode(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def _certificate(name: str, public_key, issuer, extensions, signer) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2019, 5, 2))
        .not_valid_after(datetime.datetime(2046, 4, 17))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())
