internal import ArgumentParser
internal import Basics
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

struct KeysAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Put a certificate into the registry, or a newer copy of one that is there.",
    discussion: """
      Judges the certificate, writes keys/<FINGERPRINT>.asc and the entry in MAINTAINERS into the work tree, both or \
      neither, and tells what to type next. Certifications by others are left out; what the registry's copy says \
      already is kept, revocations above all. Nothing is committed: the change is reviewed like any other.

      Example: gpg --armor --export FPR | stagex-maint keys add - --person alice --label card --name "Alice Example" \
      --device "YubiKey 5"
      """)

  @OptionGroup var common: CommonOptions
  @Option(
    help: ArgumentHelp(
      "Whose key it is: the person's id in MAINTAINERS. Needed for a key that is not listed yet.", valueName: "id"))
  var person: String?
  @Option(help: ArgumentHelp("The key's name among the person's keys, such as card.", valueName: "label"))
  var label: String?
  @Option(help: ArgumentHelp("A new person's name.", valueName: "text"))
  var name: String?
  @Option(help: ArgumentHelp("A smartcard that the key lives on; may be given several times.", valueName: "text"))
  var device: [String] = []
  @Option(
    help: ArgumentHelp(
      "The primary key that is meant, where the file holds several certificates.", valueName: "fingerprint"))
  var key: String?
  @Option(help: ArgumentHelp("The folder of the registry. Default: the work tree.", valueName: "dir"))
  var registry: String?
  @Flag(help: "Judge and show everything, write nothing.")
  var dryRun = false
  @Argument(help: ArgumentHelp("The certificate, armored or not; - is standard input.", valueName: "file"))
  var file: String

  func run() throws {
    let console = common.console
    try running(console) {
      let folder = try RegistryFolder(registry, common)
      let bytes = try certificate()
      let list = try folder.list()
      var source = RegistrySource(folder: folder.path)
      if let list { source = source.replacing([(MaintainersFile.path, list)]) }
      let wanted = key.map { Fingerprint(hex: $0) }
      guard wanted == nil || wanted != .some(nil) else {
        throw Failure.usage("--key \(printable(key ?? "")): 40 hexadecimal digits are needed", next: "gpg --list-keys")
      }
      let request = KeyRequest(person: person, label: label, name: name, devices: device, key: wanted ?? nil)
      let addition: KeyAddition
      do throws(KeyRefusal) {
        addition = try KeyAddition.plan(bytes, request, in: source, now: Clock.now)
      } catch {
        throw Failure(error, of: file)
      }
      let reading = try byGnuPG(addition, source)
      if !dryRun { try folder.write(addition.files, unlessChanged: list) }
      KeysAddTelling(console: console, addition: addition, reading: reading, folder: folder, isDryRun: dryRun).tell()
      return .success
    }
  }

  /// What GnuPG would make of the registry with the key, unless this repository is judged without it.
  private func byGnuPG(_ addition: KeyAddition, _ source: RegistrySource) throws -> GnuPGReading? {
    let engine = (try? Repository.open(path: common.repository))?.config("maint.engine")
    guard engine != EngineChoice.native.rawValue,
      let after = try Registry.readIfPresent(source.replacing(addition.files))
    else { return nil }
    return after.gnupgReading(at: Clock.now)
  }

  private func certificate() throws -> [UInt8] {
    if file == "-" { return try standardInput() }
    guard let bytes = try HookPlaces.readFile(file) else {
      throw Failure.cannotJudge(
        "there is no file \(printable(file))", next: "gpg --armor --export FINGERPRINT > key.asc")
    }
    return bytes
  }

  private func standardInput() throws -> [UInt8] {
    let limit = 1 << 20
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let got = unsafe buffer.withUnsafeMutableBytes { buffer in
        unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      }
      guard got >= 0 else { throw Failure.cannotJudge("standard input cannot be read: \(errorText(errno))") }
      if got == 0 { return bytes }
      bytes += buffer[..<got]
    }
    throw Failure.cannotJudge("standard input is larger than 1 MiB")
  }
}

extension Failure {
  /// - Parameter file: As it was named on the command line.
  fileprivate init(_ refusal: KeyRefusal, of file: String) {
    let name = file == "-" ? "standard input" : printable(file)
    let status: ExitCode =
      switch refusal.code {
      case .usage, .badText: .validationFailure
      case .registryInvalid: ExitCode(2)
      default: ExitCode(1)
      }
    self.init(
      message: "\(name): \(printable(refusal.message, limit: 700)) (\(refusal.code.rawValue))",
      next: refusal.next.isEmpty ? nil : refusal.next.line, status: status)
  }
}

extension [NextStep] {
  /// All of them on one line, each only when those before it have done their work.
  var line: String { map(\.text).joined(separator: " && ") }
}
