internal import Cgpgme

/// GnuPG by way of GPGME's own verify, in a throw-away home: one gpg process for each question, several milliseconds
/// each. The fallback where the long-lived process cannot run, and a third opinion in tests.
///
/// Not for several threads: a GPGME context is not. The home disappears with this object.
@safe package final class GPGMEEngine: SignatureEngine {
  package var name: String { "gpgme" }
  /// Whose signatures it can judge.
  package let keyring: Keyring

  private let folder: TemporaryFolder
  private let context: gpgme_ctx_t

  /// GPGME must be asked for its version before anything else; that prepares it (and ignores SIGPIPE from then on).
  private static let isPrepared: Bool = unsafe gpgme_check_version(nil) != nil

  /// Makes the home, inside `scratchFolder` or else in TMPDIR or /tmp, and a context. Throws a message when GPGME, gpg
  /// or the folder cannot be had.
  package init(keyring: Keyring, scratchFolder: String? = nil) throws(EngineUnavailable) {
    self.keyring = keyring
    guard Self.isPrepared else { throw EngineUnavailable(message: "GPGME does not start") }
    do throws(GnuPGTrouble) {
      folder = try TemporaryFolder(in: scratchFolder)
      // Not armored: GnuPG takes an armored keyring for an empty one. gpg cannot be given options through GPGME, so
      // they stand in the home's own configuration.
      try folder.write("keyring.gpg", keyring.gnupgKeyring)
      try folder.write("gpg.conf", Array(Self.configuration(folder.path).utf8))
    } catch {
      throw EngineUnavailable(message: error.text)
    }
    var context: gpgme_ctx_t?
    var status = unsafe gpgme_new(&context)
    guard status == 0, let made = unsafe context else { throw EngineUnavailable(message: "gpgme_new: error \(status)") }
    unsafe self.context = made
    status = unsafe gpgme_ctx_set_engine_info(made, GPGME_PROTOCOL_OpenPGP, nil, folder.path)
    guard status == 0 else { throw EngineUnavailable(message: "gpgme_ctx_set_engine_info: error \(status)") }
    unsafe gpgme_set_offline(made, 1)
  }

  deinit { unsafe gpgme_release(context) }

  private static func configuration(_ home: String) -> String {
    """
    no-default-keyring
    primary-keyring \(home)/keyring.gpg
    trust-model always
    no-autostart
    no-auto-key-retrieve
    no-auto-key-locate
    disable-dirmngr
    lock-never
    no-random-seed-file

    """
  }

  package func judge(_ question: Question) -> Answer {
    // GPGME takes one piece; this engine is not meant for speed.
    let payload = unsafe Array(question.head) + Array(question.tail)
    return unsafe payload.withUnsafeBytes { payload in
      unsafe question.signature.packet.withUnsafeBytes { packet in
        unsafe verify(question.signature, packet, payload)
      }
    }
  }

  @unsafe private func verify(
    _ signature: SignaturePacket, _ packet: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer
  ) -> Answer {
    var packetData: gpgme_data_t?
    var payloadData: gpgme_data_t?
    defer {
      unsafe gpgme_data_release(packetData)
      unsafe gpgme_data_release(payloadData)
    }
    // Zero: borrow the memory, do not copy it. It outlives both objects.
    guard unsafe gpgme_data_new_from_mem(&packetData, packet.baseAddress, packet.count, 0) == 0,
      unsafe gpgme_data_new_from_mem(&payloadData, payload.baseAddress, payload.count, 0) == 0
    else { return .failed("GPGME has no memory") }
    let status = unsafe gpgme_op_verify(context, packetData, payloadData, nil)
    guard status == 0 else { return .failed("gpgme_op_verify: error \(status & 0xFFFF)") }
    // Success may mean that there was no signature at all, or a bad one beside a good one: look at each, and count.
    guard let result = unsafe gpgme_op_verify_result(context), let first = unsafe result.pointee.signatures,
      unsafe first.pointee.next == nil
    else { return .failed("GPGME did not see one signature") }
    return unsafe answer(signature, first.pointee)
  }

  @unsafe private func answer(_ signature: SignaturePacket, _ seen: _gpgme_signature) -> Answer {
    let code = unsafe gpg_err_code_t(rawValue: seen.status & 0xFFFF)
    switch code {
    case GPG_ERR_NO_ERROR, GPG_ERR_KEY_EXPIRED, GPG_ERR_CERT_REVOKED: break
    case GPG_ERR_BAD_SIGNATURE: return .bad
    case GPG_ERR_NO_PUBKEY: return .unknownKey
    default: return .unsupported("GnuPG reports error \(code.rawValue)")
    }
    guard unsafe seen.wrong_key_usage == 0, let text = unsafe seen.fpr,
      let key = unsafe Fingerprint(hex: String(cString: text)), unsafe Int64(seen.timestamp) == signature.created,
      unsafe seen.exp_timestamp == 0, signature.issuerFingerprint == nil || signature.issuerFingerprint == key
    else { return .failed("GnuPG answered about another signature") }
    // GPGME names the key that signed, not its primary key.
    let primaries = Set(keyring.places(of: key).map { keyring.certificates[$0.certificate].primary })
    guard let primary = primaries.first, primaries.count == 1 else {
      return .failed("the key is in several certificates")
    }
    switch code {
    case GPG_ERR_KEY_EXPIRED: return .expired(key: key, primary: primary, time: signature.created)
    case GPG_ERR_CERT_REVOKED: return .revoked(key: key, primary: primary, time: signature.created)
    default: return .good(key: key, primary: primary, time: signature.created)
    }
  }
}

/// That an engine cannot be had, and why.
package struct EngineUnavailable: Error, Sendable {
  /// One sentence without a full stop, made of our own words only.
  package let message: String
}
