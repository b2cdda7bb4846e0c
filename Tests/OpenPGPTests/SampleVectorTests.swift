import OpenPGP
import Testing

/// The sample key and signature of RFC 9580, appendices A.1 and A.2 (they were in the drafts of RFC 4880bis before).
@Suite struct SampleVectorTests {
  static let key = """
    -----BEGIN PGP PUBLIC KEY BLOCK-----

    xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJku
    Q+47JAY=
    -----END PGP PUBLIC KEY BLOCK-----

    """
  static let signature = """
    -----BEGIN PGP SIGNATURE-----

    iF4EABYIAAYFAlX5X5UACgkQjP3hIZeWWpr2IgD/VvkMypjiECY3vZg/2xbBMd/S
    ftgr9N3lYG4NdWrtM2YBANCcT6EVJ/A44PV/IgHYLy6iyQMyZfps60iehUuuYbQE
    -----END PGP SIGNATURE-----

    """

  @Test func `the sample key and signature are read and verified`() throws {
    let certificate = try Certificate.read(Array(Self.key.utf8))
    #expect(certificate.primary.hex == "C959BDBAFA32A2F89A153B678CFDE12197965A9A")
    #expect(certificate.keys[0].created == 1_408_458_507)
    // The sample has no self-signature, so it could not sign for anybody.
    #expect(
      certificate.standing(of: certificate.primary, signedAt: testNow, judgedAt: .then)
        == .notBound("the certificate has no valid self-signature"))
    var engine = NativeEngine(keyring: Keyring([certificate]))
    let packet = try admit(Array(Self.signature.utf8))
    #expect(packet.created == 1_442_406_293)
    #expect(
      engine.judge(packet, over: Array("OpenPGP".utf8))
        == .good(key: certificate.primary, primary: certificate.primary, time: 1_442_406_293))
    #expect(engine.judge(packet, over: Array("OpenPGp".utf8)) == .bad)
  }
}
