/// What GnuPG's status lines say about one signature (GnuPG's doc/DETAILS, “Format of the --status-fd output”).
///
/// Status lines hold text from outside (user ids, notations), and lines have been forged through it
/// (CVE-2018-12020, CVE-2022-34903). So nothing is good unless every line that decides is there exactly once, and none
/// that contradicts it.
struct GnuPGStatus {
  private var signatures = 0
  private var good = 0
  private var expired = 0
  private var revoked = 0
  private var bad = 0
  private var errors: [Int] = []
  private var contradicted = false
  private var valid: [[ArraySlice<UInt8>]] = []

  private static let prefix = Array("[GNUPG:] ".utf8)

  /// The keyword and the fields of a status line; `nil` for any other line.
  static func split(_ line: ArraySlice<UInt8>) -> (keyword: String, fields: [ArraySlice<UInt8>])? {
    guard line.starts(with: prefix) else { return nil }
    let words = line.dropFirst(prefix.count).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return (String(decoding: words[0], as: UTF8.self), Array(words.dropFirst()))
  }

  mutating func note(_ keyword: String, _ fields: [ArraySlice<UInt8>]) {
    switch keyword {
    case "NEWSIG": signatures += 1
    case "GOODSIG": good += 1
    case "EXPKEYSIG": expired += 1
    case "REVKEYSIG": revoked += 1
    case "BADSIG": bad += 1
    // The sixth field: 4 unsupported algorithm, 9 no public key.
    case "ERRSIG": errors.append(fields.count > 5 ? Int(String(decoding: fields[5], as: UTF8.self)) ?? -1 : -1)
    case "VALIDSIG": valid.append(fields)
    case "EXPSIG", "NODATA", "FAILURE", "UNEXPECTED", "BADARMOR", "DECRYPTION_FAILED": contradicted = true
    default: break
    }
  }

  /// The answer about `signature`, which is the one that was handed over.
  func answer(about signature: SignaturePacket) -> Answer {
    guard signatures == 1, !contradicted else { return .failed("GnuPG did not see one signature") }
    switch (good + expired + revoked, bad, errors, valid.count) {
    case (0, 1, [], 0): return .bad
    case (0, 0, [9], 0): return .unknownKey
    case (0, 0, [4], 0): return .unsupported("GnuPG lacks the algorithm")
    case (0, 0, let errors, 0) where errors.count == 1: return .unsupported("GnuPG reports error \(errors[0])")
    case (1, 0, [], 1): break
    default: return .failed("GnuPG contradicts itself")
    }
    // VALIDSIG: fingerprint, date, time, expiry, version, reserved, key algorithm, hash, class, primary fingerprint.
    let fields = valid[0]
    guard fields.count == 10, let key = Fingerprint(hex: fields[0]), let primary = Fingerprint(hex: fields[9]) else {
      return .failed("GnuPG's answer cannot be read")
    }
    let expected = [
      String(signature.created), "0", "4", String(signature.keyAlgorithm.rawValue),
      String(signature.hashAlgorithm.rawValue), signature.type == SignatureType.document ? "00" : "01",
    ]
    guard [2, 3, 4, 6, 7, 8].map({ String(decoding: fields[$0], as: UTF8.self) }) == expected,
      signature.issuerFingerprint == nil || signature.issuerFingerprint == key
    else { return .failed("GnuPG answered about another signature") }
    if expired == 1 { return .expired(key: key, primary: primary, time: signature.created) }
    if revoked == 1 { return .revoked(key: key, primary: primary, time: signature.created) }
    return .good(key: key, primary: primary, time: signature.created)
  }
}
