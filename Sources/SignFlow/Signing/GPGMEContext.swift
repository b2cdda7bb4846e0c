internal import Cgpgme
internal import Review

/// Where GnuPG keeps keys, agent and cards.
package struct GnuPGHome: Sendable {
  /// GNUPGHOME; nil for the one of this process's environment.
  package let folder: String?
  /// gpg-agent's socket; nil for the one that belongs to the environment.
  package let agentSocket: String?

  /// The person's own home and agent.
  package static let ofThisProcess = GnuPGHome(folder: nil, agentSocket: nil)

  package init(folder: String?, agentSocket: String?) {
    self.folder = folder
    self.agentSocket = agentSocket
  }
}

/// One of GPGME's errors: what went wrong, and which program says so.
struct GPGMEFailure: Error {
  let code: gpg_err_code_t
  let source: gpg_err_source_t

  init?(_ error: gpgme_error_t) {
    // libgpg-error: the code in the low 16 bits, the source in bits 24 to 30.
    code = gpg_err_code_t(rawValue: error & 0xFFFF)
    source = gpg_err_source_t(rawValue: error >> 24 & 0x7F)
    if code == GPG_ERR_NO_ERROR { return nil }
  }

  static func check(_ error: gpgme_error_t) throws(GPGMEFailure) {
    if let failure = GPGMEFailure(error) { throw failure }
  }

  /// libgpg-error's words for it. They depend on the locale: shown, never compared.
  var text: String {
    var buffer = [CChar](repeating: 0, count: 256)
    let error = source.rawValue << 24 | code.rawValue
    _ = unsafe gpgme_strerror_r(error, &buffer, buffer.count)
    return printable(buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
  }

  func signingError(_ operation: String) -> SigningError {
    .gnupg(operation: operation, code: code.rawValue, text: text)
  }
}

/// One GPGME context, for one thread.
@safe final class GPGMEContext {
  let handle: gpgme_ctx_t

  /// GPGME must be asked for its version before anything else; that prepares it (and ignores SIGPIPE from then on).
  private static let isPrepared: Bool = unsafe gpgme_check_version(nil) != nil

  private init(taking handle: gpgme_ctx_t) { unsafe self.handle = handle }

  deinit { unsafe gpgme_release(handle) }

  /// A context that signs and lists keys with the user's own gpg.
  static func openPGP(_ home: GnuPGHome) throws(SigningError) -> GPGMEContext {
    let context = try make()
    if let folder = home.folder {
      try context.check(
        "use \(printable(folder))",
        unsafe gpgme_ctx_set_engine_info(context.handle, GPGME_PROTOCOL_OpenPGP, nil, folder))
    }
    // A signature needs no network.
    unsafe gpgme_set_offline(context.handle, 1)
    unsafe gpgme_set_armor(context.handle, 1)
    // Without this GPGME keeps the lines about pinentry to itself.
    try context.check("report", unsafe gpgme_set_ctx_flag(context.handle, "full-status", "1"))
    return context
  }

  /// Where gpg-agent listens.
  static func agentSocket(_ home: GnuPGHome) throws(SigningError) -> String {
    guard isPrepared else { throw .gnupg(operation: "start", code: 0, text: "GPGME does not start") }
    let standard = unsafe gpgme_get_dirinfo("agent-socket").map { unsafe String(cString: $0) }
    guard let socket = home.agentSocket ?? standard else {
      throw .gnupg(operation: "find gpg-agent", code: 0, text: "no socket")
    }
    return socket
  }

  private static func make() throws(SigningError) -> GPGMEContext {
    guard isPrepared else { throw .gnupg(operation: "start", code: 0, text: "GPGME does not start") }
    var made: gpgme_ctx_t?
    let error = unsafe gpgme_new(&made)
    if let failure = GPGMEFailure(error) { throw failure.signingError("start") }
    guard let made = unsafe made else { throw .gnupg(operation: "start", code: 0, text: "GPGME does not start") }
    return unsafe GPGMEContext(taking: made)
  }

  private func check(_ operation: String, _ error: gpgme_error_t) throws(SigningError) {
    if let failure = GPGMEFailure(error) { throw failure.signingError(operation) }
  }
}
