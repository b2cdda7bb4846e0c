internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

/// Finds out about a pull request: from the person's words, from the forge where it answers, else from git alone.
struct PullRequestLookup {
  let repository: Repository
  let environment: [String: String]
  let remoteName: String?
  let base: String?
  let console: Console

  /// The remote that pull requests live at, by name; for the address of a page, the one that has that repository.
  func remote(of reference: PullRequestReference? = nil) throws -> Remote {
    let remotes = try repository.remotes()
    if let reference, reference.place != nil, remoteName == nil, repository.config("maint.remote") == nil {
      do throws(ForgeError) {
        let chosen = try reference.remote(among: remotes, preferred: nil)
        if let remote = remotes.first(where: { $0.name == chosen.name }) { return remote }
      } catch {
        throw Failure(message: error.message, next: error.next, status: .validationFailure)
      }
    }
    let name = remoteName ?? repository.homeRemote(remotes)
    guard let remote = remotes.first(where: { $0.name == name }) else { throw Failure.cosign(.noRemote(name)) }
    return remote
  }

  /// The remote that the settings name, whatever a pasted link says.
  func home() throws -> Remote? {
    let remotes = try repository.remotes()
    let name = repository.homeRemote(remotes)
    return remotes.first { $0.name == name }
  }

  /// The forge's client; nil, with a word about it, where there is none to ask.
  func forge(behind remote: Remote) -> (any Forge)? {
    let finder = ForgeFinder(
      transport: CurlTransport(environment: environment),
      credentials: repository.credentials(environment),
      setting: repository.config("maint.forge"))
    let found: Result<any Forge, ForgeError> = waiting { [url = remote.url] in
      do throws(ForgeError) {
        return .success(try await finder.forge(behind: url))
      } catch {
        return .failure(error)
      }
    }
    switch found {
    case .success(let forge): return forge
    case .failure(.notOnAForge): return nil
    case .failure(let error):
      console.err("note: the forge is not asked: \(printable(error.message, limit: 300))")
      return nil
    }
  }

  /// - Parameter forge: Asked for what git does not know; a forge that lies about it is noticed when the head is
  ///   fetched.
  func facts(_ reference: PullRequestReference, remote: Remote, forge: (any Forge)?) throws -> PullRequestFacts {
    if let place = reference.place { try check(place, remote) }
    let number = reference.number
    let name = forge?.kind.name(of: number) ?? "PR-\(number)"
    let headRef = (forge?.kind ?? .forgejo).headRef(of: number)
    let answer = forge.map { forge in
      waiting { () -> Result<PullRequest, ForgeError> in
        do throws(ForgeError) {
          return .success(try await forge.pullRequest(number))
        } catch {
          return .failure(error)
        }
      }
    }
    switch answer {
    case .success(let pull)?:
      var facts = PullRequestFacts(
        name: name, number: number, headRef: pull.headRef, base: base ?? pull.base.raw, claimedHead: pull.head,
        title: pull.title.raw, author: pull.author.raw, home: home(of: pull, at: forge))
      facts.add(pull)
      return facts
    case .failure(let error)? where !error.isTemporary && !error.leavesGit:
      throw Failure(message: printable(error.message, limit: 500), next: error.next, status: .init(2))
    case .failure(let error)?:
      console.err("note: the forge does not answer, so git alone is asked: \(printable(error.message, limit: 300))")
      fallthrough
    case nil:
      return PullRequestFacts(
        name: name, number: number, headRef: headRef, base: try baseWithoutForge(remote),
        home: homeWithoutForge(headRef, forge?.kind))
    }
  }

  /// Where the adopting commit goes.
  func home(of pull: PullRequest, at forge: (any Forge)?) -> PullRequestFacts.Home {
    if pull.flow == .agit { return .here(ref: pull.headRef) }
    guard let branch = pull.headBranch, let place = pull.headRepository, let forge else {
      return .closed(reason: "the branch that \(pull.headRef) came from is gone")
    }
    if place == forge.remote.repository { return .here(ref: branch.ref) }
    if pull.allowsMaintainerEdits == true { return .fork(url: forge.remote.url(of: place), ref: branch.ref) }
    return .closed(reason: "the author does not allow maintainers to push to \(place):\(branch)")
  }

  /// Without the forge nothing tells whether the request comes from a fork. On Forgejo, Gitea and a plain server the
  /// adoption can go to the request's own ref; GitHub and GitLab let nobody push there.
  private func homeWithoutForge(_ headRef: String, _ kind: ForgeKind?) -> PullRequestFacts.Home {
    switch kind {
    case .github?, .gitlab?: .closed(reason: "the forge does not say which branch \(headRef) comes from")
    case .forgejo?, nil: .here(ref: headRef)
    }
  }

  /// Another repository's pull request has the same numbers and other contents.
  private func check(_ place: PullRequestReference.Place, _ remote: Remote) throws {
    guard let address = try? RemoteAddress(remote.url), address.repository == place.repository,
      address.origin.host == place.origin.host
    else {
      let error = ForgeError.otherRepository(asked: "\(place.origin)/\(place.repository)")
      throw Failure(message: error.message, next: error.next, status: .validationFailure)
    }
  }

  private func baseWithoutForge(_ remote: Remote) throws -> String {
    if let base { return base }
    let prefix = "refs/remotes/\(remote.name)/"
    if let branch = repository.headBranch(), let upstream = repository.upstream(ofBranch: branch),
      upstream.hasPrefix(prefix)
    {
      return String(upstream.dropFirst(prefix.count))
    }
    // Pull requests of StageX are bound for staging.
    if (try? repository.resolve(ref: prefix + "staging")) ?? nil != nil { return "staging" }
    throw Failure.cosign(.unknownBase)
  }
}

extension PullRequestFacts {
  /// What else the forge says of it.
  mutating func add(_ pull: PullRequest) {
    state = pull.state
    claimedBase = pull.baseHead
    branch = pull.headBranch.map { branch in pull.headRepository.map { "\($0):\(branch)" } ?? "\(branch)" }
  }
}

extension Repository {
  /// The name of the remote that is the project's own: what the settings say, the only one, or `origin`.
  func homeRemote(_ remotes: [Remote]) -> String {
    config("maint.remote") ?? (remotes.count == 1 ? remotes[0].name : "origin")
  }

  /// Where tokens come from, and for which forge each is.
  func credentials(_ environment: [String: String]) -> Credentials {
    let remotes = (try? self.remotes()) ?? []
    let name = homeRemote(remotes)
    let home = remotes.first { $0.name == name }?.url ?? config("maint.signatures")
    let others = remotes.map(\.url) + [config("maint.signatures")].compactMap(\.self)
    return Credentials(
      environment: environment, repository: commonDirectory, home: home.flatMap { try? RemoteAddress($0).origin },
      known: others.compactMap { try? RemoteAddress($0).origin }, file: config("maint.tokenFile"))
  }
}

extension ForgeError {
  /// Whether git alone can still do the work: the forge is not there, or does not talk to us.
  var leavesGit: Bool {
    switch self {
    // Too large: nobody's description may keep a request from being judged.
    case .notLoggedIn, .refused, .unknownKind, .insecure, .tooLarge: true
    default: false
    }
  }
}

/// Runs a command's body; what stops a co-signature becomes the command's failure.
///
/// - Parameter telling: Tells more of a `CosignError`, before the failure's own message.
func cosigning(
  _ console: Console, _ body: () throws -> ExitCode, telling: (CosignError) -> Void = { _ in }
) throws {
  try running(console) {
    do {
      return try body()
    } catch let error as CosignError {
      telling(error)
      throw Failure.cosign(error)
    } catch let error as SigningError {
      throw Failure.signing(error)
    }
  }
}

extension Failure {
  static func cosign(_ error: CosignError) -> Failure {
    Failure(message: error.message, next: error.next, status: .init(error.exitStatus))
  }
}
