package import OpenPGP

/// A certificate on its way into the registry: judged, merged with the copy that is there, and read back. Nothing is
/// written here.
package struct KeyAddition: Sendable {
  /// What the registry gets by it.
  package enum Kind: Sendable {
    case newPerson, newKey
    /// The certificate of a listed key changes.
    case renewed
    /// The registry has all of it.
    case unchanged
  }

  /// What the registry gets by it.
  package let kind: Kind
  /// The entry of MAINTAINERS, as it is or will be.
  package let entry: RegisteredKey
  /// As the registry will hold it.
  package let certificate: Certificate
  /// What is to be written, by paths in the registry.
  package let files: [(path: String, bytes: [UInt8])]
  /// The lines that `MAINTAINERS` gains.
  package let lines: [String]
  /// What a renewal changes.
  package let changes: [String]
  /// What the person should know.
  package let notes: [String]

  /// - Parameters:
  ///   - bytes: A certificate, armored or not.
  ///   - now: Seconds since 1970.
  package static func plan(_ bytes: [UInt8], _ request: KeyRequest, in source: RegistrySource, now: Int64)
    throws(KeyRefusal) -> KeyAddition
  {
    try request.check()
    let before = try read(source)
    let (handed, others) = try KeyChoosing(bytes, request, before).chosen()
    let owner = try KeyOwner(handed.primary, request, before)
    let path = Registry.certificatePath(handed.primary)
    let old = try copy(handed.primary, at: path, in: source)

    // Nothing that the key has said may get lost, least of all that it was revoked.
    let merged = old.certificate?.adding(selfSignaturesOf: handed) ?? handed
    let published = merged.published
    let certificate = try readBack(published, of: merged, now: now)
    try owner.check(certificate, before)
    let revokes = owner.isListed && old.certificate.map { revokesMore(certificate, than: $0) } ?? false
    let unfitness = certificate.unfitness(at: now)
    if let unfitness, !revokes,
      !(request.takesUnfit && owner.isListed && [.expired, .revoked].contains(unfitness.code))
    {
      throw unfitness
    }

    var files: [(path: String, bytes: [UInt8])] = []
    if published != old.bytes { files.append((path, published)) }
    let lines = owner.isListed ? nil : EntryLines(owner, request, certificate)
    if let lines { files.append((MaintainersFile.path, try lines.added(to: source))) }
    let entry = try check(files, owner, certificate, before, source)

    var notes: [String] = []
    if let problem = old.problem {
      notes.append("the certificate that was there could not be used (\(problem)) and is replaced")
    }
    if !others.isEmpty {
      notes.append(
        "the file holds \(others.count + 1) certificates; taken is \(handed.primary), "
          + "left out: \(others.map(\.primary.hex).joined(separator: ", "))")
    }
    let leftOut = CertificateSurvey(bytes).packets - CertificateSurvey(handed.published).packets
    if leftOut > 0, others.isEmpty {
      notes.append(
        "left out: \(leftOut) \(leftOut == 1 ? "packet" : "packets") "
          + "that others have added to the certificate, or that nothing vouches for")
    }
    if CertificateNews(old: handed, new: certificate, now: now).isMaterial {
      notes.append("kept: what the registry's copy has and the file has not")
    }
    if unfitness == nil { notes += certificate.idleSigners(at: now) }
    if let unfitness {
      notes.append("\(revokes ? "from now on the key" : "the key") does not count: \(unfitness.message)")
    }
    if !owner.isListed, request.devices.isEmpty {
      notes.append(
        "no --device: the key does not count where the policy asks on which smartcard it lives (the default)")
    }
    let changes =
      old.certificate.map { CertificateNews(old: $0, new: certificate, now: now).lines } ?? [
        "the certificate, which was missing"
      ]
    return KeyAddition(
      kind: files.isEmpty ? .unchanged : owner.isListed ? .renewed : owner.isNewPerson ? .newPerson : .newKey,
      entry: entry, certificate: certificate, files: files, lines: lines?.all ?? [],
      changes: owner.isListed ? changes : [], notes: notes)
  }

  /// Whether there is a list of maintainers with nobody in it, as one looks before the first person: comments, and no
  /// entry.
  package static func listsNobody(_ list: [UInt8]?) -> Bool {
    guard let list, let document = try? readTOML(list, named: MaintainersFile.path) else { return false }
    return ["people", "keys"].allSatisfy { name in
      if case .table(let members)? = document[name] { members.isEmpty } else { document[name] == nil }
    }
  }

  private static func read(_ source: RegistrySource) throws(KeyRefusal) -> Registry? {
    do {
      if listsNobody(try source.file(MaintainersFile.path)) { return nil }
      return try Registry.readIfPresent(source)
    } catch {
      throw KeyRefusal(
        .registryInvalid, "the registry cannot be read: \(reason(error))",
        next: .command(["stagex-maint", "policy", "lint"]))
    }
  }

  /// The certificate at the key's place, or why it is none.
  private static func copy(
    _ primary: Fingerprint, at path: String, in source: RegistrySource
  ) throws(KeyRefusal) -> (certificate: Certificate?, bytes: [UInt8]?, problem: String?) {
    let bytes: [UInt8]?
    do {
      bytes = try source.file(path)
    } catch {
      throw KeyRefusal(.registryInvalid, reason(error), next: .command(["ls", "-l", path]))
    }
    guard let bytes else { return (nil, nil, nil) }
    do throws(CertificateDefect) {
      let certificate = try Certificate.read(bytes)
      guard certificate.primary == primary else { return (nil, bytes, "it is that of \(certificate.primary)") }
      return (certificate, bytes, nil)
    } catch {
      return (nil, bytes, error.message)
    }
  }

  /// The certificate as the registry's reader sees it, which must be what it was.
  private static func readBack(_ published: [UInt8], of merged: Certificate, now: Int64) throws(KeyRefusal)
    -> Certificate
  {
    let again: Certificate
    do throws(CertificateDefect) {
      again = try Certificate.read(published)
    } catch {
      throw KeyRefusal(.unreadable, error.message, next: .command(["gpg", "--list-packets", "FILE"]))
    }
    for key in again.keys {
      func standing(_ certificate: Certificate) -> Standing {
        certificate.standing(of: key.fingerprint, signedAt: now, judgedAt: .now(now))
      }
      guard standing(again) == standing(merged) else {
        throw KeyRefusal(
          .unreadable, "the key \(key.fingerprint) would be another without what others have added",
          next: .command(["gpg", "--list-packets", "FILE"]))
      }
    }
    return again
  }

  private static func revokesMore(_ new: Certificate, than old: Certificate) -> Bool {
    new.keys.contains { key in
      key.revocation != nil && old.keys.contains { $0.fingerprint == key.fingerprint && $0.revocation == nil }
    }
  }

  /// Reads the registry with the new files, which must say what was meant and nothing else.
  private static func check(
    _ files: [(path: String, bytes: [UInt8])], _ owner: KeyOwner, _ certificate: Certificate, _ before: Registry?,
    _ source: RegistrySource
  ) throws(KeyRefusal) -> RegisteredKey {
    let after: Registry?
    do {
      after = try Registry.readIfPresent(source.replacing(files))
    } catch {
      throw KeyRefusal(
        .wouldBreak, "with this key the registry could not be read: \(reason(error))",
        next: .command(["stagex-maint", "keys", "list"]))
    }
    func people(_ registry: Registry?, without id: String?) -> [String] {
      (registry?.people ?? []).filter { $0.id != id }.map { "\($0.id) \($0.name ?? "") \($0.isBot)" }
    }
    func keys(_ registry: Registry?) -> [String] {
      (registry?.keys ?? []).filter { $0.fingerprint != certificate.primary }
        .map { "\($0.person) \($0.label) \($0.fingerprint) \($0.isMachine) \($0.isShared) \($0.devices)" }
    }
    let new = owner.isNewPerson ? owner.person : nil
    guard let after, let entry = after.key(certificate.primary), entry.person == owner.person,
      entry.label == owner.label,
      after.certificates[certificate.primary]?.content == certificate.content,
      people(after, without: new) == people(before, without: nil), keys(after) == keys(before)
    else {
      throw KeyRefusal(
        .wouldBreak,
        "the entry cannot be added to \(MaintainersFile.path) without changing what is there: add it by hand",
        next: .command(["$EDITOR", MaintainersFile.path]))
    }
    return entry
  }

  private static func reason(_ error: any Error) -> String { (error as? FileDefect)?.message ?? "\(error)" }
}
