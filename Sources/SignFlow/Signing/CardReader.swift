internal import Cgpgme
internal import Review

/// Asks gpg-agent for the card in the reader.
struct CardReader {
  let home: GnuPGHome

  /// The card's state; nil when there is no card, or no reader.
  ///
  /// - Parameter wanted: Where several cards are in, the one to look at.
  /// - Throws: What GnuPG says when it is anything else than "no card".
  func status(wanted: CardNumber? = nil) throws(SigningError) -> CardStatus? {
    var agent = try AgentConnection(home)
    if case .failure(let failure) = agent.ask("GETINFO version"), failure.code == GPG_ERR_ASS_CONNECT_FAILED {
      // GPGME does not start the agent for this; gpg does, for any question about secret keys.
      _ = try SecretKey.all(in: home)
      agent = try AgentConnection(home)
    }
    guard let number = try serial(agent, wanted) else { return nil }
    var status = CardStatus(number: number)
    for attribute in ["KEY-FPR", "CHV-STATUS", "SIG-COUNTER"] {
      let answer = agent.ask("SCD GETATTR \(attribute)")
      if case .failure(let failure) = answer {
        if failure.meansNoCard { return nil }
        throw failure.signingError("read the card (\(attribute))")
      }
      for (keyword, arguments) in answer.lines { status.read(keyword, arguments) }
    }
    // GnuPG 2.2 has no attribute for the touch policy: GET DATA 00D6, UIF of the signing key. Answer: policy, 20, 90 00.
    let data = agent.ask("SCD APDU 00 CA 00 D6 00").data
    if data.count >= 4, data.suffix(2).elementsEqual([0x90, 0x00]) { status.touch = TouchPolicy(rawValue: data[0]) }
    return status
  }

  private func serial(_ agent: AgentConnection, _ wanted: CardNumber?) throws(SigningError) -> CardNumber? {
    // After a card was taken out scdaemon answers once with its memory of it; the second answer is about now.
    for attempt in 0..<3 {
      let answer = agent.ask("SCD SERIALNO openpgp")
      if case .failure(let failure) = answer {
        if attempt < 2 { continue }
        if failure.code == GPG_ERR_NO_SCDAEMON { throw .noScdaemon }
        if failure.meansNoCard { return nil }
        throw failure.signingError("read the card")
      }
      let found = answer.lines.first { $0.keyword == "SERIALNO" }
        .flatMap { $0.arguments.split(separator: " ").first }.flatMap { CardNumber(applicationID: String($0)) }
      guard let found else { throw .gnupg(operation: "read the card", code: 0, text: "it is no OpenPGP card") }
      guard let wanted, found != wanted else { return found }
      if case .success(let lines, _) = agent.ask("SCD SERIALNO --demand=\(wanted.applicationID)"),
        lines.contains(where: { $0.arguments.split(separator: " ").first.map(String.init) == wanted.applicationID })
      {
        return wanted
      }
      // A demand that fails leaves scdaemon without a card: back to the one that is there.
      _ = agent.ask("SCD SERIALNO openpgp")
      return found
    }
    return nil
  }
}

extension GPGMEFailure {
  /// GnuPG has many words for an empty reader.
  var meansNoCard: Bool {
    [
      GPG_ERR_CARD_NOT_PRESENT, GPG_ERR_CARD_REMOVED, GPG_ERR_ENODEV, GPG_ERR_CARD, GPG_ERR_CARD_RESET,
      GPG_ERR_CARD_NOT_INITIALIZED, GPG_ERR_NOT_FOUND,
    ].contains(code)
  }
}

/// A conversation with gpg-agent.
private final class AgentConnection {
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
  }

  func ask(_ command: String) -> Answer {
    let received = Received()
    let opaque = unsafe Unmanaged.passUnretained(received).toOpaque()
    var operation: gpgme_error_t = 0
    let error = withExtendedLifetime(received) {
      unsafe gpgme_op_assuan_transact_ext(
        context.handle, command,
        { opaque, data, count in
          guard let opaque = unsafe opaque, let data = unsafe data else { return 0 }
          let received = unsafe Unmanaged<Received>.fromOpaque(opaque).takeUnretainedValue()
          unsafe received.data += UnsafeRawBufferPointer(start: data, count: count)
          return 0
        }, opaque,
        nil, nil,
        { opaque, keyword, arguments in
          guard let opaque = unsafe opaque, let keyword = unsafe keyword else { return 0 }
          let received = unsafe Unmanaged<Received>.fromOpaque(opaque).takeUnretainedValue()
          received.lines.append(
            (unsafe String(cString: keyword), unsafe arguments.map { unsafe String(cString: $0) } ?? ""))
          return 0
        }, opaque, &operation)
    }
    if let failure = GPGMEFailure(error) ?? GPGMEFailure(operation) { return .failure(failure) }
    return .success(lines: received.lines, data: received.data)
  }
}
