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
    // GnuPG 2.2 has no attribute for the touch policy: GET DATA 00D6, UIF of the signing key. Answer: policy, 20, 90
    // 00.
    let data = agent.ask("SCD APDU 00 CA 00 D6 00").data
    if data.count >= 4, data.suffix(2).elementsEqual([0x90, 0x00]) { status.touch = TouchPolicy(rawValue: data[0]) }
    return status
  }

  /// Whether this card is in the reader, without a look at what it holds: the card itself is not asked.
  ///
  /// - Parameter agent: A conversation that is kept between questions.
  static func isStillThere(_ number: CardNumber, _ agent: AgentConnection) -> Bool {
    agent.ask("SCD SERIALNO openpgp").lines.first { $0.keyword == "SERIALNO" }
      .flatMap { $0.arguments.split(separator: " ").first }.flatMap { CardNumber(applicationID: String($0)) } == number
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
