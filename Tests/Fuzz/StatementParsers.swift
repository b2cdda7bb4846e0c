@testable import GitBridge
@testable import Review

/// Statements that people sign, and JSON.
let statementParsers: [String: Parser] = [
  // A statement has one form only.
  "statement": { bytes in
    guard let statement = try? CoSignatureStatement.read(Array(bytes)) else { return }
    precondition(statement.bytes == Array(bytes))
  },
  "witness": { bytes in
    guard let statement = try? WitnessStatement.read(Array(bytes)) else { return }
    precondition(statement.bytes == Array(bytes))
  },
  // Whatever stands in "optional", the rest has one form only.
  "image": { bytes in
    guard let statement = try? ImageStatement.read(Array(bytes)) else { return }
    precondition(try! ImageStatement.read(statement.bytes) == statement)
    let start = statement.bytes.dropLast(3)
    precondition(start.last == UInt8(ascii: ":") && bytes.starts(with: start))
    precondition(ImageName(folder: Array(statement.image.folder.utf8)) == statement.image)
  },
  // An image's folder has one name, which leads nowhere else.
  "image-name": { bytes in
    guard let name = ImageName(folder: Array(bytes)) else { return }
    precondition(bytes.elementsEqual(name.folder.utf8))
    precondition(!name.folder.contains("..") && !name.folder.hasPrefix("/") && !name.folder.contains("//"))
    precondition(name.folder.split(separator: "/").allSatisfy { !$0.hasPrefix(".") && !$0.hasPrefix("-") })
  },
  "json": { bytes in
    guard let value = try? JSONValue.read(Array(bytes)) else { return }
    precondition(try! JSONValue.read(Array(value.text.utf8)) == value)
    precondition(value.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
  },
]
