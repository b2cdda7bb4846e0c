import GitBridge
import Glibc
import OpenPGP
import Review

/// Everything that reads bytes from outside, each with what must hold of an input that it takes. libFuzzer calls it
/// with one input after another; a crash, a read beyond the input or a broken promise ends it.
private let parsers: [String: @Sendable (UnsafeRawBufferPointer) -> Void] = [
  // A signature and what it covers are all the bytes of a commit, each once.
  "commit": { bytes in
    guard let commit = CommitParse.parse(bytes), commit.defect == nil else { return }
    let (head, tail) = commit.payload(in: bytes)
    precondition(head.count + tail.count + (commit.signature?.count ?? 0) == bytes.count)
  },
  "tag": { bytes in
    guard let tag = TagParse.parse(bytes), tag.defect == nil else { return }
    precondition(tag.payload.count + (tag.signature?.count ?? 0) == bytes.count)
  },
  // What is handed to the second engine is what the first one read.
  "signature": { bytes in
    guard case .openPGP(let one) = SignatureBlock.read(armor: Array(bytes)) else { return }
    let other = try! SignaturePacket(packet: one.packet)
    precondition(one.created == other.created && one.issuerKeyID == other.issuerKeyID)
  },
  // Told apart from unsigned, whatever it holds; and no person where it names nobody.
  "claim": { bytes in
    let claim = SignatureClaim.read(armor: Array(bytes))
    precondition(claim.maker != .nobody || !claim.namesMachine)
  },
  // What is handed on leaves out what nobody bound; a key that signs for the one reader signs for the other.
  "certificate": { bytes in
    guard let one = try? Certificate.read(Array(bytes)) else { return }
    let other = try! Certificate.read(one.published)
    for key in one.keys + other.keys {
      func signs(_ certificate: Certificate) -> Bool {
        certificate.standing(of: key.fingerprint, signedAt: key.created, judgedAt: .then) == .good
      }
      precondition(signs(one) == signs(other))
    }
  },
  "maintainers": { bytes in _ = try? MaintainersFile.read(Array(bytes)) },
  "policy": { bytes in _ = try? Policy.read(Array(bytes)) },
  // No key is authorized that the file does not spell out.
  "authorizations": { bytes in
    guard let list = try? GuixAuthorizations.read(Array(bytes)) else { return }
    let digits = String(decoding: bytes.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self).uppercased()
    for key in list.keys { precondition(digits.contains(key.hex)) }
  },
  // A statement has one form only.
  "statement": { bytes in
    guard let statement = try? CoSignatureStatement.read(Array(bytes)) else { return }
    precondition(statement.bytes == Array(bytes))
  },
  "witness": { bytes in
    guard let statement = try? WitnessStatement.read(Array(bytes)) else { return }
    precondition(statement.bytes == Array(bytes))
  },
  "attestation": { bytes in
    guard (try? AttestationFile.read(Array(bytes))) != nil else { return }
    precondition(!(try! AttestationFile.certificates(in: Array(bytes))).isEmpty)
  },
  "json": { bytes in
    guard let value = try? JSONValue.read(Array(bytes)) else { return }
    precondition(try! JSONValue.read(Array(value.text.utf8)) == value)
  },
]

private let parser: @Sendable (UnsafeRawBufferPointer) -> Void = {
  let name = getenv("PARSER").map { String(cString: $0) } ?? ""
  guard let parser = parsers[name] else {
    print("PARSER names none of:", parsers.keys.sorted().joined(separator: " "))
    exit(64)
  }
  return parser
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  parser(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
