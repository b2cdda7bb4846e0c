internal import OpenPGP
internal import Review

/// What `keys add` has done, or would do, and what to type next.
struct KeysAddTelling {
  let console: Console
  let addition: KeyAddition
  /// What GnuPG makes of the registry as it becomes; nil where it is not asked.
  let reading: GnuPGReading?
  let folder: RegistryFolder
  let isDryRun: Bool

  private var entry: RegisteredKey { addition.entry }
  private var name: String { "\(printable(entry.person)) \(printable(entry.label))" }

  func tell() {
    switch addition.kind {
    case .newPerson: console.out("\(name)  \(entry.fingerprint)  a new person's key")
    case .newKey: console.out("\(name)  \(entry.fingerprint)  another key of \(printable(entry.person))")
    case .renewed: console.out("\(name)  \(entry.fingerprint)  listed already; the certificate changes")
    case .unchanged: console.out("\(name)  \(entry.fingerprint)  the registry has all of this already")
    }
    let listing = addition.certificate.listing(at: Clock.now)
    for key in listing.signingKeys {
      let bits = key.algorithmName == "RSA" ? key.bits.map { " \($0)" } ?? "" : ""
      console.out(
        """
          signs     \(key.fingerprint)  \(key.algorithmName)\(bits), \
        \(key.expires.map { "until \(datestamp($0))" } ?? "never expires")
        """)
    }
    for id in listing.userIDs.prefix(20) { print("user id", printable(id)) }
    for change in addition.changes { print("changes", change) }
    for note in addition.notes { print("note", note) }
    for warning in addition.certificate.revokerWarnings { print("note", warning) }
    tellReading()
    guard addition.kind != .unchanged else { return }
    for file in addition.files { console.out("\(isDryRun ? "would write" : "written")  \(file.path)") }
    for line in addition.lines { console.out("  + \(printable(line))") }
    if isDryRun { return console.out("nothing was written (--dry-run)") }
    console.out("next:")
    for command in commands { console.out("  \(command)") }
  }

  /// What would otherwise be found out at the first push.
  private func tellReading() {
    guard let reading else { return }
    if let trouble = reading.trouble {
      print(
        "warning",
        """
        GnuPG could not be asked about the key (\(trouble)); where it is one of the engines, \
        the default, it must know the key
        """)
    }
    for miss in reading.misses {
      let whose = miss.primary == entry.fingerprint ? "the key" : "already in the registry:"
      print(
        "warning",
        """
        \(whose) \(miss.key) does not count where GnuPG is one of the engines, the default, and is a GnuPG as here: \
        \(miss.reason)
        """)
    }
  }

  private func print(_ word: String, _ text: String) {
    let head = "  " + word + String(repeating: " ", count: max(1, 10 - word.count))
    for (index, line) in wrapped(text, width: 66).enumerated() {
      console.out((index == 0 ? head : String(repeating: " ", count: 12)) + line)
    }
  }

  private var commands: [String] {
    // Nothing can be reviewed before there is a first commit; init goes on to that.
    guard folder.hasHistory else { return ["stagex-maint init"] }
    let git = folder.git.joined(separator: " ")
    let subject =
      addition.kind == .renewed
      ? "Renew the certificate of \(entry.person)'s key \(entry.label)" : "Add \(entry.person)'s key \(entry.label)"
    return [
      "\(git) switch --create \(shellWord("key-\(entry.person)-\(entry.label)"))",
      "\(git) add \(addition.files.map(\.path).joined(separator: " "))",
      "\(git) commit --gpg-sign --message \(shellWord(subject))",
      "\(git) push --set-upstream \(shellWord(folder.remote)) HEAD",
      "stagex-maint cosign PR-NUMBER   # the others, once the pull request is open",
    ]
  }
}
