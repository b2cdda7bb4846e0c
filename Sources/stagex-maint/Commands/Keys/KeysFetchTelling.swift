internal import ArgumentParser
internal import OpenPGP
internal import Review
internal import SignFlow

/// What `keys fetch` has found, and what to type next.
struct KeysFetchTelling {
  let console: Console
  let results: [FetchResult]
  let folder: RegistryFolder
  let isDryRun: Bool

  var status: ExitCode {
    let short = results.filter { !$0.isSatisfied }
    if short.isEmpty { return .success }
    return short.allSatisfy(\.finding.mayKnowMoreLater) ? ExitCode(75) : ExitCode(1)
  }

  /// - Parameter source: The registry as it is now, or would be.
  func tell(_ source: RegistrySource) {
    tellResults()
    let files = results.flatMap(\.files)
    let have = results.count { $0.hasCertificate }
    console.out(
      """
      \(have) of \(results.count) \(results.count == 1 ? "key has" : "keys have") a certificate\
      \(isDryRun && !files.isEmpty ? " then" : "")
      """)
    if isDryRun { return console.out("nothing was written (--dry-run)") }
    guard !files.isEmpty else {
      if !results.allSatisfy(\.isSatisfied) { console.out("next: \(missingNext)") }
      return
    }
    let git = folder.git.joined(separator: " ")
    console.out("next:")
    console.out("  \(git) add \(Registry.keysFolder)")
    console.out("  \(git) commit --gpg-sign --message \(shellWord(subject))")
    console.out("  stagex-maint keys audit --registry \(folder.isHere ? "." : shellWord(folder.path, limit: 500))")
  }

  /// What came of each key, and which files were written.
  func tellResults() {
    for result in results { tell(result) }
    for file in results.flatMap(\.files) { console.out("\(isDryRun ? "would write" : "written")  \(file.path)") }
  }

  private var subject: String {
    let gained = results.filter { !$0.files.isEmpty }
    guard gained.count == 1, let one = gained.first else { return "Fetch the certificates of \(gained.count) keys" }
    return "Fetch the certificate of \(one.entry.person)'s key \(one.entry.label)"
  }

  private var missingNext: String {
    let short = results.first { !$0.isSatisfied }
    if short?.finding.mayKnowMoreLater ?? false { return "stagex-maint keys fetch, again" }
    return """
      ask the person for the certificate: gpg --armor --export \(short?.entry.fingerprint.hex ?? "FINGERPRINT") \
      | stagex-maint keys add -
      """
  }

  private func tell(_ result: FetchResult) {
    let name = "\(printable(result.entry.person)) \(printable(result.entry.label))  \(result.entry.fingerprint)"
    switch result.outcome {
    case .gains(let addition):
      console.out("\(name)  \(console.green("fetched"))")
      for change in addition.changes { line("changes", change) }
      for key in addition.certificate.listing(at: Clock.now).signingKeys {
        line(
          "signs",
          "\(key.fingerprint)  \(key.algorithmName), \(key.expires.map { "until \(datestamp($0))" } ?? "never expires")"
        )
      }
      for id in addition.certificate.userIDs.prefix(20) { line("user id", printable(id)) }
      for note in addition.notes { line("note", note) }
    case .nothingNew: console.out("\(name)  nothing new")
    case .refused(let refusal):
      console.out(
        "\(name)  \(console.red("refused")): \(printable(refusal.message, limit: 700)) (\(refusal.code.rawValue))")
    case .notFound:
      let state =
        result.hasCertificate
        ? console.yellow("nobody knows it") + "; the registry's copy stays" : console.red("not found")
      console.out("\(name)  \(state)")
    }
    for answer in result.finding.answers {
      switch answer.result {
      case .found: line("from", answer.place)
      case .absent: line("asked", "\(answer.place): does not know it")
      case .failed(let fault): line("warning", "\(answer.place): \(fault.message)")
      }
    }
    if result.finding.answers.isEmpty { line("asked", "nobody: the entry names no server and no address") }
  }

  private func line(_ word: String, _ text: String) {
    let head = "  " + word + String(repeating: " ", count: max(1, 10 - word.count))
    for (index, line) in wrapped(text, width: 76).enumerated() {
      console.out((index == 0 ? head : String(repeating: " ", count: 12)) + line)
    }
  }

  var json: JSONValue {
    .object([
      "schema": .string("stagex-maint/keys-fetch/1"), "written": .bool(!isDryRun),
      "keys": .array(results.map(json)),
    ])
  }

  private func json(_ result: FetchResult) -> JSONValue {
    let (word, changes, because): (String, [String], String?) =
      switch result.outcome {
      case .gains(let addition): ("fetched", addition.changes + addition.notes, nil)
      case .nothingNew: ("nothing-new", [], nil)
      case .refused(let refusal): (refusal.code.rawValue, [], refusal.message)
      case .notFound: ("not-found", [], nil)
      }
    return .object([
      "person": .string(result.entry.person), "label": .string(result.entry.label),
      "id": .string(result.entry.fingerprint.hex),
      "outcome": .string(word), "because": because.map(JSONValue.string) ?? .null, "changes": .strings(changes),
      "certificate": .bool(result.hasCertificate), "files": .strings(result.files.map(\.path)),
      "answers": .array(
        result.finding.answers.map { answer in
          .object([
            "place": .string(answer.place), "answer": .string(answer.word),
            "because": answer.fault.map { .string($0.message) } ?? .null,
          ])
        }),
    ])
  }
}

extension CertificateAnswer {
  fileprivate var word: String {
    switch result {
    case .found: "found"
    case .absent: "absent"
    case .failed(let fault): fault.isTemporary ? "later" : "failed"
    }
  }
}
