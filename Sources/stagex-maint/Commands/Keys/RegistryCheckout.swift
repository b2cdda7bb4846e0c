internal import ArgumentParser
internal import Basics
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

/// A registry and its policy as they lie in a work tree, where evidence is put beside the keys.
struct RegistryCheckout {
  let path: String
  let registry: Registry
  let policy: Policy

  /// - Parameter option: The folder; nil for the repository's work tree.
  init(_ option: String?, _ repository: Repository) throws {
    guard let folder = option ?? repository.workTree else {
      throw Failure.cannotJudge(
        "a bare repository has no work tree to write into", next: "run it in a clone, or name a folder: --registry DIR")
    }
    path = folder.trimmingSlash
    do {
      guard let registry = try Registry.readIfPresent(folder: path) else {
        throw Failure.cannotJudge("\(printable(path)) holds no \(MaintainersFile.path)", next: "stagex-maint init")
      }
      self.registry = registry
      policy = try Policy.read(folder: path)
    } catch let defect as FileDefect {
      throw Failure.cannotJudge(printable(defect.message, limit: 500), next: "stagex-maint policy lint")
    }
  }

  /// The listed key, and its certificate, of a person or a fingerprint: of the primary key or one of its subkeys.
  func key(_ name: String) throws -> (entry: RegisteredKey, certificate: Certificate) {
    let fingerprint = Fingerprint(hex: name)
    let found = registry.keys.filter { entry in
      if entry.person == name { return true }
      guard let fingerprint else { return false }
      return entry.fingerprint == fingerprint
        || registry.certificates[entry.fingerprint]?.fingerprints.contains(fingerprint) ?? false
    }
    guard let entry = found.first else {
      throw Failure.cannotJudge(
        "the registry lists neither a person nor a key \(printable(name))", next: "stagex-maint keys list")
    }
    guard found.count == 1 else {
      let keys = found.map(\.fingerprint.hex).joined(separator: ", ")
      throw Failure.usage("\(printable(name)) has several keys: name one of \(keys)")
    }
    guard let certificate = registry.certificates[entry.fingerprint] else {
      throw Failure.cannotJudge(
        "there is no usable certificate at \(Registry.keysFolder)/\(entry.fingerprint).asc",
        next: "stagex-maint keys list")
    }
    return (entry, certificate)
  }

  /// Puts a file into a key's folder of evidence, whole or not at all.
  func write(_ bytes: [UInt8], to place: String) throws {
    let file = "\(path)/\(place)"
    let folder = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
    var status = stat()
    if unsafe mkdir(folder, 0o755) != 0 {
      guard errno == EEXIST else {
        throw Failure.cannotJudge("\(printable(folder)) cannot be made: \(errorText(errno))")
      }
      // Through a link the file would land somewhere else, and nobody would read it there.
      guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw Failure.cannotJudge("\(printable(folder)) is not a folder", next: "ls -ld \(shellWord(folder))")
      }
    }
    try flow { () throws(FlowError) in try AtomicFile.write(bytes, to: file) }
  }

  /// What to type so that others get to see what was written.
  func nextSteps(_ entry: RegisteredKey, _ what: String, _ console: Console) {
    console.out("next: git add \(shellWord(EvidencePlace.folder(of: entry.fingerprint)))")
    console.out("      git commit -S -m \(shellWord("\(what) \(entry.person)'s key"))")
    console.out("      open a pull request; then somebody else: stagex-maint cosign PR-NUMBER")
  }
}
