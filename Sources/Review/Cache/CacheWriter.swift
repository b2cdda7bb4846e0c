internal import Basics
internal import GitBridge
internal import Glibc

/// Writes a file in pieces of a megabyte.
struct CacheWriter {
  private let file: Int32
  private var waiting: [UInt8] = []
  private var isGood = true

  init(_ file: Int32) { self.file = file }

  mutating func append(_ bytes: some Sequence<UInt8>) {
    waiting.append(contentsOf: bytes)
    if waiting.count > 1 << 20 { flush() }
  }

  /// False when something could not be written.
  mutating func finish() -> Bool {
    flush()
    return isGood
  }

  private mutating func flush() {
    if isGood, (try? FileWriting.write(waiting, to: file)) == nil { isGood = false }
    waiting.removeAll(keepingCapacity: true)
  }
}
