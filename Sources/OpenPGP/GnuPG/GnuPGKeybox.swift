/// The keyring as a keybox, made by gpg itself.
///
/// From a plain keyring, gpg checks a certificate's self-signatures anew three times for every signature: several
/// milliseconds for Ed25519. In a keybox it keeps what it found when it imported them. Import needs a real home, so one
/// lives for that long, in a folder that only this user may enter; the result is held in memory.
final class GnuPGKeybox {
  private var process: GnuPGProcess?
  private let folder: TemporaryFolder
  private var made: [UInt8]?

  /// Largest keybox that is read back, in octets.
  private static let limit = 64 << 20
  /// How long gpg may take to end once it has nothing more to say, in milliseconds.
  private static let ending: Int32 = 1_000

  /// Starts the import and does not wait for it.
  init(program: String, keyring: [UInt8], scratchFolder: String?) throws(GnuPGTrouble) {
    folder = try TemporaryFolder(in: scratchFolder)
    let input = try Descriptor.memory()
    try input.replace(with: keyring)
    process = try GnuPGProcess(
      program: program,
      arguments: GnuPGProgram.isolation + [
        "--batch", "--homedir", folder.path, "--import", "/proc/self/fd/\(GnuPGProcess.firstFile)",
      ], files: [input])
  }

  /// The keybox once the import has ended well; `nil` while it runs, or when it brought nothing.
  ///
  /// An import that fails leaves a keybox as well: on a full disk an empty one, killed perhaps a torn one, which
  /// stops gpg's search at every question.
  ///
  /// - Parameter patience: For gpg's next word.
  func content(_ patience: Patience = .none) -> [UInt8]? {
    if let process {
      // The end of its output is the end of the import; what it says is of no interest.
      while true {
        do throws(GnuPGTrouble) {
          guard try process.receiveLine(patience) != nil else { break }
        } catch {
          return nil
        }
      }
      self.process = nil
      if process.wait(Patience(each: max(patience.each, Self.ending), deadline: patience.deadline)) {
        made = folder.read("pubring.kbx", limit: Self.limit)
      }
      folder.remove()
    }
    return made
  }
}
