internal import Synchronization

/// A gpg that was started before it is known whose keys it is to use, so that its start runs beside the
/// reading of the registry: of one push it is the longest part.
///
/// It is started with an empty file for a keyring. gpg looks into a keyring when it needs a key, which is after the first
/// question; the engine that takes this process fills the file before it asks.
package enum GnuPGStandby {
  /// By the path of the program.
  private static let waiting = Mutex<[String: Process]>([:])

  /// A process with its files. The mutex hands it to one engine only.
  struct Process: @unchecked Sendable {
    let process: GnuPGProcess
    let slots: [Descriptor]
    let keyring: Descriptor
  }

  /// Starts one, if none waits. Where that fails, the engine starts its own and tells of the trouble.
  ///
  /// If no engine takes it, it ends with this process: its input then ends.
  package static func start(program: String? = nil) {
    let program = program ?? GnuPGProgram.find()
    waiting.withLock { waiting in
      if waiting[program] == nil { waiting[program] = try? launch(program) }
    }
  }

  /// The one that waits, if there is one; from now on the caller's.
  static func take(program: String) -> Process? {
    waiting.withLock { $0.removeValue(forKey: program) }
  }

  private static func launch(_ program: String) throws(GnuPGTrouble) -> Process {
    let slots = try GnuPGEngine.makeSlots()
    let keyring = try Descriptor.memory()
    let process = try GnuPGEngine.launch(program, slots: slots, keyrings: [keyring])
    return Process(process: process, slots: slots, keyring: keyring)
  }
}
