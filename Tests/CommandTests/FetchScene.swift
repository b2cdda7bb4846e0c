import Foundation
import OpenPGP
import Support

/// A folder that lists alice and bob and holds nobody's certificate, and a server that may know them.
struct FetchScene {
  static let year = 31_557_600
  let server: KeyServer
  let folder: TemporaryFolder
  let sandbox: Sandbox

  static let alice = TestCertificate.usual(seed: 910_001).certificate
  static let bob = TestCertificate.usual(seed: 910_002).certificate
  static let stranger = TestCertificate.usual(seed: 910_003).certificate

  init(
    hosts: [String] = [], servers: String? = nil, address: String = "alice@example.org",
    people: [(String, TestCertificate)] = [("alice", alice)]
  ) throws {
    server = try KeyServer(hosts: hosts)
    folder = try TemporaryFolder()
    sandbox = try Sandbox()
    var text = "[people]\n"
    for (name, _) in people {
      text +=
        "\n[people.\(name)]\nname = \"\(name)\"\nemail = \"\(name == "alice" ? address : "\(name)@example.org")\"\n"
    }
    text += "\n[keys]\n"
    for (name, certificate) in people {
      text += "\n[keys.\(name).card]\nid = \"\(certificate.primary.fingerprint)\"\ndevices = \"Nitrokey 3\"\n"
      if let servers { text += "servers = \"\(servers)\"\n" }
    }
    try folder.write("MAINTAINERS", text)
  }

  func fetch(_ words: String..., extra: [String: String] = [:]) async throws -> Finished {
    try await fetch(words, extra: extra)
  }

  /// What it prints comes with its folded lines put together again.
  func fetch(_ words: [String], extra: [String: String] = [:]) async throws -> Finished {
    var result = try await sandbox.run(
      [ServerProgram.command, "keys", "fetch", "--registry", folder.path] + words,
      extra: server.trust.merging(extra) { $1 })
    result.output = result.output.replacing("\n            ", with: " ")
    return result
  }

  /// Everything below the registry's folder.
  func files() throws -> [String: String] {
    var files: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      files[name] = (try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)) ?? "a folder"
    }
    return files
  }

  func kept(_ certificate: TestCertificate) throws -> Certificate? {
    let path = "\(folder.path)/keys/\(certificate.primary.fingerprint).asc"
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return try Certificate.read(Array(data))
  }

  func keep(_ certificate: TestCertificate) throws {
    try folder.write(
      "keys/\(certificate.primary.fingerprint).asc", String(decoding: try certificate.read().published, as: UTF8.self))
  }
}
