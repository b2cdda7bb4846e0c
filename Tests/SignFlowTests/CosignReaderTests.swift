import Support
import Testing

/// `cosign` with a card behind the true PC/SC daemon, once: everywhere else scdaemon's driver is ours.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignReaderTests {
  /// Bob proposes and signs with an ordinary virtual card; Alice's card is in vpcd's reader; she merges, and the hook accepts.
  static let script = #"""
    set -eu
    cd "$1"
    program=$2 hook=$3
    card home a --reader 'Virtual PCD 00 00' >/dev/null
    card new a/card --vpcd-port 35963 >/dev/null
    card insert a a/card >/dev/null
    alice=$(card key a | sed -n 's/^fingerprint //p')
    bob=$(card make b --name Bob --mail bob@example.org | sed -n 's/^fingerprint //p')

    git init --quiet --bare -b staging s.git
    git init --quiet -b staging seed
    mkdir seed/keys
    GNUPGHOME=a gpg --batch --armor --export "$alice" > "seed/keys/$alice.asc"
    GNUPGHOME=b gpg --batch --armor --export "$bob" > "seed/keys/$bob.asc"
    for person in alice:$alice bob:$bob; do
      printf '[people.%s]\n[keys.%s.card]\nid = "%s"\ndevices = "card"\n' "${person%:*}" "${person%:*}" "${person#*:}"
    done > seed/MAINTAINERS
    git -C seed add .
    git -C seed commit --quiet -m Start
    root=$(git -C seed rev-parse HEAD)
    git -C seed push --quiet ../s.git staging
    git -C s.git config maint.trustRoot "$root"
    git -C s.git config maint.program "$program"
    cp "$hook" s.git/hooks/pre-receive

    echo change > seed/change
    git -C seed add change
    GNUPGHOME=$PWD/b git -C seed commit --quiet --gpg-sign="$bob" -m Change
    head=$(git -C seed rev-parse HEAD)
    git -C seed push --quiet ../s.git HEAD:refs/pull/1/head

    git clone --quiet "file://$PWD/s.git" clone
    git -C clone config maint.trustRoot "$root"
    export GNUPGHOME="$PWD/a"
    card remove a >/dev/null
    ! "$program" -C clone cosign PR-1 --reviewed "$head" 2> without
    test "$(git -C s.git rev-parse staging)" = "$root"
    card insert a >/dev/null
    "$program" -C clone cosign PR-1 --reviewed "$head" >&2
    git -C s.git log -1 --format='%GF %P' staging
    echo "$alice $root $head"
    cat without >&2
    card stop a b >/dev/null
    """#

  @Test func `A request is merged through pcscd and vpcd`() throws {
    let folder = try TemporaryFolder()
    let cards = "\(Tool.packageFolder)/Tests/VirtualCard"
    let result = try Tool.run(
      "\(cards)/with-pcscd", ["sh", "-c", Self.script, "sh", folder.path, CosignServer.program, "\(Tool.packageFolder)/hooks/pre-receive"],
      environment: ["PATH": "\(cards):" + Tool.bareEnvironment["PATH"]!], seconds: 120)
    if result.status == 77 { try Test.cancel("\(result.errorText)") }
    #expect(result.status == 0, "\(result.all)")
    let lines = result.text.split(separator: "\n").suffix(2)
    #expect(lines.count == 2 && lines.first == lines.last, "\(result.all)")
    #expect(result.errorText.contains("insert"), "\(result.errorText)")
  }
}
