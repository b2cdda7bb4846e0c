import CLinux
import Crypto
import Glibc

@testable import GitBridge
@testable import OpenPGP
@testable import Review

/// What an earlier process has left. Checksums are filled in, so that what lies behind them is reached.
let cacheParsers: [String: Parser] = [
  "facts": { bytes in
    _ = FactRecord(bytes)
    let body = Array(bytes.prefix(248)) + [UInt8](repeating: 0, count: max(0, 248 - bytes.count))
    let sealed = body + SHA256.hash(data: body).prefix(8)
    guard let record = sealed.withUnsafeBytes({ FactRecord($0) }) else { preconditionFailure("a record is not read") }
    guard let written = record.bytes else { preconditionFailure("a record that was read is not written") }
    precondition(written.withUnsafeBytes { FactRecord($0) } == record)
    for place in [0, 100, 247] {
      var other = sealed
      other[place] ^= 1
      precondition(other.withUnsafeBytes { FactRecord($0) } == nil)
    }
  },
  "lead-memory": { bytes in
    let key = CacheKey(high: 1, low: 2)
    precondition(LeadMemory(Array(bytes), key: key) { nil } == nil)
    let text = Array(bytes)
    let sealed = text + SHA256.hash(data: text + octets(key.high) + octets(key.low))
    guard let memory = LeadMemory(sealed, key: key, open: { nil }) else { return }
    // Where the list of states is not what was written, no state is known but the tip.
    precondition(!memory.isWhole && memory.count > 0)
    precondition(memory.state(at: memory.count - 1) == memory.content.tip)
    precondition(memory.position(of: memory.content.tip) == memory.count - 1)
    precondition(memory.count < 2 || memory.state(at: 0) == .zero)
    let digest = LeadMemory.digest([])
    let written = memory.content.bytes(key: key, count: memory.count, digest: digest)
    guard let again = LeadMemory(written, key: key, open: { nil }) else { preconditionFailure("it does not read back") }
    // Where it is, each state has its place.
    let ids = (0..<UInt8(10)).flatMap { [UInt8](repeating: $0 + 1, count: 19) + [text.count > 0 ? text[0] : 0] }
    let whole = memory.content.bytes(key: key, count: 10, digest: LeadMemory.digest(ids))
    guard let full = LeadMemory(whole, key: key, open: { mapped(ids) }) else { preconditionFailure("not read") }
    precondition(full.isWhole && full.ids(upTo: 3) == Array(ids.prefix(60)))
    for place in 0..<9 { precondition(full.position(of: full.state(at: place)) == place) }
    precondition(LeadMemory(whole, key: key, open: { mapped(text) })?.isWhole == false)
    precondition(again.count == memory.count && again.content.tip == memory.content.tip)
    precondition(again.content.keys == memory.content.keys && again.content.former == memory.content.former)
    precondition(again.content.revocations == memory.content.revocations)
    precondition(again.content.futureDates == memory.content.futureDates)
    precondition(again.content.leads.map(\.position) == memory.content.leads.map(\.position))
    precondition(again.content.hard.map(\.revocation) == memory.content.hard.map(\.revocation))
  },
  "audit-summary": { bytes in
    guard let json = try? JSONValue.read(Array(bytes)), let summary = AuditSummary(json: json) else { return }
    guard let again = AuditSummary(json: summary.json) else { preconditionFailure("it does not read back") }
    precondition(again == summary && again.outcome == summary.outcome)
  },
]

/// A file in memory that holds these bytes.
private func mapped(_ bytes: [UInt8]) -> MappedFile? {
  let file = memfd_create("states", CLINUX_MFD_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  guard write(file, bytes, bytes.count) == bytes.count else { return nil }
  return MappedFile(file, size: bytes.count)
}
