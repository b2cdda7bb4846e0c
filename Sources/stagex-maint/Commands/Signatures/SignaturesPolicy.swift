internal import ArgumentParser
internal import Basics
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

struct SignaturesPolicy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Write policy.json, registries.d and keyrings for podman and skopeo.",
    discussion: """
      Podman cannot ask for "two of these maintainers". policy.json asks for one of them. policy-quorum.json \
      lists every digest that has the quorum now, and asks for the signatures of two by name. \
      policy-digests.json lists the same digests for programs that do not understand signing subkeys \
      (containers/image before August 2025). docs/images.md says what each gives.

      Example: stagex-maint signatures policy --output /etc/containers/stagex --lookaside https://example.org/signatures
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var images: ImageOptions

  @Option(help: ArgumentHelp("The folder to write into.", valueName: "dir"))
  var output = "container-policy"

  @Option(
    help: ArgumentHelp("Where the images are pulled from. Default: docker.io and the namespace.", valueName: "name"))
  var scope: String?

  @Option(
    help: ArgumentHelp(
      "Where the signatures are served. Default: the folder of the signatures, as a file:// URL.", valueName: "url"))
  var lookaside: String?

  @Option(help: ArgumentHelp("Where the folder will be installed. Default: where it is written.", valueName: "dir"))
  var installedAt: String?

  @Flag(help: "Let images from everywhere else pass, unsigned. Without it they are refused.")
  var acceptOthers = false

  @Option(
    help: ArgumentHelp(
      "How many maintainers must have signed each digest. Default: the policy's threshold.", valueName: "n"))
  var threshold: Int?

  func validate() throws {
    if let threshold, threshold < 1 { throw ValidationError("--threshold must be at least 1") }
    if let installedAt, !installedAt.hasPrefix("/") { throw ValidationError("--installed-at must be an absolute path") }
  }

  func run() throws {
    let console = common.console
    try running(console) {
      let session = try ImageSession(common, images)
      let report = try flow { () throws(FlowError) in
        try QuorumReport.make(
          try session.lists().entries,
          store: try SignatureStore(path: session.signatures), judge: session.judge,
          threshold: threshold ?? session.policy.threshold, threads: Clock.processors)
      }
      let folder = try absolute(output)
      let policy = ContainerPolicy(
        scope: scope ?? "docker.io/\(images.namespace)", namespace: images.namespace,
        lookaside: try lookaside ?? "file://\(absolute(session.signatures))",
        folder: installedAt ?? folder, acceptsOthers: acceptOthers)
      for file in policy.files(registry: session.registry, evidence: session.policy.evidence, report: report) {
        try makeFolders(folder, file.name)
        try flow { () throws(FlowError) in try AtomicFile.write(file.bytes, to: "\(folder)/\(file.name)") }
        console.out("\(printable(folder))/\(file.name)")
      }
      let lacking = report.images.count(where: report.lacks)
      console.out("")
      for note in session.notes { console.out("note: \(note)") }
      console.out(
        """
        \(report.images.count - lacking) of \(report.images.count) digests have \(report.threshold) \
        maintainers and are listed
        """)
      if lacking > 0 {
        console.err(
          "note: \(lacking) digests lack the quorum and are left out: stagex-maint signatures verify --lacking")
      }
      return .success
    }
  }

  private func absolute(_ path: String) throws -> String {
    if path.hasPrefix("/") { return path }
    var buffer = [CChar](repeating: 0, count: 4096)
    guard unsafe getcwd(&buffer, buffer.count) != nil else {
      throw Failure.cannotJudge("the current folder is not known")
    }
    let here = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path == "." ? here : "\(here)/\(path)"
  }

  private func makeFolders(_ folder: String, _ name: String) throws {
    var path = folder
    for part in [""] + name.split(separator: "/").dropLast().map(String.init) {
      if !part.isEmpty { path += "/" + part }
      guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
        throw Failure.cannotJudge("\(printable(path)) cannot be made: \(errorText(errno))")
      }
    }
  }
}
