import Foundation

/// A key server, and the mail domains' web key directories behind a proxy, on the loopback address; see
/// `Tests/KeyServer/keyserver`. It ends with the value, and with the test process.
package final class KeyServer: Sendable {
  private let folder: TemporaryFolder
  private let input = Pipe()
  /// `http://127.0.0.1:PORT`, for VKS; with `hkp` for `http`, for HKP.
  package let url: String
  /// The same over TLS, with a certificate that is for other hosts.
  package let tls: String
  package let proxy: String
  package let socks: String

  package static let isPossible: Bool =
    Tool.find("curl") != nil && (try? Tool.run("/usr/bin/python3", ["-c", "import cryptography"]).status) == 0

  /// - Parameter hosts: The hosts that the proxy finds.
  package init(hosts: [String] = []) throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    for host in hosts {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/wkd/\(host)", withIntermediateDirectories: true)
    }
    let server = Process()
    server.executableURL = URL(filePath: Tool.packageFolder + "/Tests/KeyServer/keyserver")
    server.arguments = [folder.path]
    server.environment = Tool.bareEnvironment
    let output = Pipe()
    (server.standardInput, server.standardOutput) = (input, output)
    try server.run()
    guard String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "ready\n" else {
      throw StepFailed("the key server did not start")
    }
    func address(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
    }
    (url, tls, proxy, socks) = (try address("url"), try address("tls"), try address("proxy"), try address("socks"))
  }

  /// The environment in which its TLS certificate is believed.
  package var trust: [String: String] { ["CURL_CA_BUNDLE": "\(folder.path)/certificate.pem"] }

  /// Makes it know something: `vks/FINGERPRINT`, `hkp/FINGERPRINT`, `wkd/HOST/HASH`.
  package func put(_ name: String, _ bytes: [UInt8]) throws {
    let file = URL(filePath: "\(folder.path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }

  /// How it answers from now on; see the script.
  package func behave(_ words: String) throws { try put("behaviour", Array(words.utf8)) }

  /// What it was asked since the last call.
  package func log() throws -> [String] {
    let file = "\(folder.path)/log"
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
    try FileManager.default.removeItem(atPath: file)
    return text.split(separator: "\n").map(String.init)
  }
}
