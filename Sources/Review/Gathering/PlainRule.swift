package import GitBridge
internal import Glibc
package import OpenPGP

/// The plain rule: one good signature by any key of a keyring. A person is a primary fingerprint.
///
/// Not StageX's rule; it makes the audit usable, and comparable, on other projects' histories.
package enum PlainRule {
  /// All certificates of a folder's regular files, and what could not be read.
  package static func certificates(in folder: String) throws(FileDefect) -> (list: [Certificate], warnings: [String]) {
    guard let handle = unsafe opendir(folder) else { throw FileDefect("\(folder) cannot be opened: \(errorText(errno))") }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    var list: [Certificate] = []
    var warnings: [String] = []
    for name in names.sorted() {
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

  package static func summary(_ commits: [PlainCommit]) -> JSONValue {
    var counts: [String: Int] = [:]
    for commit in commits { counts[commit.state, default: 0] += 1 }
    return .object([
      "schema": .string("stagex-maint/plain-summary/1"), "commits": .integer(Int64(commits.count)),
      "states": .object(counts.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .integer(Int64($0.value))) }),
    ])
  }
}

/// One commit under the plain rule.
package struct PlainCommit: Sendable {
  package let commit: ObjectID
  /// `good`, `unsigned`, `unknown-key`, or a refusal code.
  package let state: String
  package let key: Fingerprint?
  package let subkey: Fingerprint?
  package let time: Int64?
  package let detail: String

  package var isGood: Bool { state == "good" }

  package var line: String {
    var parts = [commit.hex, state]
    if let subkey, let key { parts += [subkey.hex, key.hex] }
    if let time { parts.append(timestamp(time)) }
    if !detail.isEmpty { parts.append(detail) }
    return parts.joined(separator: "  ")
  }

  package var json: JSONValue {
    .object([
      "schema": .string("stagex-maint/plain/1"), "commit": .string(commit.hex), "state": .string(state),
      "key": key.map { .string($0.hex) } ?? .null, "subkey": subkey.map { .string($0.hex) } ?? .null,
      "time": time.map(JSONValue.integer) ?? .null, "detail": .string(detail),
    ])
  }
}

extension Reviewer {
  /// Who signed each commit of a history, and whether the key was good when it signed.
  ///
  /// - Parameter start: Trusted together with its ancestors; nil for the whole history.
  package func plainAudit(
    tip: ObjectID, start: ObjectID?, keyring: Keyring
  ) throws(ReviewProblem) -> [PlainCommit] {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    let checker = SignatureChecker(keyring: keyring, choice: settings.engines, reference: settings.reference)
    let table = try CommitCollector(
      repository: repository, checker: checker, settings: settings, workers: workers
    ).collect(from: [tip], hiding: start.map { [$0] } ?? [], exact: true)
    let graph = ChangeGraph(table.records.map { ($0.id, $0.parents) })
    return graph.order.map { state(of: table.records[$0], keyring) }
  }

  private func state(of record: CommitRecord, _ keyring: Keyring) -> PlainCommit {
    func commit(
      _ state: String, _ detail: String = "", key: Fingerprint? = nil, subkey: Fingerprint? = nil, time: Int64? = nil
    ) -> PlainCommit {
      PlainCommit(commit: record.id, state: state, key: key, subkey: subkey, time: time, detail: detail)
    }
    if let defect = record.defect { return commit(RefusalCode.malformedCommit.rawValue, defect.rawValue) }
    switch record.signature {
    case .unsigned: return commit("unsigned")
    case .unreadable(let defect): return commit(defect.code, defect.message)
    case .disagreed(_, let text): return commit(RefusalCode.enginesDisagree.rawValue, text)
    case .checked(let hint, let answer):
      switch answer {
      case .good(let subkey, let primary, let time), .expired(let subkey, let primary, let time),
        .revoked(let subkey, let primary, let time):
        guard let certificate = keyring.certificates.first(where: { $0.primary == primary }) else { return commit("unknown-key") }
        let standing = certificate.standing(of: subkey, signedAt: time, judgedAt: settings.moment == .now ? .now(settings.clock) : .then)
        return commit(standing.code ?? "good", key: primary, subkey: subkey, time: time)
      case .bad: return commit(RefusalCode.badSignature.rawValue)
      case .unknownKey: return commit("unknown-key", hint.fingerprint?.hex ?? hint.keyID?.hex ?? "")
      case .unsupported(let text): return commit(RefusalCode.unknownKeyFormat.rawValue, text)
      case .failed(let text): return commit(RefusalCode.engineFailed.rawValue, text)
      }
    }
  }
}
