internal import Basics
internal import Glibc

/// Files of a folder outside the repository, for a pinned registry.
struct FolderFiles: EvidenceSource {
  let folder: String

  func file(_ path: String) throws -> [UInt8]? {
    try readWholeFile(folder + "/" + path)
  }

  func names(in path: String, atMost most: Int) throws -> [[UInt8]]? {
    let place = folder + "/" + path
    let descriptor = unsafe open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      if errno == ENOTDIR || errno == ELOOP { throw FileDefect.notAFolder(place) }
      throw FileDefect("\(place) cannot be opened: \(errorText(errno))")
    }
    guard let stream = unsafe fdopendir(descriptor) else {
      defer { close(descriptor) }
      throw FileDefect("\(place) cannot be read: \(errorText(errno))")
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while true {
      // readdir(3): only errno tells an error, which would hide files, from the end.
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw FileDefect("\(place) cannot be read: \(errorText(errno))") }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      names.append(name)
      guard names.count <= most else { throw FileDefect.tooMany(place, most) }
    }
  }

  func plainFile(_ path: String, limit: Int) throws -> [UInt8]? {
    try readWholeFile(folder + "/" + path, limit: limit, flags: O_NOFOLLOW)
  }
}
