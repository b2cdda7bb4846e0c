internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

/// The environment, read once and passed in.
enum ProcessEnvironment {
  static var current: [String: String] {
    var result: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text)
      if let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) {
        result[String(pair[..<equals])] = String(pair[pair.utf8.index(after: equals)...])
      }
      unsafe entry += 1
    }
    return result
  }
}
