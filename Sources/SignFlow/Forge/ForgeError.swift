/// Why the forge gave no answer that can be used.
package enum ForgeError: Error, Sendable, Equatable {
  /// The text names no pull request.
  case notAReference(Untrusted)
  /// A remote's URL that names no repository on a forge.
  case notOnAForge(remote: Untrusted)
  /// A pull request's URL that points to another repository than the remotes'.
  case otherRepository(asked: String)
  /// Plain HTTP to another machine: whoever sits between could read the token and change every answer.
  case insecure(origin: String)
  /// Neither the address nor the answers tell which kind of forge it is.
  case unknownKind(origin: String)
  /// A setting that must hold one of a few words.
  case badSetting(name: String, value: Untrusted)
  /// No connection, no name, no certificate that we trust; `reason` is curl's.
  case unreachable(origin: String, reason: Untrusted)
  case timedOut(origin: String)
  case tooLarge(origin: String)
  /// An answer that is not what the forge's interface promises.
  case malformed(origin: String, reason: String)
  /// We follow no redirect: it could lead to another machine or another repository.
  case redirected(origin: String, to: Untrusted)
  /// The answer is about another repository or another pull request than the question.
  case answersAbout(Untrusted, asked: String)
  /// HTTP 401, or a task that needs a token where there is none.
  case notLoggedIn(origin: String)
  /// HTTP 403 and other refusals.
  case refused(status: Int, message: Untrusted)
  case notFound(String)
  /// HTTP 409: a pull request for these branches is there already.
  case alreadyExists(message: Untrusted)
  /// HTTP 429 and 503; the seconds are the forge's wish.
  case busy(origin: String, seconds: Int?)
  /// Our own machine: curl or git cannot be run.
  case local(String)

  /// One sentence, safe to print.
  package var message: String {
    switch self {
    case .notAReference(let text): "\(text) names no pull request"
    case .notOnAForge(let remote): "the remote \(remote) is no repository on a forge"
    case .otherRepository(let asked): "\(asked) is none of this repository's remotes"
    case .insecure(let origin): "\(origin) is plain HTTP: anybody on the way could change its answers"
    case .unknownKind(let origin): "\(origin) is no forge that we know"
    case .badSetting(let name, let value): "\(name) is \(value)"
    case .unreachable(let origin, let reason): "\(origin) cannot be reached: \(reason)"
    case .timedOut(let origin): "\(origin) did not answer in time"
    case .tooLarge(let origin): "\(origin) sent an answer that is too large"
    case .malformed(let origin, let reason): "\(origin) sent an answer that makes no sense: \(reason)"
    case .redirected(let origin, let target): "\(origin) sends us on to \(target), and we do not follow"
    case .answersAbout(let other, let asked): "asked for \(asked), the forge answers about \(other)"
    case .notLoggedIn(let origin): "\(origin) wants to know who you are"
    case .refused(let status, let message): "the forge refuses (HTTP \(status)): \(message)"
    case .notFound(let what): "the forge knows no \(what)"
    case .alreadyExists(let message): "the forge has that pull request already: \(message)"
    case .busy(let origin, let seconds): "\(origin) is busy" + (seconds.map { " for \($0) s" } ?? "")
    case .local(let text): text
    }
  }

  /// The command or the deed that mends it.
  package var next: String {
    switch self {
    case .notAReference: "write PR-123, 123, #123, !123, or the address of its page"
    case .notOnAForge, .otherRepository: "name the remote of the repository on the forge: --remote NAME"
    case .insecure: "change the remote's address to https: git remote set-url NAME https://…"
    case .unknownKind: "say which it is: git config maint.forge forgejo (or gitea, github, gitlab)"
    case .badSetting(let name, _): "set it: git config \(name) forgejo (or gitea, github, gitlab)"
    case .unreachable, .timedOut, .busy:
      "try again; without the forge, git alone can do all but open and close pull requests"
    case .tooLarge, .malformed: "look at the pull request in a browser; maint.forge may name the wrong kind of forge"
    case .redirected: "if the repository has moved: git remote set-url NAME ADDRESS"
    case .answersAbout: "do not trust this forge's answers; fetch with git and compare"
    case .notLoggedIn:
      """
      put its token into MAINT_TOKEN_<HOST> (CODEBERG_ORG and the like), or into git's credential helper: \
      git credential approve
      """
    case .refused: "ask whether your token may do this (it needs write:repository and write:issue)"
    case .notFound:
      "check the number and the remote (git remote -v); what is private also needs a token, in MAINT_TOKEN_<HOST>"
    case .alreadyExists: "use the pull request that is there"
    case .local: "install what is missing: apt-get install curl git"
    }
  }

  /// Whether the same command may work later (exit status 75).
  package var isTemporary: Bool {
    switch self {
    case .unreachable, .timedOut, .busy: true
    default: false
    }
  }
}
