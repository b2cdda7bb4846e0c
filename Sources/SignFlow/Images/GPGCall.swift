/// One call of gpg or gpgv, as StageX's script makes them. Everything else is refused: a call that is not understood
/// could ask for anything.
enum GPGCall: Equatable {
  /// `gpg --list-keys --with-colons KEY`
  case listKeys(String)
  /// `gpg --sign`, the payload on standard input; the output file, if one is named.
  case sign(output: String?)
  /// `gpgv FILE`
  case whoSigned(String)
  case notUnderstood(String)

  static func gpg(_ arguments: [String]) -> GPGCall {
    var lists = false
    var signs = false
    var output: String?
    var files: [String] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--list-keys", "--list-public-keys", "-k": lists = true
      case "--sign", "-s": signs = true
      case "--with-colons", "--no-armor", "--batch", "--yes", "--no-tty", "--quiet", "-q", "--no-auto-key-retrieve":
        break
      // Whose key signs was settled before; the script can only name it.
      case "-u", "--local-user", "--default-key", "--status-fd", "--pinentry-mode": _ = rest.popFirst()
      case "-o", "--output": output = rest.popFirst()
      case let option where option.hasPrefix("-"): return .notUnderstood(option)
      default: files.append(word)
      }
    }
    switch (lists, signs, files.count) {
    case (true, false, 1): return .listKeys(files[0])
    case (false, true, 0): return .sign(output: output)
    default: return .notUnderstood(arguments.joined(separator: " "))
    }
  }

  static func gpgv(_ arguments: [String]) -> GPGCall {
    var files: [String] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--keyring", "--status-fd", "--homedir": _ = rest.popFirst()
      case "--quiet", "-q", "--verbose", "-v": break
      case let option where option.hasPrefix("-"): return .notUnderstood(option)
      default: files.append(word)
      }
    }
    return files.count == 1 ? .whoSigned(files[0]) : .notUnderstood(arguments.joined(separator: " "))
  }
}

/// What a call prints, and its exit status.
struct GPGReply {
  var status: UInt8 = 0
  var output: [UInt8] = []
  var errors = ""

  /// Ends StageX's script at once: its `xargs` stops at 255.
  static func refusal(_ why: String) -> GPGReply { GPGReply(status: 255, errors: "stagex-maint: \(why)\n") }
}
