/// The tool's version, as verdicts, caches and co-signatures name it.
enum Version {
  static let text = "0.1.0"
  /// Of the last change to a release, for manual pages.
  static let date = "November 29, 2026"
}
