internal import OpenPGP

/// GnuPG's processes, taken out by one thread at a time.
final class EnginePool: Sendable {
  init(keyring: Keyring, choice: EngineChoice) {}
  func warmUp() {}
  func judge(_ questions: [Question]) -> [Answer] { [] }
}
enum Agreement { case agree, disagree(String) }
func agreement(native: Answer, gnupg: Answer) -> Agreement { .agree }
