import Foundation
import Support
import Testing

/// `hook doctor` on a server that is broken in every way that we know: it finds each, and what it says of unsigned
/// pushes is what an unsigned push then shows.
@Suite struct DoctorTests {
  /// A way to break a server, and the finding that must name it.
  struct Way: CustomTestStringConvertible, Sendable {
    let name: String
    let code: String
    let script: String
    var environment: [String: String] = [:]
    /// What only the server's git sees.
    var push: [String: String] = [:]
    var testDescription: String { name }

    init(
      _ name: String, _ code: String, _ script: String, environment: [String: String] = [:],
      push: [String: String] = [:]
    ) {
      (self.name, self.code, self.script, self.environment, self.push) = (name, code, script, environment, push)
    }
  }

  /// Without the backstop: it would stop what the broken hook lets through.
  static let bare = "rm hooks/reference-transaction\n"
  static let forge =
    bare + """
      mkdir hooks/pre-receive.d; mv hooks/pre-receive hooks/pre-receive.d/stagex-maint
      cat >hooks/pre-receive <<'END'
      \(HookPlaceTests.forge)
      END
      chmod 755 hooks/pre-receive
      printf '#!/bin/sh\\n[ "$GITEA_INTERNAL_PUSH$PUSHED" ]\\n' >hooks/pre-receive.d/gitea; \
      chmod 755 hooks/pre-receive.d/gitea

      """
  /// What gitolite's trigger `repo-specific-hooks` makes: a script that runs every hook beside it.
  static let gitolite =
    bare + """
      mkdir -p $S/local/hooks/repo-specific
      mv hooks/pre-receive $S/local/hooks/repo-specific/stagex-maint
      cat >$S/local/hooks/multi-hook-driver <<'END'
      #!/bin/sh
      type=args
      stdin=''
      [ $0 != hooks/post-update ] && {
          type=stdin
          stdin=`cat`
      }
      for h in $0.*; do
          [ -x $h ] || continue
          if [ $type = args ]; then
              $h $@ || { [ $0 = hooks/pre-receive ] && exit 1; }
          else
              echo "$stdin" | $h || { [ $0 = hooks/pre-receive ] && exit 1; }
          fi
      done
      END
      chmod 755 $S/local/hooks/multi-hook-driver
      ln -s $S/local/hooks/multi-hook-driver hooks/pre-receive
      ln -s $S/local/hooks/repo-specific/stagex-maint hooks/pre-receive.h00-stagex-maint

      """
  /// GitLab's git has hooks of its own, and those run what is in `custom_hooks`.
  static let gitlab =
    bare + """
      mkdir -p custom_hooks/pre-receive.d $S/gitaly; mv hooks/pre-receive custom_hooks/pre-receive.d/stagex-maint
      printf '%s\\n' '#!/bin/sh' 'h=custom_hooks/pre-receive.d/stagex-maint; [ ! -x $h ] || exec $h' \
      >$S/gitaly/pre-receive
      chmod 755 $S/gitaly/pre-receive

      """
  static let gitaly = [
    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": "$S/gitaly",
  ]
  /// The hook as a script of ours around it; `real` is what was installed.
  static func wrapped(_ lines: String) -> String {
    bare
      + """
      mv hooks/pre-receive hooks/real
      printf '%s\\n' '#!/bin/sh' '\(lines)' >hooks/pre-receive
      chmod 755 hooks/pre-receive

      """
  }
  /// The hook runs a program of its own, which can then be broken.
  static let program =
    bare + """
      mkdir $S/bin; cp $BIN $S/bin/stagex-maint
      sed -i "s|^program=.*|program=$S/bin/stagex-maint|" hooks/pre-receive
      git config maint.program $S/bin/stagex-maint

      """
  static func setting(_ key: String, _ value: String, _ code: String = "setting-invalid") -> Way {
    Way("\(key) \(value)", code, "git config \(key) '\(value)'")
  }
  static let writes = Tool.find("chown") != nil && getuid() == 0

  static let files = [
    Way("empty file", "hook-file", bare + ": >hooks/pre-receive"),
    Way("foreign exit 0", "lets-pass", bare + "printf '#!/bin/sh\\nexit 0\\n' >hooks/pre-receive"),
    Way("no hook", "hook-file", bare + "rm hooks/pre-receive"),
    Way("not executable", "hook-file", bare + "chmod 644 hooks/pre-receive"),
    Way("link to nowhere", "hook-file", bare + "ln -sf /nonexistent hooks/pre-receive"),
    Way("a folder", "hook-file", bare + "rm hooks/pre-receive; mkdir hooks/pre-receive"),
    Way("wrong interpreter", "hook-file", bare + "sed -i '1s|.*|#!/usr/bin/nonexistent|' hooks/pre-receive"),
    Way("CRLF", "hook-file", bare + "sed -i 's/$/\\r/' hooks/pre-receive"),
    Way("zeroed", "lets-pass", bare + "head -c 900 /dev/zero >hooks/pre-receive"),
    Way("torn", "lets-pass", bare + "head -c 250 hooks/pre-receive >x; cat x >hooks/pre-receive; rm x"),
    Way("foreign exit 1", "refuses-everything", bare + "printf '#!/bin/sh\\nexit 1\\n' >hooks/pre-receive"),
    Way(
      "foreign exit 1 in our words", "refuses-everything",
      bare
        + """
        printf '#!/bin/sh\\necho error: push refused on refs/heads/main: \
        deletion too-few-endorsers\\nexit 1\\n' >hooks/pre-receive
        """
    ),
    Way("wrapper that forgives", "lets-pass", wrapped("hooks/real || true; exit 0")),
    Way("wrapper in the background", "lets-pass", wrapped("hooks/real <&0 & exit 0")),
    Way("wrapper that swallows the list", "refuses-everything", wrapped("cat >/dev/null; exec hooks/real")),
    Way(
      "wrapper for one branch", "lets-pass",
      wrapped("list=$(cat); case $list in *staging*) echo \"$list\" | hooks/real;; esac")),
    Way(
      "wrapper for the lead alone", "lets-pass",
      wrapped("list=$(cat); case $list in *heads/main*) echo \"$list\" | hooks/real;; esac")),
    Way(
      "wrapper for a forge's own pushes", "lets-pass",
      wrapped("[ \"$GITEA_INTERNAL_PUSH\" ] || exit 0; exec hooks/real")),
    Way(
      "wrapper that lets deletions pass", "lets-deletions-pass",
      wrapped(
        """
        list=$(cat); case $list in *" 0000000000000000000000000000000000000000 "*) exit 0;; esac; \
        echo "$list" | hooks/real
        """)),
    Way("wrapper that clears the environment", "refuses-otherwise", wrapped("exec env -i hooks/real")),
  ]

  static let servers = [
    Way("forge: wrapper emptied", "hook-file", forge + ": >hooks/pre-receive"),
    Way("forge: wrapper exits 0", "lets-pass", forge + "printf '#!/bin/sh\\nexit 0\\n' >hooks/pre-receive"),
    Way("forge: wrapper not executable", "hook-file", forge + "chmod 644 hooks/pre-receive"),
    Way("forge: our file emptied", "hook-file", forge + ": >hooks/pre-receive.d/stagex-maint"),
    Way("forge: our file not executable", "hook-file", forge + "chmod 644 hooks/pre-receive.d/stagex-maint"),
    Way("forge: our file gone", "hook-file", forge + "rm hooks/pre-receive.d/stagex-maint"),
    Way(
      "forge: only its own pushes", "lets-pass",
      forge + "sed -i '2i [ \"$GITEA_INTERNAL_PUSH\" ] || exit 0' hooks/pre-receive"),
    Way("gitolite: link removed", "lets-pass", gitolite + "rm hooks/pre-receive.h00-stagex-maint"),
    Way("gitolite: link to nowhere", "lets-pass", gitolite + "rm $S/local/hooks/repo-specific/stagex-maint"),
    Way("gitolite: driver removed", "hook-file", gitolite + "rm $S/local/hooks/multi-hook-driver"),
    Way(
      "GitLab: not executable", "hook-file", gitlab + "chmod 644 custom_hooks/pre-receive.d/stagex-maint",
      push: gitaly),
    Way("hooksPath elsewhere", "hooks-path", bare + "git config core.hooksPath /nonexistent"),
    Way("hooksPath relative", "hooks-path", bare + "mkdir other; git config core.hooksPath other"),
    Way(
      "hooksPath of the user", "hooks-path",
      bare + "printf '[core]\\nhooksPath = /nonexistent\\n[safe]\\ndirectory = *\\n' >$S/global",
      environment: ["GIT_CONFIG_GLOBAL": "$S/global"]),
    Way(
      "hooksPath in the environment", "hooks-path", bare,
      environment: [
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": "/nonexistent",
      ]),
    Way("switched off for newer git", "hook-switched-off", "git config hook.pre-receive.enabled false"),
    Way("configuration torn", "not-told", bare + "printf '[core' >>config"),
    Way("backstop emptied", "backstop-open", ": >hooks/reference-transaction"),
    Way("backstop not executable", "backstop-open", "chmod 644 hooks/reference-transaction"),
    Way("backstop exits 0", "backstop-open", "printf '#!/bin/sh\\nexit 0\\n' >hooks/reference-transaction"),
    Way(
      "backstop exits 1", "backstop-refuses-everything", "printf '#!/bin/sh\\nexit 1\\n' >hooks/reference-transaction"),
    Way("only the backstop", "hook-file", "rm hooks/pre-receive"),
    Way("shallow", "shallow", bare + "git rev-parse main >shallow"),
  ]

  static let programs = [
    Way("program is /bin/true", "other-program", bare + "sed -i 's|^program=.*|program=/bin/true|' hooks/pre-receive"),
    Way("program deleted", "no-program", program + "rm $S/bin/stagex-maint"),
    Way("program emptied", "refuses-everything", program + ": >$S/bin/stagex-maint"),
    Way("program replaced", "lets-pass", program + "cp /bin/true $S/bin/stagex-maint"),
    Way("program not executable", "no-program", program + "chmod 644 $S/bin/stagex-maint"),
    Way("program a link to nowhere", "no-program", program + "ln -sf /nonexistent $S/bin/stagex-maint"),
    Way("program a folder", "no-program", program + "rm $S/bin/stagex-maint; mkdir $S/bin/stagex-maint"),
    Way(
      "program of another version", "other-program",
      program
        + """
        printf '#!/bin/sh\\n[ "$1" != --version ] || { echo 0.0.1; exit; }\\n\
        exec %s "$@"\\n' $BIN >$S/bin/stagex-maint
        """
    ),
    Way("no gpg", "no-gpg", bare + "git config maint.engine both", environment: ["PATH": "/work-has-no-such-folder"]),
  ]

  static let settings = [
    setting("maint.trustRoot", "main", "trust-root-invalid"),
    setting("maint.trustRoot", "1234567", "trust-root-invalid"),
    setting("maint.trustRoot", String(repeating: "1", count: 40), "trust-root-invalid"),
    Way("no trust root", "no-trust-root", "git config --unset maint.trustRoot"),
    Way(
      "trust root elsewhere", "trust-root-elsewhere",
      "git config maint.trustRoot $(git -c user.name=a -c user.email=a@b commit-tree -m x $(git rev-parse main^{tree}))"
    ),
    setting("maint.lead", "a..b"), setting("maint.lead", "refs/heads/main"), setting("maint.lead", "nowhere"),
    setting("maint.start.main", "main"), setting("maint.start.a..b", String(repeating: "1", count: 40)),
    setting("maint.engine", "gpg"), setting("maint.budget", "soon"), setting("maint.budget", "0"),
    setting("maint.cache", "perhaps"), setting("maint.registry", "/nonexistent"),
    setting("maint.policy", "/nonexistent"),
    setting("maint.registry", "main"), setting("maint.policy", "HEAD"), setting("maint.remote", "nowhere"),
    setting("maint.forge", "sourceforge"), setting("maint.gpgProgram", "/nonexistent"),
    setting("maint.trustroots", "x", "setting-unknown"),
    Way(
      "setting that only git reads", "setting-not-read", "",
      environment: ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "maint.budget", "GIT_CONFIG_VALUE_0": "9"]),
    Way("policy torn", "rules-unreadable", "printf 'version = ' >$S/policy; git config maint.policy $S/policy"),
    Way(
      "registry torn", "rules-unreadable",
      "mkdir $S/reg; printf '[' >$S/reg/MAINTAINERS; git config maint.registry $S/reg"),
  ]

  static let openToOthers = [
    Way("hook for everybody", "writable", "chmod o+w hooks/pre-receive"),
    Way("hooks for everybody", "writable", "chmod o+w hooks"),
    Way("repository for everybody", "writable", "chmod o+w ."),
    Way("configuration for everybody", "writable", "chmod o+w config"),
    Way("refs for everybody", "writable", "chmod o+w refs/heads"),
    Way("objects for everybody", "writable", "chmod o+w objects"),
    Way("program for everybody", "writable", program + "chmod o+w $S/bin/stagex-maint"),
    Way("program's folder for everybody", "writable", program + "chmod o+w $S/bin"),
    Way(
      "pinned registry for everybody", "writable",
      "mkdir $S/reg; git --work-tree=$S/reg checkout main -- .; chmod o+w $S/reg; git config maint.registry $S/reg"),
    Way(
      "hooks behind a link through a folder for everybody", "writable",
      "mkdir -p $S/open; chmod o+w $S/open; mv hooks $S/open/h; ln -s $S/open/h hooks"),
    Way("backstop for everybody", "writable", "chmod o+w hooks/reference-transaction"),
    Way("forge's hook for everybody", "writable", forge + "chmod o+w hooks/pre-receive.d/gitea"),
  ]
  static let ofOthers = [
    Way("hook for a group", "writable", "chgrp 12345 hooks/pre-receive; chmod g+w hooks/pre-receive"),
    Way("hook of another user", "writable", "chown 12345 hooks/pre-receive"),
    Way("hooks of another user", "writable", "chown 12345 hooks"),
  ]

  @Test(arguments: files + servers + programs + settings + openToOthers + ofOthers)
  func findsEachWayAndSaysWhatLands(way: Way) async throws {
    if Self.ofOthers.contains(where: { $0.name == way.name }), getuid() != 0 {
      try Test.cancel("only root gives files away")
    }
    let scene = try await DoctorScene.shared()
    var way = way
    if way.environment["PATH"] != nil { way.environment["PATH"] = try Self.pathWithoutGPG(scene) }
    let name = way.name.map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
    let outcome = try await scene.break_(name, way.script, environment: way.environment, push: way.push)
    #expect(outcome.doctor.status == 1 || outcome.doctor.status == 2, "\(outcome.doctor)")
    #expect(outcome.before == outcome.after)
    guard way.code != "not-told" else {
      #expect(outcome.doctor.status == 2 && !outcome.landed)
      return
    }
    #expect(outcome.problems.contains(way.code), "\(outcome.problems)\n\(outcome.doctor)")
    let said = outcome.report["unsigned-pushes-land"] as? Bool
    #expect(said == outcome.landed, "\(outcome.doctor)")
  }

  @Test(arguments: [
    Way("plain", "", ""), Way("no backstop", "", bare), Way("forge", "", forge), Way("gitolite", "", gitolite),
    Way("gitlab", "", gitlab, push: gitaly),
    Way("own program", "", program), Way("packed", "", "git gc --quiet"),
    Way("asks git for the program", "", "cp $SOURCE/hooks/pre-receive hooks/pre-receive"),
    Way("hooks elsewhere", "", "mkdir $S/hooks; mv hooks/* $S/hooks; git config core.hooksPath $S/hooks"),
    Way("for its own group", "", "chmod g+w hooks hooks/pre-receive"),
    Way("update hook alone", "", bare + "rm hooks/pre-receive; cp $SOURCE/hooks/update hooks/update"),
    Way("pinned", "", "printf 'version = 1\\n' >$S/policy; git config maint.policy $S/policy"),
    Way(
      "bare repositories named", "", "",
      environment: [
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.bareRepository", "GIT_CONFIG_VALUE_0": "explicit",
      ]),
  ])
  func isSilentOnWhatWorks(way: Way) async throws {
    let scene = try await DoctorScene.shared()
    let name = "works-" + way.name.map { $0.isLetter ? String($0) : "-" }.joined()
    let outcome = try await scene.break_(name, way.script, environment: way.environment, push: way.push)
    #expect(outcome.doctor.status == 0, "\(outcome.doctor)")
    #expect(outcome.problems == [])
    #expect(!outcome.landed && outcome.report["unsigned-pushes-land"] as? Bool == false)
    #expect(outcome.before == outcome.after)
  }

  /// A PATH with everything that hooks need, and no gpg.
  private static func pathWithoutGPG(_ scene: DoctorScene) throws -> String {
    let folder = scene.server.sandbox.path + "/no-gpg-bin"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for program in ["sh", "git", "timeout", "env", "cat", "tr", "sed", "git-receive-pack"] {
      guard let path = Tool.find(program) else { continue }
      try? FileManager.default.createSymbolicLink(atPath: "\(folder)/\(program)", withDestinationPath: path)
    }
    return folder
  }
}
