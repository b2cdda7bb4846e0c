import Support
import Testing

/// `cosign` as it reaches a real card: through GnuPG's scdaemon, libpcsclite and a running pcscd. Everywhere else the
/// cards stand behind a PC/SC library of our own.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignPCSCTests {
  let folder: TemporaryFolder
  var home: String { "\(folder.path)/h" }

  init() throws { folder = try TemporaryFolder() }

  /// Runs a script beside a pcscd of its own, with Pia's card in its virtual reader when the script says `insert`.
  func besidePCSCD(_ script: String, _ words: String...) throws -> Tool.Result {
    let cards = "\(Tool.packageFolder)/Tests/VirtualCard"
    let frame = """
      set -eu
      export GNUPGHOME=\(home)
      # pcscd looks into its readers now and then: as a person does, wait until gpg sees the card.
      insert() {
        card insert $GNUPGHOME $GNUPGHOME/card
        tries=200
        until gpg --card-status >/dev/null 2>&1; do
          [ $((tries -= 1)) -gt 0 ] || { echo 'the card does not appear' >&2; exit 1; }
          sleep 0.05
        done
      }
      trap 'card stop $GNUPGHOME' EXIT
      \(script)
      """
    let result = try Tool.run(
      "\(cards)/with-pcscd", ["sh", "-c", frame, "sh"] + words,
      environment: ["PATH": "\(cards):" + Tool.bareEnvironment["PATH"]!], seconds: 120)
    if result.status == 77 { try Test.cancel("\(result.errorText)") }
    return result
  }

  @Test func `Adopted and merged with a card behind the real pcscd`() throws {
    let made = try besidePCSCD(
      """
      card home $GNUPGHOME --reader 'Virtual PCD 00 00' >&2
      card new $GNUPGHOME/card --vpcd-port 35963 >&2
      insert >&2
      card key $GNUPGHOME --name Pia --mail pia@example.org >&2
      gpg --with-colons --list-keys | sed -n 's/^fpr:*\\([0-9A-F]*\\):$/\\1/p' | head -n 1
      """)
    #expect(made.status == 0, "\(made.all)")
    let pia = made.line
    let alice = try VirtualCard()
    let certificate = try Tool.succeed("gpg", ["--armor", "--export", pia], environment: ["GNUPGHOME": home]).output
    let server = try CosignServer(
      ["alice": alice],
      extraPeople: "[people.pia]\nname = \"Pia\"\n[keys.pia.card]\nid = \"\(pia)\"\ndevices = \"YubiKey 5\"\n",
      certificates: [pia: certificate])
    let outsiders = try server.pullRequest(1)
    let hers = try server.pullRequest(2, file: "other", as: "alice")
    let clone = try server.clone("pia")
    let before = try server.refs()

    // The reader is empty: the same command, and nothing is signed.
    let empty = try besidePCSCD(
      "cd $1 && exec $2 cosign PR-1 --reviewed $3", clone, CosignServer.program, "adopt:\(server.start)..\(outsiders)")
    #expect(empty.status == 3, "\(empty.all)")
    #expect(empty.errorText.contains("no card is in the reader"), "\(empty.all)")
    #expect(try server.refs() == before)

    // It is pcscd that leads to the card: where none runs, the card in its folder is out of reach.
    let without = try server.run(
      "pia", ["cosign", "PR-1", "--reviewed", outsiders], extra: ["GNUPGHOME": home])
    #expect(without.status != 0, "\(without.all)")
    #expect(try Tool.succeed("cat", ["\(home)/scdaemon.conf"]).text.contains("reader-port Virtual PCD 00 00"))
    #expect(try server.refs() == before)
    try Tool.succeed("gpgconf", ["--kill", "all"], environment: ["GNUPGHOME": home])

    let signed = try besidePCSCD(
      """
      insert
      cd $1
      $2 cosign PR-1 --reviewed $3
      $2 cosign PR-2 --reviewed $4
      card status $GNUPGHOME
      """, clone, CosignServer.program, "adopt:\(server.start)..\(outsiders)", "merge:\(server.start)..\(hers)")
    #expect(signed.status == 0, "\(signed.all)")
    let adoption = try #require(try server.tip("refs/pull/1/head"))
    let merge = try Tool.succeed("git", ["-C", server.path, "log", "-1", "--format=%P", "staging"]).line
    #expect(merge == "\(server.start) \(hers)")
    for commit in [adoption, try #require(try server.tip("staging"))] {
      let raw = try Tool.run(
        "git", ["-C", server.path, "verify-commit", "--raw", commit], environment: ["GNUPGHOME": home])
      #expect(raw.errorText.contains("VALIDSIG \(pia) "), "\(raw.errorText)")
    }
    // What she adopted counts for her: Alice merges it.
    let merged = try server.cosign("alice", 1)
    #expect(merged.status == 0, "\(merged.all)")
    #expect(merged.text.contains("pia already counts"), "\(merged.all)")
  }
}
