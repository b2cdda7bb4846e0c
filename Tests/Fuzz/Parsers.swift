import Glibc

/// Takes one input, and ends the process where it breaks a promise.
typealias Parser = @Sendable (UnsafeRawBufferPointer) -> Void

/// Everything that reads bytes from outside, each with what must hold of an input that it takes. libFuzzer calls it
/// with one input after another; a crash, a read beyond the input or a broken promise ends it.
private let parsers: [String: Parser] = [
  gitParsers, openPGPParsers, certificateParsers, fileParsers, statementParsers, ledgerParsers, cacheParsers,
  forgeParsers, flowParsers,
].reduce(into: [:]) { $0.merge($1) { _, _ in fatalError("two parsers of one name") } }

private let parser: Parser = {
  let name = getenv("PARSER").map { String(cString: $0) } ?? ""
  guard let parser = parsers[name] else {
    print(parsers.keys.sorted().joined(separator: "\n"))
    exit(64)
  }
  return parser
}()

/// Looked at before the first input, so that a wrong name is told at once.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ words: UnsafeMutableRawPointer?) -> CInt {
  _ = parser
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  parser(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}

/// The input up to the first line feed, and what follows it.
func firstLine(_ bytes: UnsafeRawBufferPointer) -> (line: [UInt8], rest: [UInt8]) {
  guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return (Array(bytes), []) }
  return (Array(bytes[..<end]), Array(bytes[(end + 1)...]))
}
