internal import ArgumentParser

/// The key that a command puts evidence beside, as `RegistryCheckout.key` finds it.
struct KeyArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A person of the registry with one key, or a key's fingerprint.", valueName: "person-or-key"))
  var who: String
}
