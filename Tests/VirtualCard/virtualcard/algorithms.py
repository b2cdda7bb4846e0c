"""Key algorithms: attributes (card specification 4.4.3.9), generation, import and the bare signing operation."""

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from . import status, tlv

RSA, ECDH, ECDSA, EDDSA = 1, 18, 19, 22  # OpenPGP's numbers, first byte of the attributes
ED25519 = bytes.fromhex("2B06010401DA470F01")
CURVE25519 = bytes.fromhex("2B060104019755010501")
P256 = bytes.fromhex("2A8648CE3D030107")
P384 = bytes.fromhex("2B81040022")
CURVES = {P256: ec.SECP256R1, P384: ec.SECP384R1}
KNOWN = {ECDH: (CURVE25519, P256, P384), ECDSA: (P256, P384), EDDSA: (ED25519,)}
RSA_SIZES = (2048, 3072, 4096)

# What comes before the digest in a DER DigestInfo (RFC 8017 section 9.2, note 1).
DIGEST_INFO = {
    bytes.fromhex("3021300906052B0E03021A05000414"): hashes.SHA1(),
    bytes.fromhex("3031300D060960864801650304020105000420"): hashes.SHA256(),
    bytes.fromhex("3041300D060960864801650304020205000430"): hashes.SHA384(),
    bytes.fromhex("3051300D060960864801650304020305000440"): hashes.SHA512(),
}


def rsa_attributes(bits: int) -> bytes:
    return bytes([RSA]) + bits.to_bytes(2, "big") + b"\x00\x20\x00"


def normalised(attributes: bytes) -> bytes:
    """Attributes that a host wants to set, in our own spelling; refused when we have no such algorithm."""
    if attributes[:1] == bytes([RSA]) and len(attributes) in (5, 6):
        bits = int.from_bytes(attributes[1:3], "big")
        if bits in RSA_SIZES:
            return rsa_attributes(bits)
    elif attributes:
        curve = attributes[1:].removesuffix(b"\xff")  # FF: "import with public key"
        if curve in KNOWN.get(attributes[0], ()):
            return attributes[:1] + curve
    raise status.StatusError(status.WRONG_DATA)


def generate(attributes: bytes):
    if attributes[0] == RSA:
        return rsa.generate_private_key(65537, int.from_bytes(attributes[1:3], "big"))
    if attributes[0] == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if attributes[1:] == CURVE25519:
        return x25519.X25519PrivateKey.generate()
    return ec.generate_private_key(CURVES[attributes[1:]]())


def imported(attributes: bytes, parts: dict[int, bytes]):
    """A private key from the parts of an extended header list (card specification 4.4.3.12)."""
    try:
        if attributes[0] == RSA:
            return _rsa_from_primes(attributes, *(int.from_bytes(parts[t], "big") for t in (0x91, 0x92, 0x93)))
        if attributes[0] == EDDSA:
            return ed25519.Ed25519PrivateKey.from_private_bytes(parts[0x92])
        if attributes[1:] == CURVE25519:  # big endian on the wire, little endian in RFC 7748
            return x25519.X25519PrivateKey.from_private_bytes(parts[0x92][::-1])
        return ec.derive_private_key(int.from_bytes(parts[0x92], "big"), CURVES[attributes[1:]]())
    except (KeyError, ValueError):
        raise status.StatusError(status.WRONG_DATA) from None


def _rsa_from_primes(attributes: bytes, e: int, p: int, q: int):
    d = pow(e, -1, (p - 1) * (q - 1))
    key = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(e, p * q)
    ).private_key()
    if key.key_size != int.from_bytes(attributes[1:3], "big"):
        raise ValueError("not of the size that the attributes name")
    return key


def public_template(key) -> bytes:
    """The public half as GENERATE ASYMMETRIC KEY PAIR answers it (card specification 7.2.14)."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        n = public.public_numbers()
        return tlv.encode(0x7F49, tlv.encode(0x81, _big_endian(n.n)) + tlv.encode(0x82, _big_endian(n.e)))
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    else:
        point = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return tlv.encode(0x7F49, tlv.encode(0x86, point))


def sign(key, data: bytes) -> bytes:
    """The bare operation: RSA takes a DigestInfo, ECDSA and EdDSA take the digest (card specification 7.2.10)."""
    if isinstance(key, rsa.RSAPrivateKey):
        for prefix, algorithm in DIGEST_INFO.items():
            if data.startswith(prefix) and len(data) == len(prefix) + algorithm.digest_size:
                return key.sign(data[len(prefix) :], padding.PKCS1v15(), Prehashed(algorithm))
        raise status.StatusError(status.WRONG_DATA)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    digest = {32: hashes.SHA256(), 48: hashes.SHA384(), 64: hashes.SHA512()}.get(len(data))
    if digest is None or not isinstance(key, ec.EllipticCurvePrivateKey):
        raise status.StatusError(status.WRONG_DATA)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(Prehashed(digest))))
    width = (key.curve.key_size + 7) // 8
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
