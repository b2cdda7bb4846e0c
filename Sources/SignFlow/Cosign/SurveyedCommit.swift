package import GitBridge
internal import OpenPGP
internal import Review

/// One commit that a signature will endorse, as its author and its signature tell it, and what it holds that the whole
/// diff does not show.
package struct SurveyedCommit: Sendable {
  /// The commit.
  package let id: ObjectID
  /// In their order.
  package let parents: [ObjectID]
  /// Safe to print.
  package let author: String
  /// What is to be said of its signature, safe to print.
  package let signature: String
  /// The message's first line, safe to print.
  package let subject: String
  /// The lines below the subject, safe to print.
  package let message: [String]
  /// Paths at which it is not as it is in the end.
  package let own: [OwnPath]

  /// What it brings that later commits of the request take away again, and that is in no other diff.
  package var passing: [OwnPath] { own.filter { $0.kind == .passing } }

  /// A path that a commit changes to something else than what the request ends in.
  package struct OwnPath: Sendable {
    /// Why a path needs a look.
    package enum Kind: Sendable {
      /// A version on the way: the whole diff shows each of its lines.
      case onTheWay
      /// What it was before the request.
      case back
      /// What no line of the whole diff shows.
      case passing
    }

    /// The path, and what it becomes.
    package let change: PathChange
    /// Why it needs a look.
    package let kind: Kind
    /// "new executable, 12 lines", safe to print.
    package let what: String
  }

  init(_ id: ObjectID, _ commit: CommitParse, _ bytes: [UInt8], _ registry: Registry, own: [OwnPath]) {
    self.id = id
    self.own = own
    parents = commit.parents
    // `Name <address> seconds zone`: without the time.
    let words = bytes[commit.author].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).dropLast(2)
    author = printable(Array(words.joined(separator: [UInt8(ascii: " ")])), limit: 80)
    let text = bytes[commit.message].drop { $0 == UInt8(ascii: "\n") }
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    subject = printable(lines.first ?? [], limit: 100)
    message = lines.dropFirst().map { printable($0, limit: 500) }
    signature = Self.signature(commit, bytes, registry)
  }

  private static func signature(_ commit: CommitParse, _ bytes: [UInt8], _ registry: Registry) -> String {
    guard commit.signature != nil else { return "not signed" }
    let armor = unsafe bytes.withUnsafeBytes { unsafe commit.signatureArmor(in: $0) }
    switch SignatureBlock.read(armor: armor) {
    case .ssh: return "signed with SSH"
    case .x509: return "signed with X.509"
    case .unreadable(let defect): return defect.message
    case .openPGP(let packet):
      // Whom it names; whether it is good is the rule's answer, printed beside it.
      let place = registry.keyring.candidates(for: packet).first
      let person = place.flatMap { registry.key(registry.keyring.certificates[$0.certificate].primary)?.person }
      return person.map { "signed with a key of \(printable($0))" } ?? "signed with an OpenPGP key of nobody registered"
    }
  }
}
