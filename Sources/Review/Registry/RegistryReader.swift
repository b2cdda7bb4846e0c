internal import GitBridge
internal import OpenPGP

extension TreeEntry {
  var isRegularFile: Bool { mode == FileMode.file || mode == FileMode.executable }
}

extension Registry {
  /// The folder that holds one certificate per listed key.
  package static let keysFolder = "keys"

  /// The most octets that all certificates together may have.
  ///
  /// Attack: a push of some megabytes in which thousands of keys are listed and each has a file of a mebibyte, all of
  /// them the same but for a few octets: git packs those small, and each would keep the server busy for a second.
  package static let certificatesLimit = 16 << 20
  /// The most signatures that all certificates together may ask to be checked: some seconds. Nine hundred people make
  /// half as many.
  package static let workLimit = 1 << 16

  /// Reads the list of people and the certificates of the listed keys.
  ///
  /// A certificate that is missing or cannot be read costs its key, not the registry: one
  /// maintainer's mistake must not lock out the others.
  ///
  /// - Throws: `FileDefect` when nobody could say whom a key belongs to; `GitError` from the repository.
  // R67, R70
  static func read(from source: some FileSource) throws -> Registry {
    guard let bytes = try source.file(MaintainersFile.path) else {
      throw FileDefect("there is no \(MaintainersFile.path)")
    }
    let list = try MaintainersFile.read(bytes)
    var certificates: [Fingerprint: Certificate] = [:]
    var warnings: [String] = []
    var size = 0
    var work = 0
    for key in list.keys {
      let path = "\(keysFolder)/\(key.fingerprint.hex).asc"
      func warn(_ why: String) {
        warnings.append(warningStart(key) + why)
      }
      do {
        guard let bytes = try source.file(path) else {
          warn("\(path) is missing")
          continue
        }
        size += bytes.count
        guard size <= certificatesLimit else { throw TooLarge() }
        let certificate = try Certificate.read(bytes)
        work += certificate.work
        guard work <= workLimit else { throw TooMuch() }
        guard certificate.primary == key.fingerprint else {
          warn("\(path) holds the certificate of \(certificate.primary)")
          continue
        }
        certificates[key.fingerprint] = certificate
      } catch let error as CertificateDefect {
        warn("\(path): \(error.message)")
      } catch let error as FileDefect {
        warn(error.message)
      } catch is TooMuch {
        throw FileDefect("the certificates in \(keysFolder)/ hold more signatures than can be checked")
      } catch is TooLarge {
        throw FileDefect("the certificates in \(keysFolder)/ are larger than \(certificatesLimit >> 20) MiB together")
      }
    }
    return try Registry(people: list.people, keys: list.keys, certificates: certificates, warnings: warnings)
  }

  private struct TooLarge: Error {}
  private struct TooMuch: Error {}

  /// How a warning about a key without a usable certificate begins; the reason follows.
  static func warningStart(_ key: RegisteredKey) -> String {
    "\(printable(key.person))'s key \(key.fingerprint) does not count: "
  }
}
