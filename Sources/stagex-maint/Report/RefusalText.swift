internal import GitBridge
internal import Review

/// Refusals as the person at 3 a.m. reads them: what, which object, whose signature is missing, what to type.
struct RefusalText {
  /// How wide a line may be. Git puts `remote: ` before each line that a hook says.
  let width: Int
  let console: Console
  /// The first line of a commit's message, for people; nil when it cannot be read.
  let subject: (ObjectID) -> String?

  static let most = 20

  func lines(_ refusals: [Refusal], more: String, namingRefs: Bool = false) -> [String] {
    var lines: [String] = []
    for refusal in refusals.prefix(Self.most) {
      lines += block(refusal)
      if namingRefs, !refusal.ref.isEmpty { lines.append("  on \(printable(refusal.ref))") }
    }
    if refusals.count > Self.most {
      lines.append("")
      lines += wrapped("and \(refusals.count - Self.most) more; all of them: \(more)", width: width, indent: "  ")
    }
    return lines
  }

  private func block(_ refusal: Refusal) -> [String] {
    var lines = [""]
    var title = console.red(refusal.code.rawValue)
    if let commit = refusal.commit, let subject = subject(commit) {
      title += "  " + commit.short + " " + quoted(subject)
    }
    lines.append(title)
    lines += wrapped("  " + printable(refusal.message, limit: 2000), width: width - 2, indent: "  ").map(indented)
    for because in refusal.because {
      let who = because.person.map { printable($0) + "'s" } ?? "a"
      lines += wrapped(
        """
        not counted (\(because.code.rawValue)): \(who) signature on \(because.commit.short): \
        \(printable(because.detail, limit: 500))
        """,
        width: width - 2, indent: "  "
      ).map { "  " + $0 }
    }
    if !refusal.next.isEmpty {
      lines += wrapped("next: \(refusal.next)", width: width - 2, indent: "      ").map { "  " + $0 }
    }
    return lines
  }

  private func indented(_ line: String) -> String { line.hasPrefix("  ") ? line : "  " + line }

  private func quoted(_ subject: String) -> String {
    let room = max(10, width - 40)
    return subject.count > room ? "\"\(subject.prefix(room))…\"" : "\"\(subject)\""
  }
}

extension Repository {
  /// The first line of a commit's message, made safe to print.
  func subject(of commit: ObjectID) -> String? {
    guard let (parsed, bytes) = try? readCommit(commit) else { return nil }
    let message = bytes[parsed.message].drop { $0 == UInt8(ascii: "\n") }
    return printable(message.prefix { $0 != UInt8(ascii: "\n") }, limit: 120)
  }
}
