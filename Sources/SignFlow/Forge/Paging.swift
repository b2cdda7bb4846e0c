/// Bounds for lists that come in pages.
enum Paging {
  /// How many are asked for at once: fewer where an answer was too large, in steps that divide each other.
  static let sizes = [50, 10, 1]
  /// A hostile forge could go on for ever.
  static let most = 1000
  /// Pages that are asked for, small ones and empty ones among them.
  static let mostRequests = 120
}
