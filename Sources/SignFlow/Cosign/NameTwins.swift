internal import GitBridge
internal import Review

/// Finds names that a reader takes for another's: equal but for case, Unicode form, blanks at the end, invisible
/// letters, or letters of another script that look the same.
struct NameTwins {
  private let repository: Repository
  private let tree: ObjectID
  /// The names of a folder, by what they look like.
  private var folders: [[UInt8]: [String: [[UInt8]]]] = [:]

  init(_ repository: Repository, tree: ObjectID) {
    self.repository = repository
    self.tree = tree
  }

  /// The paths that look like this one, or like a folder on the way to it.
  mutating func twins(of path: [UInt8]) throws(GitError) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var folder: [UInt8] = []
    for name in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      let others = try names(in: folder)[Self.look(name)] ?? []
      found += others.filter { $0 != Array(name) }.map { folder + $0 }
      folder += name + [UInt8(ascii: "/")]
    }
    return found
  }

  private mutating func names(in folder: [UInt8]) throws(GitError) -> [String: [[UInt8]]] {
    if let known = folders[folder] { return known }
    let entry = folder.isEmpty ? nil : try repository.entry(tree: tree, path: folder.dropLast())
    var names: [String: [[UInt8]]] = [:]
    if let id = folder.isEmpty ? tree : entry?.mode == FileMode.folder ? entry?.id : nil {
      for entry in try repository.tree(id) { names[Self.look(entry.name), default: []].append(entry.name) }
    }
    folders[folder] = names
    return names
  }

  /// What a name looks like. Composed and decomposed letters are one `Character` to Swift already.
  static func look(_ name: some Collection<UInt8>) -> String {
    var look = ""
    for scalar in String(decoding: Array(name), as: UTF8.self).unicodeScalars {
      if let plain = alike[scalar] {
        look.unicodeScalars.append(plain)
      } else if (0xFF01...0xFF5E).contains(scalar.value), let plain = Unicode.Scalar(scalar.value - 0xFEE0) {
        look.unicodeScalars.append(plain)
      } else if scalar.properties.generalCategory == .spaceSeparator {
        look += " "
      } else if isHarmless(scalar) {
        look.unicodeScalars.append(scalar)
      }
    }
    while look.last == " " || look.last == "." { look.removeLast() }
    let folded = String(look.drop { $0 == " " }).uppercased().lowercased()
    return String(folded.map { $0 == "i" || $0 == "1" || $0 == "|" ? "l" : $0 == "0" ? "o" : $0 })
  }

  /// Letters of Greek, Cyrillic and others that are drawn as a Latin one.
  private static let alike: [Unicode.Scalar: Unicode.Scalar] = {
    let pairs: [(String, String)] = [
      ("аАαΑɑ", "a"), ("ВΒв", "b"), ("сСϲᴄ", "c"), ("ԁ", "d"), ("еЕΕҽ", "e"), ("ɡ", "g"), ("НΗнһ", "h"),
      ("іІΙιıӏ", "i"), ("јЈϳ", "j"),
      ("КΚкκ", "k"), ("Ӏⅼ", "l"), ("МΜм", "m"), ("ΝոηПп", "n"), ("оОοΟօσ", "o"), ("рРρΡ", "p"), ("ԛ", "q"), ("г", "r"),
      ("ѕЅ", "s"),
      ("ТΤтτ", "t"), ("υսц", "u"), ("νѵ", "v"), ("ԝѡω", "w"), ("хХχΧ", "x"), ("уУγΥү", "y"), ("ΖᴢⲌ", "z"),
      ("‐‑‒–—−", "-"), ("∕⁄", "/"),
      ("․", "."), ("ꓸ", "."),
    ]
    return Dictionary(pairs.flatMap { pair in pair.0.unicodeScalars.map { ($0, pair.1.unicodeScalars.first!) } }) { $1 }
  }()
}
