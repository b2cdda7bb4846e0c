import Dispatch

@testable import GitBridge
@testable import Review
@testable import SignFlow

/// What forges answer, and the addresses and events that lead to them.
let forgeParsers: [String: Parser] = [
  // The first octet chooses forge, question and status; the rest are the answers, with NUL between them.
  "forge": { bytes in
    guard let choice = bytes.first else { return }
    let answers = bytes.dropFirst().split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    let transport = Answers(status: [200, 200, 200, 301, 401, 404, 405, 409][Int(choice >> 3) & 7], bodies: answers)
    let remote = try! RemoteAddress("https://forge.example/owner/name.git")
    let token = Token("token")
    let forge: any Forge =
      switch choice & 3 {
      case 0: GitHubClient(remote: remote, token: token, transport: transport)
      case 1: ForgejoClient(remote: remote, token: token, transport: transport)
      default: GitLabClient(remote: remote, token: token, transport: transport)
      }
    let isList = choice & 4 != 0
    waiting {
      do throws(ForgeError) {
        let pulls = isList ? try await forge.openPullRequests().pulls : [try await forge.pullRequest(7)]
        for pull in pulls {
          precondition(isList || pull.number == 7)
          precondition(pull.headRef == forge.kind.headRef(of: pull.number))
          precondition((pull.headBranch == nil) == (pull.headRepository == nil))
          precondition(BranchName(pull.base.raw) != nil)
          for text in [pull.title, pull.body, pull.author] {
            precondition("\(text)".unicodeScalars.allSatisfy(isHarmless))
          }
        }
        guard choice & 0x80 != 0 else { return }
        _ = try await forge.markMerged(7, by: .zero)
        let main = BranchName("main")!
        let new = NewPullRequest(title: "T", body: "B", head: main, base: main)
        try await forge.edit(7, title: "T", body: "B")
        try await forge.comment(on: 7, "text")
        let made = try await forge.createOrUpdate(new)
        precondition(BranchName(made.base.raw) != nil)
      } catch {
        precondition(error.message.unicodeScalars.allSatisfy { isHarmless($0) || $0 == "\n" })
      }
    }
  },
  // Lines NAME=VALUE are the environment, and what follows an empty line is the event's file.
  "event": { bytes in
    let text = Array(bytes)
    let split = text.firstRange(of: "\n\n".utf8)
    let file = split.map { Array(text[$0.upperBound...]) }
    var environment = ["GITHUB_EVENT_PATH": "event"]
    for line in text[..<(split?.lowerBound ?? text.count)].split(separator: UInt8(ascii: "\n")) {
      let pair = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { continue }
      environment[String(decoding: pair[0], as: UTF8.self)] = String(decoding: pair[1], as: UTF8.self)
    }
    guard let request = try? GateRequest.read(environment, file: { _ in file }) else { return }
    precondition(request.target.hasPrefix("refs/heads/") || request.target.hasPrefix("refs/tags/"))
    precondition(request.target.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } && !request.target.contains(".."))
    switch request.question {
    case .merge(_, let ref):
      guard let ref else { return }
      precondition(["refs/pull/", "refs/merge-requests/"].contains { ref.hasPrefix($0) } && ref.hasSuffix("/head"))
      precondition(ref.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    case .pushed(let before, let after): precondition(before != after || environment["GITHUB_EVENT_NAME"] == nil)
    }
  },
  // An address that was understood is understood again when it is written out.
  "address": { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    if let remote = try? RemoteAddress(text) {
      let url = remote.url(of: remote.repository)
      let again = try! RemoteAddress(url)
      precondition(again.repository == remote.repository && again.origin == remote.origin)
      precondition(!url.hasPrefix("-") && url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }
    if let reference = try? PullRequestReference(text) {
      precondition(1...999_999_999 ~= reference.number)
      if let place = reference.place {
        let url = "\(place.origin)/\(place.repository)/pulls/\(reference.number)"
        precondition(try! PullRequestReference(url) == reference)
      }
    }
    if let branch = BranchName(text) { precondition(branch.ref.utf8.elementsEqual("refs/heads/\(text)".utf8)) }
    if let address = WebKeyAddress(text) {
      precondition(address.direct.path.hasPrefix("/.well-known/openpgpkey/hu/") && !address.direct.path.contains(" "))
      precondition(address.advanced.map { $0.origin.host.hasSuffix(address.host) } ?? true)
    }
  },
]

/// A forge that gives one answer after the other, and the last one again and again.
private final class Answers: Transport, @unchecked Sendable {
  private let status: Int
  private var bodies: [[UInt8]]

  init(status: Int, bodies: [[UInt8]]) { (self.status, self.bodies) = (status, bodies) }

  func send(_ request: HTTPRequest) async throws(ForgeError) -> HTTPResponse {
    let body = bodies.count > 1 ? bodies.removeFirst() : bodies.first ?? []
    return HTTPResponse(status: status, body: body, location: Untrusted(String(decoding: body, as: UTF8.self)))
  }
}

private func waiting(_ body: @escaping @Sendable () async -> Void) {
  let end = DispatchSemaphore(value: 0)
  Task.detached {
    await body()
    end.signal()
  }
  end.wait()
}
