internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct SignaturesVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Who signed which digest, and which lack the quorum.",
    discussion: """
      Exit status 0 only when every digest carries the signatures of enough maintainers and nothing hides \
      one from podman: so `make publish` can begin with it.

      Example: stagex-maint signatures verify --threshold 2 && make publish
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var images: ImageOptions

  @Option(
    help: ArgumentHelp(
      "How many maintainers must have signed each digest. Default: the policy's threshold.", valueName: "n"))
  var threshold: Int?

  @Flag(help: "Judge every image that has signatures, listed or not.")
  var all = false

  @Flag(help: "Print only the images that lack signatures or need attention.")
  var lacking = false

  @Option(help: "How to print: text, json, sarif, junit, github, markdown, html or csv.")
  var format = ReportFormat.text

  func validate() throws {
    if let threshold, threshold < 1 { throw ValidationError("--threshold must be at least 1") }
  }

  func run() throws {
    let console = common.console
    try running(console) {
      let session = try ImageSession(common, images)
      let report = try flow { () throws(FlowError) in try self.report(session) }
      switch format {
      case .json: console.out(report.json.text)
      case .text: QuorumText(console: console, report: report, session: session).print(onlyLacking: lacking)
      default:
        var page = Report(report, notes: session.allNotes, onlyLacking: lacking)
        page.draw(report, maintainers: session.maintainers, onlyLacking: lacking)
        console.out(page, as: format)
      }
      return ExitCode(report.outcome.exitStatus)
    }
  }

  private func report(_ session: ImageSession) throws(FlowError) -> QuorumReport {
    let store = try SignatureStore(path: session.signatures)
    if store == nil, images.signatures != nil {
      throw FlowError(
        .impossible, "there is no folder \(printable(session.signatures))", next: "git clone URL signatures")
    }
    let entries: [DigestEntry]
    if all {
      guard let store else {
        throw FlowError(
          .impossible, "there is no folder \(printable(session.signatures))", next: "git clone URL signatures")
      }
      entries = try store.images(namespace: images.namespace).map { DigestEntry(image: $0, list: "") }
    } else {
      entries = try session.lists().entries
    }
    let out = session.out
    var report = try QuorumReport.make(
      entries, store: store, judge: session.judge, threshold: threshold ?? session.policy.threshold,
      threads: Clock.processors
    ) { image in
      // The tag of the image as built here, where it was: a signature for another tag is one for another image.
      guard let layout = try? OCILayout.read(folder: "\(out)/\(image.package)", everyBlob: false),
        layout.digest == image.digest
      else { return nil }
      return layout.tag
    }
    report.strays = try store?.strays(namespace: images.namespace) ?? []
    return report
  }
}
