import Foundation

extension ForgeLie {
  /// The whole table takes minutes, and one world after another: it is run when somebody asks for it.
  static let areAsked = ProcessInfo.processInfo.environment["STAGEX_MAINT_LIES"] != nil
}
