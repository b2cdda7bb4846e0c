import Glibc
import OpenPGP
import Support

/// The bytes that most tests sign.
let samplePayload = Array("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nA change\n".utf8)

/// When tests that judge “now” take place: 2026-01-01.
let testNow: Int64 = 1_767_225_600

/// The admitted packet in `armor`, or the defect thrown.
func admit(_ armor: [UInt8]) throws -> SignaturePacket {
  switch SignatureBlock.read(armor: armor) {
  case .openPGP(let packet): return packet
  case .unreadable(let defect): throw defect
  case .ssh, .x509: throw SignatureDefect.malformed("not OpenPGP")
  }
}

extension SignatureEngine {
  /// Asks about an array of bytes.
  mutating func judge(_ signature: SignaturePacket, over payload: [UInt8]) -> Answer {
    Question.asking(signature, over: payload) { judge($0) }
  }
}

/// Data for tests that is not in the repository; tests that want it are skipped without it.
enum SharedData {
  static let folder: String? = {
    let candidates = [getenv("STAGEX_MAINT_SHARED").map { String(cString: $0) }, "../shared"]
    guard let found = candidates.compactMap({ $0 }).first(where: { access("\($0)/data", R_OK) == 0 }),
      let absolute = realpath(found, nil)
    else { return nil }
    defer { free(absolute) }
    return String(cString: absolute)
  }()

  static var isPresent: Bool { folder != nil }

  /// Names and contents of the files below `path` whose names end with `suffix`.
  static func files(_ path: String, suffix: String) -> [(name: String, bytes: [UInt8])] {
    guard let folder else { return [] }
    return listing("\(folder)/data/\(path)").filter { $0.hasSuffix(suffix) }.sorted().map {
      ($0, contents("\(folder)/data/\(path)/\($0)"))
    }
  }
}

func listing(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    names.append(
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      })
  }
  return names.filter { $0 != "." && $0 != ".." }
}

func contents(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
  return bytes
}
