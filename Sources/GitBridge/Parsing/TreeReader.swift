#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The modes that git gives to entries of a tree.
package enum FileMode {
  /// A tree.
  package static let folder: UInt32 = 0o040000
  /// A file.
  package static let file: UInt32 = 0o100644
  /// A file that may be run.
  package static let executable: UInt32 = 0o100755
  /// Written by git before 2005-05; git reads it as ``file``.
  package static let groupWritable: UInt32 = 0o100664
  /// A symbolic link; its target is the content.
  package static let symbolicLink: UInt32 = 0o120000
  /// A submodule: the id names a commit of another repository.
  package static let gitlink: UInt32 = 0o160000

  static let all = [folder, file, executable, groupWritable, symbolicLink, gitlink]
}

/// What is wrong with a tree: readers could take it for different things.
package struct TreeDefect: Sendable, Hashable {
  /// The tree that is malformed.
  package let tree: ObjectID
  /// What is wrong with it, safe to print.
  package let reason: String

  package init(tree: ObjectID, reason: String) {
    self.tree = tree
    self.reason = reason
  }
}

/// Walks over the entries of a tree object, in git's order, by a strict grammar:
/// `(MODE SPACE NAME NUL ID)*`, mode in octal digits, id in 20 bytes.
///
/// A defect are: unknown modes, leading zeros, names that are empty, `.`, `..`, `.git` or taken for it somewhere
/// (``nameDefect(_:isLink:)``) or that contain `/`, entries out of order and names given twice. git, libgit2 and a
/// checkout each pick another entry of a tree that has a name twice, so that what was reviewed is not what is built.
@safe struct TreeReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0
  private(set) var mode: UInt32 = 0
  private(set) var name: Range<Int> = 0..<0
  private(set) var id: ObjectID = .zero
  /// The first thing that was found wrong.
  private(set) var defect: String?
  private var lastIsFolder = false
  private var files: [Range<Int>] = []
  private let isKnown: Bool

  /// - Parameter isKnown: true for bytes that have been read to their end before, and so need no check.
  init(_ bytes: UnsafeRawBufferPointer, isKnown: Bool = false) {
    unsafe self.bytes = bytes
    self.isKnown = isKnown
  }

  var nameBytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: bytes[name]) }
  /// As git sees modes, odd ones too.
  var isFolder: Bool { mode & 0o170000 == FileMode.folder }

  /// Steps to the next entry; false at the end. Throws at the first defect.
  mutating func next(in tree: ObjectID) throws(GitError) -> Bool {
    let found = advance()
    if let defect { throw .malformedObject(tree, reason: defect) }
    return found
  }

  /// Steps to the next entry, over what is wrong with it too; false at the end, or where nothing more can be read.
  mutating func advance() -> Bool {
    guard unsafe position < bytes.count else { return false }
    let last = position == 0 ? nil : name
    lastIsFolder = isFolder
    guard readEntry() else {
      unsafe position = bytes.count
      return false
    }
    if !isKnown, let last, let problem = orderProblem(after: last) { note(problem) }
    return true
  }

  private mutating func note(_ problem: String) { defect = defect ?? problem }

  /// Negative, zero or positive as this entry's name comes before, is, or comes after the other's in git's order.
  func compareName(with other: TreeReader) -> Int {
    let a = unsafe nameBytes
    let b = unsafe other.nameBytes
    let order = unsafe memcmp(a.baseAddress!, b.baseAddress!, min(a.count, b.count))
    if order != 0 { return Int(order) }
    let slash = UInt8(ascii: "/")
    let x: Int = unsafe a.count > b.count ? Int(a[b.count]) : isFolder ? Int(slash) : -1
    let y: Int = unsafe b.count > a.count ? Int(b[a.count]) : other.isFolder ? Int(slash) : -1
    return x - y
  }

  /// False when nothing can be made of the bytes.
  private mutating func readEntry() -> Bool {
    guard readMode() else { return false }
    guard unsafe position < bytes.count,
      let end = unsafe memchr(bytes.baseAddress! + position, 0, bytes.count - position)
    else {
      note("it is cut off")
      return false
    }
    let length = unsafe UnsafeRawPointer(end) - (bytes.baseAddress! + position)
    name = position..<position + length
    position += length + 1
    guard unsafe bytes.count - position >= ObjectID.byteCount else {
      note("it is cut off")
      return false
    }
    id = unsafe ObjectID(bytes: UnsafeRawBufferPointer(rebasing: bytes[position..<position + ObjectID.byteCount]))
    position += ObjectID.byteCount
    if !isKnown, let problem = unsafe nameDefect(nameBytes, isLink: mode == FileMode.symbolicLink) { note(problem) }
    return true
  }

  /// Most entries are plain files and folders; others are read digit by digit.
  private mutating func readMode() -> Bool {
    if unsafe bytes.count - position >= 8 {
      let start = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      if start >> 8 == 0x31_30_30_36_34_34_20 {  // "100644 "
        mode = FileMode.file
        position += 7
        return true
      }
      if start >> 16 == 0x34_30_30_30_30_20 {  // "40000 "
        mode = FileMode.folder
        position += 6
        return true
      }
    }
    var value: UInt32 = 0
    let start = position
    while unsafe position < bytes.count, position - start < 10,
      unsafe (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[position])
    {
      value = unsafe value << 3 | UInt32(bytes[position] - UInt8(ascii: "0"))
      position += 1
    }
    guard position > start, unsafe position < bytes.count, unsafe bytes[position] == UInt8(ascii: " ") else {
      note("an entry with an unknown mode")
      return false
    }
    position += 1
    mode = value
    if unsafe bytes[start] == UInt8(ascii: "0") { note("a mode with a leading zero") }
    if !FileMode.all.contains(value) { note("an entry with an unknown mode") }
    return true
  }

  /// git sorts by the bytes of the names, a folder as if its name ended in a slash.
  private mutating func orderProblem(after last: Range<Int>) -> String? {
    let base = unsafe bytes.baseAddress!
    let common = min(last.count, name.count)
    let order = unsafe memcmp(base + last.lowerBound, base + name.lowerBound, common)
    if order < 0 { return nil }
    if order > 0 { return "entries out of order" }
    if last.count == name.count { return "the same name twice" }
    let slash = UInt8(ascii: "/")
    let before: UInt8? = unsafe last.count > common ? bytes[last.lowerBound + common] : lastIsFolder ? slash : nil
    let after: UInt8? = unsafe name.count > common ? bytes[name.lowerBound + common] : isFolder ? slash : nil
    guard let after, before.map({ $0 < after }) ?? true else { return "entries out of order" }
    return distantTwin(of: last, before, after)
  }

  /// A file `x` and a folder `x` need not be neighbours: `x`, `x-y`, `x/` is in order. As git does (fsck.c,
  /// `verify_ordered`), files that such a folder could still follow are kept, and folders are held against them.
  private mutating func distantTwin(of last: Range<Int>, _ before: UInt8?, _ after: UInt8) -> String? {
    let slash = UInt8(ascii: "/")
    if before == nil, after < slash {
      files.append(last)
      return nil
    }
    guard after == slash, let before, before < slash else { return nil }
    let base = unsafe bytes.baseAddress!
    while let file = files.popLast() {
      guard file.count <= name.count,
        unsafe memcmp(base + file.lowerBound, base + name.lowerBound, file.count) == 0
      else { continue }
      if file.count == name.count { return "the same name twice" }
      if unsafe bytes[name.lowerBound + file.count] < slash {
        files.append(file)
        break
      }
    }
    return nil
  }
}
