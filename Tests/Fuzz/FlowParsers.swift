import Glibc

@testable import GitBridge
@testable import OpenPGP
@testable import Review
@testable import SignFlow

/// What programs on the same machine say, and what people are shown.
let flowParsers: [String: Parser] = [
  "digests": { bytes in
    guard let entries = try? DigestList.read(Array(bytes), list: "list.txt", namespace: "stagex") else { return }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    precondition(lines.count == entries.count)
    for (line, entry) in zip(lines, entries) {
      precondition(line.elementsEqual("\(entry.image.digest) \(entry.image.repository.dropFirst(7))".utf8))
    }
  },
  // What was there before hides nothing; what is shown can do nothing to a terminal.
  "hidden-text": { bytes in
    let text = Array(bytes)
    precondition(HiddenText.find(in: text, notIn: [text], place: "p", most: 9).isEmpty)
    for found in HiddenText.find(in: text, notIn: [], place: "p", most: 9) {
      precondition(found.shown.unicodeScalars.allSatisfy(isHarmless))
    }
    // Whatever could not be printed as it is, and is no right end of a line, is told.
    for line in text.split(separator: UInt8(ascii: "\n")) where !HiddenText.hides(line) {
      let body = line.last == 0x0D ? line.dropLast() : line
      guard let shown = String(validating: body, as: UTF8.self) else { preconditionFailure("it is no UTF-8") }
      precondition(shown.unicodeScalars.allSatisfy { isHarmless($0) || $0 == "\t" || $0 == "\u{A0}" })
    }
    if !HiddenText.hidesInName(text) { precondition(String(validating: text, as: UTF8.self) != nil) }
  },
  "reviewed": { bytes in
    guard let word = ReviewedWord(String(decoding: bytes, as: UTF8.self)) else { return }
    precondition(ReviewedWord(word.description) == word && word.objection(to: word) == nil)
    let (base, head, zero) = (word.base.hex, word.head.hex, ObjectID.zero.hex)
    for range in ["\(base)..\(head)", "\(base)..\(zero)", "\(zero)..\(head)"] {
      let other = ReviewedWord("merge:\(range)")!
      precondition((word.objection(to: other) == nil) == (word == other))
    }
  },
  // git's own lists: `ls-remote`, and the settings.
  "git-lists": { bytes in
    let text = Array(bytes)
    let refs = Cosigner.refs(text)
    precondition(refs.count <= text.split(separator: UInt8(ascii: "\n")).count)
    _ = GitSettings(text)
  },
  // What gpg-agent says of a signature and of a card.
  "agent": { bytes in
    let text = Array(bytes)
    if let expression = SignatureExpression(text) {
      let size = expression.numbers.reduce(expression.algorithm.utf8.count) { $0 + $1.name.utf8.count + $1.value.count }
      precondition(size < text.count)
    }
    if let number = CardNumber(applicationID: String(decoding: bytes, as: UTF8.self)) {
      precondition(CardNumber(applicationID: number.applicationID) == number && number.serial.utf8.count == 8)
      precondition(number.description.utf8.allSatisfy { 0x20...0x7E ~= $0 })
    }
    let number = CardNumber(applicationID: "D2760001240103040006123456780000")!
    var status = CardStatus(number: number)
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let pair = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      guard pair.count == 2 else { continue }
      status.read(String(decoding: pair[0], as: UTF8.self), String(decoding: pair[1], as: UTF8.self))
    }
    precondition(status.keys.count == 3)
    status.touch = text.first.flatMap { TouchPolicy(rawValue: $0 & 7) }
    precondition(status.touch.map { !$0.description.isEmpty } ?? !status.warnings.isEmpty)
    precondition(status.signingKey == status.keys[0])
  },
  // What another machine asks the signing one: the parts that were read are those that were sent.
  "signer-message": { bytes in
    var ends: [Int32] = [0, 0]
    guard bytes.count <= 16_384, socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { return }
    defer { ends.forEach { close($0) } }
    guard bytes.isEmpty || write(ends[0], bytes.baseAddress!, bytes.count) == bytes.count else { return }
    shutdown(ends[0], Int32(SHUT_WR))
    guard let parts = Messages(descriptor: ends[1]).receive() else { return }
    precondition(Messages(descriptor: ends[1]).send(parts))
    var again = [UInt8](repeating: 0, count: bytes.count)
    let count = read(ends[0], &again, again.count)
    precondition(count == 4 + parts.reduce(0) { $0 + 4 + $1.count } && bytes.starts(with: again[..<count]))
  },
]
