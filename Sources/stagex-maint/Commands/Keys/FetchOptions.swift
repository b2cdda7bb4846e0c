internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review
internal import SignFlow

/// Whom to ask, and how.
struct FetchOptions: ParsableArguments {
  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Ask only here: wkd, gpg, a server, a file or a folder; may be given several times.", valueName: "place"))
  var from: [String] = []
  @Option(
    help: ArgumentHelp(
      "Go through this proxy: socks5h://HOST:PORT, http://HOST:PORT or https://HOST:PORT.", valueName: "url"))
  var proxy: String?
  @Option(help: ArgumentHelp("Give a place up after so many seconds.", valueName: "seconds"))
  var timeout = 20

  func ask(for wanted: [CertificateDirections], _ console: Console) throws -> [CertificateFinding] {
    guard (1...600).contains(timeout) else { throw Failure.usage("--timeout \(timeout): 1 to 600 seconds") }
    let sources: [CertificateSource]
    do throws(CertificateSource.Defect) {
      var list: [CertificateSource] = []
      for text in from { list.append(try CertificateSource(typed: text)) }
      sources = list
    } catch {
      throw Failure.usage(error.message, next: "stagex-maint keys fetch --help")
    }
    let environment = ProcessEnvironment.current
    let transport = CurlTransport(
      environment: environment, seconds: timeout, proxy: try checkedProxy(), secondsForQuestions: 900)
    let fetch = CertificateFetch(transport: transport, environment: environment, sources: sources)
    let findings = waiting {
      await fetch.ask(for: wanted) { console.progress("\($0) of \(wanted.count) keys asked for") }
    }
    console.endProgress()
    return findings
  }

  private func checkedProxy() throws -> String? {
    guard let proxy else { return nil }
    let next = "--proxy socks5h://127.0.0.1:9050"
    if proxy.hasPrefix("socks5://") || proxy.hasPrefix("socks4") {
      throw Failure.usage(
        "with \(printable(proxy)) this machine's own name service would learn whom you ask for", next: next)
    }
    guard ["socks5h://", "http://", "https://"].contains(where: proxy.hasPrefix),
      proxy.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw Failure.usage("\(printable(proxy)) is no proxy's URL", next: next)
    }
    return proxy
  }
}
