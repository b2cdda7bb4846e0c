import Foundation
import Synchronization

/// A person with an OpenPGP key that a real gpg made and uses.
package struct Person: Sendable, Hashable {
  /// The name in the registry: lower case.
  package let name: String
  /// The primary key's fingerprint, 40 upper-case hex digits; a subkey makes the signatures.
  package let fingerprint: String
  /// The ASCII-armored certificate.
  package let certificate: String

  package var email: String { "\(name)@example.invalid" }
}

/// Three maintainers and an outsider, with keys in one throw-away gpg home that all tests share:
/// making keys is slow, and no test changes them.
package struct Team: Sendable {
  package let alice, bob, carol: Person
  /// In no registry.
  package let mallory: Person
  package let sandbox: Sandbox

  package var maintainers: [Person] { [alice, bob, carol] }

  package static func shared() async throws -> Team { try await made.value }

  private static let made = Task { try await Team.make() }

  private static func make() async throws -> Team {
    let sandbox = try Sandbox()
    let home = sandbox.path + "/home"
    removeAtExit(sandbox.path)
    func gpg(_ words: String...) async throws -> String {
      try await sandbox.must(
        ["gpg", "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""] + words)
    }
    func person(_ name: String) async throws -> Person {
      let user = "\(name) <\(name)@example.invalid>"
      _ = try await gpg("--quick-generate-key", user, "ed25519", "cert", "never")
      let listing = try await gpg("--with-colons", "--list-keys", "=\(user)")
      guard let line = listing.split(separator: "\n").first(where: { $0.hasPrefix("fpr:") }) else {
        throw StepFailed(description: "gpg lists no fingerprint:\n\(listing)")
      }
      let fingerprint = line.split(separator: ":", omittingEmptySubsequences: false)[9]
      _ = try await gpg("--quick-add-key", String(fingerprint), "ed25519", "sign", "never")
      return Person(
        name: name, fingerprint: String(fingerprint),
        certificate: try await gpg("--armor", "--export", String(fingerprint)) + "\n")
    }
    return Team(
      alice: try await person("alice"), bob: try await person("bob"), carol: try await person("carol"),
      mallory: try await person("mallory"), sandbox: sandbox)
  }

  /// The gpg home that all four share.
  package var gnupgHome: String { sandbox.path + "/home" }

  /// The registry of maintainers as StageX writes it, with its certificates: path and text of each file.
  package func registry(_ people: [Person]) -> [(path: String, text: String)] {
    var text = "[people]\n"
    for person in people {
      text += "\n[people.\(person.name)]\nname = \"\(person.name)\"\nemail = \"\(person.email)\"\n"
    }
    text += "\n[keys]\n"
    for person in people {
      text += """

        [keys.\(person.name).card]
        id = "\(person.fingerprint)"
        algorithm = "Ed25519"
        devices = "Nitrokey 3"

        """
    }
    return [("MAINTAINERS", text)] + people.map { ("keys/\($0.fingerprint).asc", $0.certificate) }
  }
}

/// Folders that live as long as the process. The agent in a gpg home ends by itself when its folder goes.
private let leftovers = Mutex<[String]>([])
private let removal: Void = {
  atexit { leftovers.withLock { $0.forEach { try? FileManager.default.removeItem(atPath: $0) } } }
}()

private func removeAtExit(_ path: String) {
  leftovers.withLock { $0.append(path) }
  _ = removal
}
