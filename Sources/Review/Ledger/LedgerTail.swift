internal import Glibc
internal import GitBridge

/// The end of the file that grows, open for more lines. What a crash has torn there is taken off first.
struct LedgerTail: ~Copyable {
  private let file: Int32
  private let path: String
  private var chain: LedgerChain
  private var recent: Set<SeenMove.Key> = []
  private var waiting: [UInt8] = []
  private(set) var size: Int

  /// How much of the end is read: some 300 lines, and more than any tear.
  private static let window = 64 << 10

  init(_ files: LedgerFiles) throws(LedgerError) {
    path = files.currentPath
    (file, size, chain, recent) = try Self.opened(files.currentPath)
  }

  private static func opened(_ path: String) throws(LedgerError) -> (Int32, Int, LedgerChain, Set<SeenMove.Key>) {
    let file = unsafe open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw .system("opened", path, errno) }
    do throws(LedgerError) {
      var status = stat()
      guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, LedgerFiles.isOurs(status) else {
        throw LedgerError(
          "the ledger \(printable(path)) belongs to another user, or others may write it",
          next: "ls -l \(shellWord(path))")
      }
      var size = Int(status.st_size)
      let offset = max(0, size - window)
      let bytes = try read(file, path, from: offset, count: size - offset)
      let end = try sound(bytes, isWhole: offset == 0, path)
      if end.count < bytes.count {
        // A line that was cut off by a crash or a full disk was never acknowledged to anybody.
        size = offset + end.count
        guard ftruncate(file, off_t(size)) == 0 else { throw .system("mended", path, errno) }
      }
      return (file, size, end.chain, end.recent)
    } catch {
      Glibc.close(file)
      throw error
    }
  }

  deinit { Glibc.close(file) }

  func holds(_ move: SeenMove) -> Bool { recent.contains(SeenMove.Key(move)) }

  mutating func add(_ move: SeenMove) {
    let rest = LedgerLine.rest(of: move)
    chain = chain.next(rest[...])
    waiting += chain.hex + [UInt8(ascii: " ")] + rest + [UInt8(ascii: "\n")]
    recent.insert(SeenMove.Key(move))
  }

  mutating func flush() throws(LedgerError) {
    guard !waiting.isEmpty else { return }
    do throws(LedgerError) {
      try LedgerFiles.write(waiting, to: file, path)
      guard fsync(file) == 0 else { throw .system("written", path, errno) }
    } catch {
      // Half a line would be taken off by the next anyway; a disk that is full may have room for this.
      _ = ftruncate(file, off_t(size))
      throw error
    }
    size += waiting.count
    waiting.removeAll()
  }

  private static func read(_ file: Int32, _ path: String, from offset: Int, count: Int) throws(LedgerError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(file, buffer.baseAddress.map { unsafe $0 + done }, count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw .system("read", path, errno) }
      done += got
    }
    return bytes
  }

  /// How much of the end is whole lines, the chain there, and what the lines say.
  private static func sound(
    _ bytes: [UInt8], isWhole: Bool, _ path: String
  ) throws(LedgerError) -> (count: Int, chain: LedgerChain, recent: Set<SeenMove.Key>) {
    var count = 0
    var chain: LedgerChain?
    var recent: Set<SeenMove.Key> = []
    var start = 0
    while let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[start..<feed]
      start = feed + 1
      if isWhole, count == 0, LedgerHeader(line) != nil {
        chain = LedgerChain(header: line)
      } else if let read = LedgerLine(line), chain == nil || chain?.next(read.rest) == read.chain {
        chain = read.chain
        recent.insert(SeenMove.Key(read.move))
      } else if count == 0, !isWhole {
        // The window begins in the middle of a line.
      } else {
        // Blocks that a crash left as zeros have no line feeds: a line that is whole and does not fit was written by
        // somebody else, and going on from it would cover that up.
        throw LedgerError(
          "the ledger \(printable(path)) has a line that does not follow from the one before",
          next: "stagex-maint ledger verify")
      }
      count = start
    }
    guard let chain else {
      throw LedgerError("the ledger \(printable(path)) does not begin as one", next: "move it away: a new one is begun")
    }
    return (count, chain, recent)
  }
}

extension SeenMove {
  /// What makes two entries the same.
  struct Key: Hashable {
    let ref: [UInt8]
    let old: ObjectID
    let new: ObjectID

    init(_ move: SeenMove) { (ref, old, new) = (move.ref, move.old, move.new) }
  }
}
