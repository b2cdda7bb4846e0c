internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review
internal import SignFlow

struct KeysFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Get the certificates of listed keys from servers, keyrings or gpg into the work tree.",
    discussion: """
      For every fingerprint that MAINTAINERS lists it asks the servers that the entry names, the web key directories \
      of the person's addresses, and keys.openpgp.org. The fingerprint decides, never the server: what comes is merged \
      with the copy that is there, only what the key itself has signed is kept, and nothing is ever taken back. The \
      difference is shown and written to keys/ in the work tree, and no further: the change is reviewed like any other.

      --from, which may be given several times, names the places to ask instead: wkd, gpg, https://HOST (VKS, as \
      keys.openpgp.org), hkps://HOST (HKP), a keyring file, a folder of certificates. Only HTTPS; plain HTTP to this \
      machine itself, and to .onion hosts through --proxy. No redirect is followed. Proxies of the environment \
      (https_proxy, ALL_PROXY) are respected; for Tor: --proxy socks5h://127.0.0.1:9050

      Exit status: 0 when every key that was asked for has its certificate; 1 when one has none, or what came is \
      refused; 75 when a place did not answer that may answer later.

      Example: stagex-maint keys fetch --dry-run alice
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var asking: FetchOptions
  @Option(help: ArgumentHelp("The folder of the registry. Default: the work tree.", valueName: "dir"))
  var registry: String?
  @Flag(help: "Ask and show everything, write nothing.")
  var dryRun = false
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text
  @Argument(help: ArgumentHelp("People's ids or keys' fingerprints. Default: everybody.", valueName: "who"))
  var who: [String] = []

  func run() throws {
    let console = common.console
    try running(console) {
      let folder = try RegistryFolder(registry, common)
      guard let list = try folder.list() else {
        throw Failure.cannotJudge(
          "\(printable(folder.path)) holds no \(MaintainersFile.path), so nobody's certificate is wanted",
          next: "stagex-maint init")
      }
      let wanted = try chosen(try Self.directions(list))
      let findings = try asking.ask(for: wanted, console)
      var source = RegistrySource(folder: folder.path).replacing([(MaintainersFile.path, list)])
      let results = findings.map { FetchResult($0, &source, now: Clock.now) }
      let files = results.flatMap(\.files)
      if !dryRun { try folder.write(files, unlessChanged: list) }
      let telling = KeysFetchTelling(console: console, results: results, folder: folder, isDryRun: dryRun)
      switch format {
      case .text: telling.tell(source)
      case .json: console.out(telling.json.text)
      }
      return telling.status
    }
  }

  static func directions(_ list: [UInt8]) throws -> [CertificateDirections] {
    do throws(FileDefect) {
      return try CertificateDirections.read(list)
    } catch {
      throw Failure.cannotJudge(printable(error.message, limit: 500), next: "stagex-maint policy lint")
    }
  }

  private func chosen(_ all: [CertificateDirections]) throws -> [CertificateDirections] {
    guard !who.isEmpty else { return all }
    for name in who where !all.contains(where: { Self.means(name, $0) }) {
      throw Failure.usage("the list has neither a person nor a key \(printable(name))", next: "stagex-maint keys list")
    }
    return all.filter { direction in who.contains { Self.means($0, direction) } }
  }

  private static func means(_ name: String, _ direction: CertificateDirections) -> Bool {
    direction.entry.person == name || Fingerprint(hex: name) == direction.entry.fingerprint
  }
}
