internal import GitBridge
internal import Glibc
internal import Review

/// What is wrong with a hook's file, as far as it can be seen without running it.
enum HookFileDefect {
  case absent, danglingLink, notExecutable, empty, folder
  case noInterpreter(String)

  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      self = unsafe lstat(path, &status) == 0 ? .danglingLink : .absent
      return
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      self = .folder
    } else if status.st_size == 0 {
      self = .empty
    } else if unsafe access(path, X_OK) != 0 {
      self = .notExecutable
    } else if let interpreter = Self.interpreter(path), unsafe access(interpreter, X_OK) != 0 {
      self = .noInterpreter(interpreter)
    } else {
      return nil
    }
  }

  func text(_ path: String) -> String {
    let path = printable(path)
    return switch self {
    case .absent: "there is no \(path)"
    case .danglingLink: "\(path) is a link to something that is not there: it is skipped silently"
    case .notExecutable: "\(path) is not executable: it is skipped silently"
    case .folder: "\(path) is a folder: git cannot run it, and every push is refused"
    case .empty: "\(path) is empty: sh runs it as a script that ends well"
    case .noInterpreter(let program):
      "\(path) is to be run by \(printable(program)), which is not there: every push is refused"
    }
  }

  func next(_ path: String) -> String {
    if case .notExecutable = self { return "chmod 755 \(shellWord(path))" }
    return "stagex-maint hook install"
  }

  private static func interpreter(_ path: String) -> String? {
    // No kernel reads further for it.
    guard let bytes = PlainFile.start(of: path, 256), bytes.starts(with: "#!".utf8) else { return nil }
    let line = bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
    let word = line.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    return String(decoding: word, as: UTF8.self)
  }
}
