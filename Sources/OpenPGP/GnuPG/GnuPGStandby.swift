internal import Synchronization

/// A gpg that was started before it is known whose keys it is to use, so that its start runs beside the
/// reading of the registry: of one push it is the longest part.
///
/// It is started with an empty file for a keyring. gpg looks into a keyring when it needs a key, which is after the
/// first question; the engine that takes this process fills the file before it asks.
package enum GnuPGStandby {
  /// By the path of the program.
  private static let waiting = Mutex<[String: Process]>([:])

  /// A process with its files. The mutex hands it to one engine only.
  struct Process: @unchecked Sendable {
    let process: GnuPGProcess
    let slots: [Descriptor]
    let keyring: Descriptor
    /// What its keybox was made of; nil where it has none.
    let origin: [UInt8]?
  }

  /// Starts one, if none waits. Where that fails, the engine starts its own and tells of the trouble.
  ///
  /// If no engine takes it, it ends with this process: its input then ends.
  ///
  /// - Parameter keybox: Likely the one for the keyring that the engine will have.
  package static func start(program: String? = nil, keybox: KeptKeybox? = nil) {
    let program = program ?? GnuPGProgram.find()
    waiting.withLock { waiting in
      if waiting[program] == nil { waiting[program] = try? launch(program, keybox) }
    }
  }

  /// The one that waits, if there is one and its keybox is of this origin; from now on the caller's. One with another
  /// keybox ends: it knows other certificates.
  static func take(program: String, origin: [UInt8]?) -> Process? {
    guard let standby = waiting.withLock({ $0.removeValue(forKey: program) }), standby.origin == origin else {
      return nil
    }
    return standby
  }

  private static func launch(_ program: String, _ keybox: KeptKeybox?) throws(GnuPGTrouble) -> Process {
    let slots = try GnuPGEngine.makeSlots()
    let keyring = try Descriptor.memory()
    let process = try GnuPGEngine.launch(program, slots: slots, keybox: keybox?.content, keyring: keyring)
    return Process(process: process, slots: slots, keyring: keyring, origin: keybox?.origin)
  }
}
