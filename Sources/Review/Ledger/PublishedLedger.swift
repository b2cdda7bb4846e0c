package import GitBridge
package import OpenPGP

/// A ledger that its keeper has published as a ref: docs/ledger.md, "A ledger as a ref".
///
/// What it says is the keeper's word; that it is the keeper's, and that no entry was taken back since, is checked here.
package struct PublishedLedger: Sendable {
  /// Where they lie: `refs/ledger/NAME`.
  package static let prefix = "refs/ledger/"
  /// The name in the tree of the keeper's certificate, beside the ledger's files.
  package static let keeperFile = "keeper.asc"
  /// How many publications are looked at behind the newest.
  private static let most = 100_000

  /// The ledger that the newest publication holds.
  package let copy: LedgerCopy
  /// The newest publication: what the ref points to.
  package let commit: ObjectID
  /// The primary key that signed every publication.
  package let keeper: Fingerprint
  /// How many commits were read, the newest included; those behind the first 100,000 are not.
  package let publications: Int
  /// When the newest one says that it was signed, in seconds since 1970.
  package let time: Int64

  /// What a publication's message says of its ledger.
  package struct Summary: Sendable, Equatable {
    /// The 32 digits of the ledger's header.
    package let id: String
    /// How many moves had been entered by then.
    package let count: Int
    /// What the chain ended with then, in 64 digits.
    package let chain: String

    /// What a publication of this copy has to say.
    package init(_ copy: LedgerCopy) {
      (id, count, chain) = (copy.id, copy.count, String(decoding: copy.chain.hex, as: UTF8.self))
    }

    /// Nil for a message that says no such thing.
    package init?(message: some Sequence<UInt8>) {
      var found: [String: String] = [:]
      for line in String(decoding: Array(message), as: UTF8.self).split(separator: "\n") {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, ["Id:", "Entries:", "Chain:"].contains(parts[0]) else { continue }
        guard found.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else { return nil }
      }
      guard let id = found["Id:"], LedgerHeader.isID(id.utf8), let entries = found["Entries:"],
        let count = LedgerHeader.number(entries.utf8), count >= 0, let chain = found["Chain:"],
        LedgerChain(Array(chain.utf8)[...]) != nil
      else { return nil }
      (self.id, self.count, self.chain) = (id, count, chain)
    }

    /// The last three lines of the message, as ``init(message:)`` reads them.
    package var lines: String { "Id: \(id)\nEntries: \(count)\nChain: \(chain)\n" }

    /// Whether a later copy still holds what this says. What was given up meanwhile cannot be told.
    package func isKept(by copy: LedgerCopy) -> Bool {
      guard id == copy.id, count <= copy.count else { return false }
      guard count > copy.givenUp else { return true }
      return copy.chains[count].map { String(decoding: $0.hex, as: UTF8.self) == chain } ?? false
    }
  }

  /// - Parameters:
  ///   - tip: What the ref points to.
  ///   - name: As people are told it.
  /// - Throws: ``LedgerError`` for whatever makes it no ledger, nobody's, or another than it was.
  package init(tip: ObjectID, name: String, in repository: Repository, _ settings: ReviewSettings) throws(LedgerError) {
    func read<Value>(_ body: () throws(GitError) -> Value) throws(LedgerError) -> Value {
      do throws(GitError) { return try body() } catch {
        throw LedgerError(
          "\(printable(name)) cannot be read: \(printable(error.message, limit: 300))", next: "git fsck")
      }
    }
    func broken(_ words: String) -> LedgerError {
      LedgerError("\(printable(name)) is no ledger that somebody keeps: \(words)", next: "ask its keeper")
    }
    let entries = try read { () throws(GitError) in try repository.tree(try repository.treeOfCommit(tip)) }
    var files: [[UInt8]] = []
    var certificates: [Certificate] = []
    // In the order of their numbers, the one that grows last: as trees are sorted it comes first.
    for entry in entries.sorted(by: { Self.order($0.name) < Self.order($1.name) }) {
      guard entry.mode == 0o100644 else { throw broken("\(printable(entry.name)) is no plain file") }
      // Attack: a file of gigabytes, which a pack holds in a few thousand bytes.
      let size = try read { () throws(GitError) in try repository.size(of: entry.id) } ?? 0
      guard size <= 2 * LedgerFiles.fullAt + (1 << 20), files.count <= LedgerFiles.keptFiles else {
        throw broken("\(printable(entry.name)) is too large, or there are too many files")
      }
      let bytes = try read { () throws(GitError) in try repository.read(entry.id, as: .blob) }
      if entry.name == Array(Self.keeperFile.utf8) {
        certificates = CertificateFile.certificates(in: bytes)
      } else if entry.name.starts(with: LedgerFiles.current.utf8) {
        files.append(bytes)
      } else {
        throw broken("it holds \(printable(entry.name))")
      }
    }
    guard certificates.count == 1, let keeper = certificates.first?.primary else {
      throw broken("it does not hold the certificate of one keeper, \(Self.keeperFile)")
    }
    copy = try LedgerCopy(name: name, files: files)
    var settings = settings
    settings.engines = .native
    // A keeper whose key has expired since kept it all the same.
    settings.moment = .then
    let signed: [ForeignCommit]
    do throws(ReviewProblem) {
      signed = try Reviewer(repository, settings).plainAudit(tip: tip, start: nil, keyring: Keyring(certificates))
    } catch {
      throw broken(printable(error.refusal(ref: name).message, limit: 300))
    }
    // Attack: somebody who can push to the ref writes the keeper's ledger anew, or hangs an older one behind it.
    if let stranger = signed.first(where: { !$0.isGood || $0.key != keeper }) {
      throw broken("\(stranger.commit.short) is not signed by the keeper's key \(keeper) (\(stranger.state))")
    }
    var at: ObjectID? = tip
    var number = 0
    while let id = at, number < Self.most {
      let (commit, bytes) = try read { () throws(GitError) in try repository.readCommit(id) }
      guard commit.parents.count <= 1, let said = Summary(message: bytes[commit.message]) else {
        throw broken("\(id.short) does not say what it publishes")
      }
      guard number > 0 ? said.isKept(by: copy) : said == Summary(copy) else {
        throw broken(
          number == 0
            ? "\(id.short) says another thing than its files"
            : "entry \(said.count), which \(id.short) published, is another one now: it was written anew")
      }
      number += 1
      at = commit.parents.first
    }
    (commit, self.keeper, publications, time) = (tip, keeper, number, signed.first { $0.commit == tip }?.time ?? 0)
  }

  /// Full files by their numbers, then the one that grows.
  private static func order(_ name: [UInt8]) -> String {
    name.elementsEqual(LedgerFiles.current.utf8) ? "~" : String(decoding: name, as: UTF8.self)
  }
}

extension Ledger {
  /// The bytes of its files as they can be published: whole lines only.
  package func publishable() throws(LedgerError) -> [(name: String, bytes: [UInt8])] {
    try files.locked { () throws(LedgerError) in
      var found: [(name: String, bytes: [UInt8])] = []
      for name in files.numbers().map(LedgerFiles.name(ofFile:)) + [LedgerFiles.current] {
        guard let file = files.map(name) else { continue }
        let bytes = unsafe Array(file.bytes)
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        found.append((name, Array(bytes[..<end])))
      }
      guard found.last?.name == LedgerFiles.current else {
        throw LedgerError("there is no ledger at \(printable(folder))", next: "stagex-maint ledger verify")
      }
      // Somebody was stopped while it was put aside: the newest full file is the one that grows, under another name.
      if found.count > 1, found[found.count - 2].bytes == found[found.count - 1].bytes {
        found.remove(at: found.count - 2)
      }
      return found
    }
  }
}
