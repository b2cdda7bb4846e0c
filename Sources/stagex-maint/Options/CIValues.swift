internal import Review

/// A repository's own values for a CI file.
struct CIValues {
  let program: String
  let sum: String
  let image: String
  let trustRoot: String
  let lead: String
  let branches: [String]

  /// The file with each `@NAME@` replaced. No value may leave its place between quotes.
  func filling(_ template: [UInt8]) throws -> [UInt8] {
    func check(_ value: String, _ option: String, _ others: String) throws {
      let isPlain = value.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || others.utf8.contains($0)
      }
      guard isPlain, !value.isEmpty else {
        throw Failure.usage("\(option) \(shellWord(value)) cannot stand in a CI's file")
      }
    }
    guard program.hasPrefix("https://") else {
      throw Failure.usage("--ci-program \(shellWord(program)): an address with https:// is needed")
    }
    try check(program, "--ci-program", ":/.-_~%+@?=&,")
    guard sum.utf8.count == 64, sum.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
      throw Failure.usage(
        "--ci-sha256 \(shellWord(sum)): 64 hexadecimal digits in lower case are needed, as sha256sum prints them")
    }
    try check(image, "--ci-image", ":/.-_@")
    try check(lead, "--lead", "/.-_")
    for branch in branches { try check(branch, "the policy's branch", "/.-_*") }
    let list = "[" + branches.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    var text = String(decoding: template, as: UTF8.self)
    for (name, value) in [
      ("VERSION", Version.text), ("URL", program), ("SHA256", sum), ("IMAGE", image), ("TRUST_ROOT", trustRoot),
      ("LEAD", lead), ("BRANCHES", list),
    ] { text = text.replacing("@\(name)@", with: value) }
    return Array(text.utf8)
  }
}
