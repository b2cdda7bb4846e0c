/// A file as it lies in an image's folder.
package struct ImageFile: Sendable {
  /// The name in the folder (bytes from outside).
  package let name: [UInt8]
  /// What is in it, or why that cannot be had.
  package let content: Content

  /// What is in a file, or why that cannot be had.
  package enum Content: Sendable {
    case bytes([UInt8])
    /// More bytes than any signature has; they were not read.
    case oversize
    case notAFile
    case unreadable(String)
  }

  package init(name: [UInt8], content: Content) {
    self.name = name
    self.content = content
  }

  /// N of `signature-N`, counted from 1 and written in one way only; nil for any other name.
  package static func number(of name: [UInt8]) -> Int? {
    let prefix = Array("signature-".utf8)
    guard name.starts(with: prefix) else { return nil }
    let digits = name.dropFirst(prefix.count)
    guard (1...6).contains(digits.count), digits.first != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  /// The image and the file's name that a path stands for; nil for a path that holds no signature.
  package static func place(_ path: [UInt8]) -> (image: ImageName, name: [UInt8])? {
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")), let image = ImageName(folder: path[..<slash]) else {
      return nil
    }
    let name = Array(path[(slash + 1)...])
    return number(of: name) == nil ? nil : (image, name)
  }

  /// The file's name, from 1 on.
  package static func name(of number: Int) -> String { "signature-\(number)" }
}
