import Foundation

/// Data too large for the project, or not ours to publish: real and replicated histories.
///
/// Tests that use it report themselves as skipped without it: `.enabled(if: Shared.folder() != nil)`.
package enum Shared {
  /// The folder named by the environment variable STAGEX_MAINT_SHARED, or `../shared` beside the project.
  package static func folder() -> String? {
    var candidates: [String] = []
    if let named = ProcessInfo.processInfo.environment["STAGEX_MAINT_SHARED"] { candidates.append(named) }
    // This file is PROJECT/Tests/Support/Shared.swift.
    var project = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { project.deleteLastPathComponent() }
    candidates.append(project.deletingLastPathComponent().appendingPathComponent("shared").path)
    candidates.append(FileManager.default.currentDirectoryPath + "/../shared")
    return candidates.first { FileManager.default.fileExists(atPath: $0 + "/data") }
  }

  /// A file below the folder; nil when it is not there.
  package static func path(_ name: String) -> String? {
    guard let path = folder().map({ $0 + "/" + name }), FileManager.default.fileExists(atPath: path) else { return nil }
    return path
  }
}
