package import GitBridge
package import OpenPGP

/// The plain rule: one good signature by any key of a keyring. A person is a primary fingerprint.
///
/// Not StageX's rule; it makes the audit usable, and comparable, on other projects' histories.
package enum PlainRule {
  private static let mostFiles = 65_536

  /// All certificates of a folder's regular files, and what could not be read.
  package static func certificates(in folder: String) throws -> (list: [Certificate], warnings: [String]) {
    guard let names = try FolderFiles(folder: folder).names(in: ".", atMost: mostFiles) else {
      throw FileDefect("there is no folder \(folder)")
    }
    var list: [Certificate] = []
    var warnings: [String] = []
    for name in names.map({ String(decoding: $0, as: UTF8.self) }) where !name.hasPrefix(".") {
      do {
        guard let bytes = try readWholeFile(folder + "/" + name) else { continue }
        list.append(try Certificate.read(bytes))
      } catch let error as CertificateDefect {
        warnings.append("\(name): \(error.message)")
      } catch let error as FileDefect {
        warnings.append(error.message)
      } catch {
        warnings.append("\(name): \(error)")
      }
    }
    return (list, warnings)
  }

  /// As docs/verdict.md describes it.
  package static func summary(_ commits: [ForeignCommit]) -> JSONValue {
    .object([
      "schema": .string("stagex-maint/plain-summary/1"), "commits": .integer(Int64(commits.count)),
      "states": ForeignCommit.counts(commits),
    ])
  }
}

extension Reviewer {
  /// Who signed each commit of a history, and whether the key was good when it signed.
  ///
  /// - Parameter start: Trusted together with its ancestors; nil for the whole history.
  package func plainAudit(
    tip: ObjectID, start: ObjectID?, keyring: Keyring
  ) throws(ReviewProblem) -> [ForeignCommit] {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    let checker = SignatureChecker(keyring: keyring, choice: settings.engines, reference: settings.reference)
    let table = try CommitCollector(
      repository: repository, checker: checker, settings: settings, workers: workers
    ).collect(from: [tip], hiding: start.map { [$0] } ?? [], exact: true)
    let graph = ChangeGraph(table.records.map { ($0.id, $0.parents) })
    return graph.order.map { state(of: table.records[$0], keyring) }
  }

  private func state(of record: CommitRecord, _ keyring: Keyring) -> ForeignCommit {
    switch record.signer {
    case .nobody(let state, let detail):
      if state == ForeignCommit.unsigned, let claim = repository.uncountedSignature(of: record.id) {
        return ForeignCommit(
          rule: "plain", commit: record.id, state: ForeignCommit.uncounted,
          detail: "\(claim.notCounted); the key is \(claim.key)")
      }
      return ForeignCommit(rule: "plain", commit: record.id, state: state, detail: detail)
    case .key(let subkey, let primary, let time):
      guard let standing = keyring.standing(of: subkey, in: primary, signedAt: time, judgedAt: settings.reference)
      else {
        return ForeignCommit(rule: "plain", commit: record.id, state: ForeignCommit.unknownKey)
      }
      return ForeignCommit(
        rule: "plain", commit: record.id, state: standing.code ?? ForeignCommit.good, key: primary, subkey: subkey,
        time: time)
    }
  }
}
