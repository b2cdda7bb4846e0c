internal import Glibc
internal import Synchronization

/// A gpg that asks a daemon for keys.
///
/// Where `use-keyboxd` stands in the machine's `common.conf` (GnuPG 2.3 and newer), gpg passes over every keyring that
/// it is given, and no option takes that back. gpgv reads no such file and judges by the same code, one process for a
/// signature.
enum GnuPGKeyboxd {
  private static let known = Mutex<[String: Bool]>([:])

  /// Whether `program` does. It says so in its list of settings; an older one knows no such setting.
  static func isUsed(by program: String, _ patience: Patience) -> Bool {
    if let known = known.withLock({ $0[program] }) { return known }
    // Where it cannot be asked, or does not answer soon, there is none.
    let isUsed = (try? ask(program, Patience(each: min(patience.each, 2_000), deadline: patience.deadline))) ?? false
    known.withLock { $0[program] = isUsed }
    return isUsed
  }

  private static func ask(_ program: String, _ patience: Patience) throws(GnuPGTrouble) -> Bool {
    let process = try GnuPGProcess(
      program: program, arguments: ["--no-options", "--homedir", GnuPGProgram.noFolder, "--gpgconf-list"], files: [])
    process.endInput()
    var isUsed = false
    try process.receiveLines(patience) { line in
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      if fields.first?.elementsEqual("use_keyboxd".utf8) == true, fields.count > 2 {
        isUsed = !fields[2].elementsEqual("0".utf8)
      }
    }
    return isUsed
  }

  /// - Parameter message: What gpg was given for the question.
  static func judge(
    _ signature: SignaturePacket, _ message: Descriptor, keyring: [UInt8], gpg: String, _ patience: Patience
  ) -> Answer {
    guard let program = GnuPGProgram.verifier(beside: gpg) else {
      return .failed("gpg uses keyboxd on this machine (common.conf), and there is no gpgv; install the package gpgv")
    }
    do throws(GnuPGTrouble) {
      let ring = try Descriptor.memory()
      try ring.replace(with: keyring)
      let process = try GnuPGProcess(
        program: program,
        arguments: [
          "--homedir", GnuPGProgram.noFolder, "--quiet", "--status-fd", "1",
          "--keyring", "/proc/self/fd/\(GnuPGProcess.firstFile)", "/proc/self/fd/\(GnuPGProcess.firstFile + 1)",
        ], files: [ring, message])
      process.endInput()
      var status = GnuPGStatus()
      try process.receiveLines(patience) { line in
        if let (keyword, fields) = GnuPGStatus.split(line) { status.note(keyword, fields) }
      }
      return status.answer(about: signature)
    } catch {
      return .failed(error.text.replacing("gpg ", with: "gpgv "))
    }
  }
}
