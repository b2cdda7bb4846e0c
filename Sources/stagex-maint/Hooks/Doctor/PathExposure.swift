internal import Glibc
internal import Review

/// Who beside the server's user may change what lies at a path: the file, the folders above it, and what symbolic links
/// on the way lead through. Whoever may write a folder may put another file in its place.
struct PathExposure {
  struct Hole: Equatable {
    let path: String
    /// Who may write it, in words.
    let who: String
  }

  /// The users whose files these may be: root, the server's, and the repository's owner.
  private let trusted: Set<uid_t>
  private var seen: Set<String> = []
  private var groups: [gid_t: String?] = [:]
  private(set) var holes: [Hole] = []

  init(repositoryAt folder: String) {
    var trusted: Set<uid_t> = [0, geteuid()]
    var status = stat()
    if unsafe stat(folder, &status) == 0 { trusted.insert(status.st_uid) }
    self.trusted = trusted
  }

  mutating func look(at path: String) { walk(path, depth: 0) }

  private mutating func walk(_ path: String, depth: Int) {
    guard path.hasPrefix("/"), depth < 40, seen.insert(path).inserted else { return }
    var place = ""
    check("/")
    let parts = path.split(separator: "/").map(String.init)
    for (index, part) in parts.enumerated() where part != "." {
      if part == ".." {
        place = place.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        continue
      }
      let next = place + "/" + part
      if let target = linkTarget(next) {
        let start = target.hasPrefix("/") ? target : place + "/" + target
        return walk(([start] + parts[(index + 1)...]).joined(separator: "/"), depth: depth + 1)
      }
      check(next)
      place = next
    }
  }

  private mutating func check(_ path: String) {
    guard seen.insert("checked " + path).inserted else { return }
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    if !trusted.contains(status.st_uid) {
      holes.append(Hole(path: path, who: userName(status.st_uid)))
      return
    }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    // In a folder with the sticky bit, such as /tmp, nobody can replace another's entry.
    if isFolder, status.st_mode & S_ISVTX != 0 { return }
    if status.st_mode & 0o002 != 0 {
      holes.append(Hole(path: path, who: "everybody on this machine"))
    } else if status.st_mode & 0o020 != 0, let group = others(in: status.st_gid) {
      holes.append(Hole(path: path, who: group))
    }
  }

  /// The group in words; nil for one that has no member but those who are trusted anyway.
  private mutating func others(in group: gid_t) -> String? {
    if let known = groups[group] { return known }
    let words = Self.describe(group, trusted)
    groups[group] = .some(words)
    return words
  }

  private static func describe(_ group: gid_t, _ trusted: Set<uid_t>) -> String? {
    guard let entry = unsafe getgrgid(group) else { return "the group \(group)" }
    let name = unsafe String(cString: entry.pointee.gr_name)
    var members: Set<String> = []
    if var member = unsafe entry.pointee.gr_mem {
      while let text = unsafe member.pointee {
        unsafe members.insert(String(cString: text))
        unsafe member += 1
      }
    }
    setpwent()
    defer { endpwent() }
    while let user = unsafe getpwent() {
      let (id, main) = unsafe (user.pointee.pw_uid, user.pointee.pw_gid)
      let isMember = members.contains(unsafe String(cString: user.pointee.pw_name)) || main == group
      if isMember, !trusted.contains(id) { return "the group \(printable(name))" }
    }
    return nil
  }

  private func userName(_ id: uid_t) -> String {
    guard let user = unsafe getpwuid(id) else { return "the user \(id)" }
    return "the user \(printable(unsafe String(cString: user.pointee.pw_name)))"
  }

  private func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4097)
    let count = unsafe readlink(path, &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
