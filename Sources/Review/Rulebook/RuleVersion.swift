internal import GitBridge
internal import OpenPGP
internal import Synchronization

/// Which files a registry was read from.
struct RegistryVersion: Hashable {
  let list: ObjectID?
  let keys: ObjectID?
  let renewal: ObjectID?
}

/// Which files rules were read from.
struct RuleVersion: Hashable {
  let files: RuleFileIDs
  let renewal: ObjectID?
}
