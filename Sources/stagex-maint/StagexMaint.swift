internal import ArgumentParser
internal import Glibc
internal import Review

struct StagexMaint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stagex-maint",
    abstract: "Judges whether each change carries the signatures of two maintainers.",
    discussion: """
      A server calls `hook pre-receive`, a CI calls `gate`, a maintainer types `verify`, `explain` and \
      `audit`. All of them judge by the same rule and must say the same.

      Exit status: 0 accepted or done; 1 refused; 2 could not judge; 3 stopped by the person; \
      64 wrong usage; 75 try again.
      """,
    version: Version.text,
    subcommands: [
      VerifyCommand.self, AuditCommand.self, GateCommand.self, ExplainCommand.self, LogCommand.self,
      HookCommand.self, PolicyCommand.self, KeysCommand.self, CosignCommand.self, QueueCommand.self, CardCommand.self,
      SignaturesCommand.self, SignCommand.self, StageCommand.self, ImageSignerCommand.self, InitCommand.self,
      DoctorCommand.self,
      CompletionsCommand.self, ManCommand.self,
      FetchCommand.self, CheckCommand.self, LedgerCommand.self, ReleaseCommand.self,
    ])
}
