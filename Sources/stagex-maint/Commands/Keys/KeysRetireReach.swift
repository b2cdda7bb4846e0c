internal import GitBridge
internal import OpenPGP
internal import Review
internal import SignFlow

/// What besides a branch's steps rests on keys that may go: tags, and the quorums of image signatures.
struct KeysRetireReach {
  /// A protected tag that one of the keys has signed.
  struct Tag {
    let name: String
    let target: ObjectID
  }

  /// An image that has its quorum, and would lose it.
  struct Image {
    let name: String
    /// Who would remain.
    let signers: [String]
  }

  let tags: [Tag]
  /// Nil where nobody said where the signatures lie.
  let images: [Image]?

  /// - Parameter signatures: A folder of image signatures; nil where nobody named one.
  init(
    _ session: Session, tip: ObjectID, gone: Set<Fingerprint>, registry: Registry, policy: Policy, signatures: String?
  ) throws {
    let repository = session.repository
    var tags: [Tag] = []
    for ref in try repository.references() where policy.protectsTag(ref.name) {
      guard let id = ref.target, let tag = try TagReading(id, in: repository, registry: registry), let key = tag.key,
        gone.contains(key)
      else { continue }
      tags.append(Tag(name: printable(shortName(ref.name, under: "refs/tags/") ?? ref.name), target: tag.target))
    }
    self.tags = tags
    guard let signatures else {
      images = nil
      return
    }
    let proven = try session.reviewer.registry(at: tip, proving: policy.evidence)
    let judge = ImageJudge(
      registry: proven, evidence: policy.evidence, engines: session.settings.engines, clock: session.settings.clock)
    images = try flow { () throws(FlowError) in
      guard let store = try SignatureStore(path: signatures) else {
        throw FlowError(.impossible, "there is no folder \(printable(signatures))", next: "git clone URL signatures")
      }
      let report = try QuorumReport.make(
        try DigestList.committed(repository, at: tip).entries, store: store, judge: judge, threshold: policy.threshold,
        threads: Clock.processors)
      return report.images.compactMap { image in
        guard !report.lacks(image) else { return nil }
        // Whoever has signed with a second key as well is counted once by the judge: by which one, is all that it says.
        let left = Set(image.signers.filter { !gone.contains($0.key) }.map(\.person))
        guard left.count < policy.threshold else { return nil }
        return Image(name: printable(image.entry.image.repository), signers: left.sorted())
      }
    }
  }

  var lines: [String] {
    var lines = [
      "", "tags: only who has seen them before can go on checking them, since whose key signed them counts no more",
    ]
    if tags.isEmpty { lines.append("  none that is protected bears a signature by it") }
    for tag in tags.prefix(50) { lines.append("  \(tag.name) on \(tag.target.short)") }
    if tags.count > 50 { lines.append("  … and \(tags.count - 50) more (--format json lists all)") }
    lines += ["", "images:"]
    guard let images else { return lines + ["  not looked at; where their signatures lie: --signatures DIR"] }
    if images.isEmpty { lines.append("  each that has its quorum would keep it") }
    for image in images.prefix(50) {
      lines.append(
        """
          \(image.name) would have \
        \(image.signers.isEmpty ? "nobody" : image.signers.map { printable($0) }.joined(separator: ", "))
        """)
    }
    if images.count > 50 { lines.append("  … and \(images.count - 50) more (--format json lists all)") }
    if !images.isEmpty { lines.append("next: another maintainer: stagex-maint sign --release RELEASE") }
    return lines
  }

  var json: [JSONValue.Member] {
    [
      .init("tags", .array(tags.map { .object(["name": .string($0.name), "target": .string($0.target.hex)]) })),
      .init(
        "images",
        images.map { images in
          JSONValue.array(images.map { .object(["name": .string($0.name), "signers": .strings($0.signers)]) })
        } ?? .null),
    ]
  }
}
