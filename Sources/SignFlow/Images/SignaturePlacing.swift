internal import Basics
package import GitBridge
internal import Glibc
package import Review

/// Gives a signature its number and its place in the folder of signatures.
package struct SignaturePlacing {
  private let store: SignatureStore
  private let journal: SigningJournal
  /// Numbers that others hold already, as last fetched.
  private let taken: (ImageName) -> Set<Int>

  /// - Parameter taken: The numbers that the remote has for an image.
  package init(store: SignatureStore, journal: SigningJournal, taken: @escaping (ImageName) -> Set<Int>) {
    self.store = store
    self.journal = journal
    self.taken = taken
  }

  /// Puts a kept message into the lowest free number and forgets it.
  ///
  /// The lowest: a gap would hide every file after it from podman.
  package func place(_ message: [UInt8], of statement: ImageStatement, person: String) throws(FlowError) -> Int {
    try makeFolder(statement.image)
    var used = taken(statement.image)
    for file in try store.files(of: statement.image) {
      if let number = ImageFile.number(of: file.name) { used.insert(number) }
    }
    var number = 1
    while true {
      while used.contains(number) { number += 1 }
      let path = "\(store.path)/\(statement.image.folder)/\(ImageFile.name(of: number))"
      if try put(message, journal.file(for: statement, person: person), at: path) {
        journal.forget(statement, person: person)
        return number
      }
      used.insert(number)
    }
  }

  private func put(_ message: [UInt8], _ kept: String, at path: String) throws(FlowError) -> Bool {
    do throws(FlowError) {
      return try AtomicFile.link(kept, to: path)
    } catch {
      // The signatures lie on another file system than the repository.
      return try AtomicFile.create(message, at: path)
    }
  }

  /// Takes away what an interrupted copy of a kept message left behind, a file that is the beginning of it, and a whole
  /// copy where programs would not find it.
  package func clear(tornCopiesOf message: [UInt8], in image: ImageName) throws(FlowError) {
    for file in try store.files(of: image) {
      guard ImageFile.number(of: file.name) != nil, case .bytes(let bytes) = file.content,
        message.starts(with: bytes)
      else { continue }
      _ = unsafe unlink("\(store.path)/\(image.folder)/\(String(decoding: file.name, as: UTF8.self))")
    }
  }

  private func makeFolder(_ image: ImageName) throws(FlowError) {
    var path = store.path
    for part in image.folder.split(separator: "/") {
      path += "/\(part)"
      if unsafe mkdir(path, 0o755) == 0 { continue }
      guard errno == EEXIST else {
        throw FlowError(.impossible, "\(printable(path)) cannot be made: \(errorText(errno))")
      }
      // A link laid there would send the signature elsewhere.
      var status = stat()
      guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw FlowError(
          .refused, "\(printable(path)) is no folder", next: "look who put it there: git -C signatures log")
      }
    }
  }
}

extension Repository {
  /// The numbers that image folders have in the trees of these refs.
  package func signatureNumbers(of image: ImageName, in trees: [ObjectID]) throws(GitError) -> Set<Int> {
    var numbers: Set<Int> = []
    for tree in trees {
      guard let folder = try entry(tree: tree, path: Array(image.folder.utf8)), folder.mode == FileMode.folder else {
        continue
      }
      for entry in try self.tree(folder.id) {
        if let number = ImageFile.number(of: entry.name) { numbers.insert(number) }
      }
    }
    return numbers
  }
}
