internal import Cgpgme
internal import Glibc

/// A conversation with gpg-agent. For one thread.
final class AgentConnection {
  private let context: GPGMEContext

  enum Answer {
    case success(lines: [(keyword: String, arguments: String)], data: [UInt8])
    case failure(GPGMEFailure)

    var lines: [(keyword: String, arguments: String)] { if case .success(let lines, _) = self { lines } else { [] } }
    var data: [UInt8] { if case .success(_, let data) = self { data } else { [] } }
  }

  init(_ home: GnuPGHome) throws(SigningError) { context = try GPGMEContext.agent(home) }

  /// What one command's answer has brought so far. A class: GPGME's callbacks get a pointer to it.
  private final class Received {
    var lines: [(keyword: String, arguments: String)] = []
    var data: [UInt8] = []
    let watch: SigningWatch?

    init(_ watch: SigningWatch?) { self.watch = watch }
  }

  /// - Parameter watch: For a command at which a person has to do something: looked at while the answer takes its time.
  func ask(_ command: String, watch: SigningWatch? = nil) -> Answer {
    let received = Received(watch)
    let opaque = unsafe Unmanaged.passUnretained(received).toOpaque()
    return withExtendedLifetime(received) {
      var error: gpgme_error_t
      if let watch {
        error = GPGMELoop.alone {
          unsafe gpgme_op_assuan_transact_start(context.handle, command, Self.onData, opaque, Self.onInquiry, opaque, Self.onStatus, opaque)
        }
        if error == 0 { error = unsafe watch.wait(context.handle) }
      } else {
        var answer: gpgme_error_t = 0
        error = unsafe gpgme_op_assuan_transact_ext(
          context.handle, command, Self.onData, opaque, Self.onInquiry, opaque, Self.onStatus, opaque, &answer)
        if error == 0 { error = answer }
      }
      if let failure = GPGMEFailure(error) { return .failure(failure) }
      return .success(lines: received.lines, data: received.data)
    }
  }

  private static let onData: gpgme_assuan_data_cb_t = { opaque, data, count in
    guard let opaque = unsafe opaque, let data = unsafe data else { return 0 }
    let received = unsafe Unmanaged<Received>.fromOpaque(opaque).takeUnretainedValue()
    unsafe received.data += UnsafeRawBufferPointer(start: data, count: count)
    return 0
  }

  private static let onInquiry: gpgme_assuan_inquire_cb_t = { opaque, keyword, arguments, _ in
    guard let opaque = unsafe opaque, let keyword = unsafe keyword, let arguments = unsafe arguments else { return 0 }
    let received = unsafe Unmanaged<Received>.fromOpaque(opaque).takeUnretainedValue()
    if unsafe strcmp(keyword, "PINENTRY_LAUNCHED") == 0 { received.watch?.prompt = unsafe pid_t(atoi(arguments)) }
    return 0
  }

  private static let onStatus: gpgme_assuan_status_cb_t = { opaque, keyword, arguments in
    guard let opaque = unsafe opaque, let keyword = unsafe keyword else { return 0 }
    let received = unsafe Unmanaged<Received>.fromOpaque(opaque).takeUnretainedValue()
    received.lines.append((unsafe String(cString: keyword), unsafe arguments.map { unsafe String(cString: $0) } ?? ""))
    return 0
  }
}
