internal import OpenPGP
package import Review

/// What podman, skopeo and CRI-O are told about whose signatures to ask for: containers-policy.json(5) and
/// containers-registries.d(5).
///
/// They cannot say "two of these eight". So there are three policies, from what they can say alone to what they can
/// enforce once somebody has counted: see docs/images.md.
package struct ContainerPolicy {
  /// Where the images are pulled from, without a tag: `docker.io/stagex`.
  package let scope: String
  /// The namespace that the signatures name: `stagex`.
  package let namespace: String
  /// Where the signatures are served: the URL, or `file:///…`, of the folder that holds `stagex/`.
  package let lookaside: String
  /// The folder where the keyrings will lie, absolute.
  package let folder: String
  /// What becomes of images from everywhere else.
  package let acceptsOthers: Bool

  package init(scope: String, namespace: String, lookaside: String, folder: String, acceptsOthers: Bool) {
    self.scope = scope
    self.namespace = namespace
    self.lookaside = lookaside
    self.folder = folder
    self.acceptsOthers = acceptsOthers
  }

  /// A file that is to be written.
  package struct File: Sendable {
    /// Relative to the folder.
    package let name: String
    /// The whole content.
    package let bytes: [UInt8]
  }

  /// All files, in the order of their names.
  ///
  /// - Parameters:
  ///   - evidence: What a key needs to count; the others get into no keyring.
  ///   - report: The signatures as they are now; only what has the quorum gets into the lists of digests.
  package func files(registry: Registry, evidence: Evidence, report: QuorumReport) -> [File] {
    var files = [
      File(name: "policy.json", bytes: text(policy([scope: [signedBy(keyring)]]))),
      File(name: "policy-quorum.json", bytes: text(policy(quorum(report)))),
      File(name: "policy-digests.json", bytes: text(policy(digests(report)))),
      File(name: "registries.d/\(namespace).yaml", bytes: Array(registries.utf8)),
    ]
    var all: [UInt8] = []
    for person in registry.maintainers(needing: evidence) {
      // Only keys that count: podman would believe a machine's key of the same person.
      let packets = registry.keys
        .filter { $0.person == person && registry.disqualification(of: $0, needing: evidence) == nil }
        .flatMap { entry in
          registry.certificates[entry.fingerprint]?
            .packets { registry.disqualification(of: entry, signing: $0, needing: evidence) == nil } ?? []
        }
      files.append(File(name: keyring(of: person), bytes: packets))
      all += packets
    }
    files.append(File(name: keyring, bytes: all))
    return files.sorted { $0.name < $1.name }
  }

  private let keyring = "keys/all-maintainers.gpg"

  /// A person's id is made a file's name: whatever is not a plain letter or digit is spelt out, so that no two fall
  /// together.
  private func keyring(of person: String) -> String {
    let name = person.utf8.map { byte in
      byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
        || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        ? String(UnicodeScalar(byte)) : "_" + String(byte, radix: 16)
    }.joined()
    return "keys/maintainer-\(name).gpg"
  }

  /// Every image in the scope must be one of these digests, each signed, again in podman's eyes, by two of those who
  /// signed.
  private func quorum(_ report: QuorumReport) -> [String: [JSONValue]] {
    var scopes = [scope: [JSONValue.object(["type": .string("reject")])]]
    for image in agreed(report) {
      scopes[reference(image)] = image.signers.prefix(report.threshold).map { signedBy(keyring(of: $0.person)) }
    }
    return scopes
  }

  /// The same list, where podman checks the digest alone.
  private func digests(_ report: QuorumReport) -> [String: [JSONValue]] {
    var scopes = [scope: [JSONValue.object(["type": .string("reject")])]]
    for image in agreed(report) { scopes[reference(image)] = [.object(["type": .string("insecureAcceptAnything")])] }
    return scopes
  }

  private func agreed(_ report: QuorumReport) -> [ImageReport] {
    report.images.filter { !report.lacks($0) && $0.blocking.isEmpty && !$0.unjudged }
  }

  private func reference(_ image: ImageReport) -> String {
    "\(scope)/\(image.entry.image.package)@sha256:\(image.entry.image.digest)"
  }

  private func signedBy(_ keyring: String) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("type", .string("signedBy")), .init("keyType", .string("GPGKeys")),
      .init("keyPath", .string("\(folder)/\(keyring)")),
    ]
    // The signatures name stagex/PACKAGE, which is docker.io/stagex/PACKAGE. A mirror must say whose mirror it is.
    members.append(
      .init(
        "signedIdentity",
        scope == "docker.io/\(namespace)"
          ? .object(["type": .string("matchRepoDigestOrExact")])
          : .object([
            "type": .string("remapIdentity"), "prefix": .string(scope),
            "signedPrefix": .string("docker.io/\(namespace)"),
          ])))
    return .object(members)
  }

  private func policy(_ scopes: [String: [JSONValue]]) -> JSONValue {
    let others = JSONValue.object(["type": .string(acceptsOthers ? "insecureAcceptAnything" : "reject")])
    let sorted = scopes.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .array($0.value)) }
    return .object(["default": .array([others]), "transports": .object(["docker": .object(sorted)])])
  }

  private var registries: String {
    "docker:\n  \(JSONValue.string(scope).text):\n    lookaside: \(JSONValue.string(lookaside).text)\n"
  }

  /// One scope a line: such a list is read, and compared, by people.
  private func text(_ value: JSONValue) -> [UInt8] { Array((lines(value, indent: "", depth: 0) + "\n").utf8) }

  private func lines(_ value: JSONValue, indent: String, depth: Int) -> String {
    guard depth < 3, case .object(let members) = value, !members.isEmpty else { return value.text }
    let inner = indent + "  "
    return "{\n"
      + members.map { "\(inner)\(JSONValue.string($0.name).text): \(lines($0.value, indent: inner, depth: depth + 1))" }
      .joined(separator: ",\n") + "\n\(indent)}"
  }
}
