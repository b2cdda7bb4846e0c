/// The tool's version, as verdicts, caches and co-signatures name it.
enum Version {
  static let text = "0.1.0"
}
