/// First versions of the files that a protected repository needs, for `init`.
enum Templates {
  static let maintainers = """
    # Who may endorse changes, and with which keys. Each key needs keys/<FINGERPRINT>.asc beside it. This writes both:
    #   gpg --armor --export FINGERPRINT | stagex-maint keys add - --person ID --label LABEL --name NAME --device DEVICE

    [people.alice]
    name = "Alice Example"
    email = "alice@example.org"

    [keys.alice.personal]
    id = "0000000000000000000000000000000000000000"   # the primary key's full fingerprint
    devices = "YubiKey 5"                              # the smartcard it lives on

    """

  static let policy = """
    # What each change needs before it may land. Reference: docs/policy.md of stagex-maint.
    version = 1                                  # raise it with each change; it never goes down
    # repository = "forge.example/owner/name"    # co-signatures bind to this name
    threshold = 2                                # distinct maintainers for each change
    evidence = "declared"                        # the registry names each key's smartcard

    [[branch]]
    name = "main"

    [[branch]]
    name = "staging"

    [[branch]]
    name = "release/*"

    [[tag]]
    name = "[0-9]*"

    # Changing who counts, or what counts, takes one more.
    # [[path]]
    # match = ["MAINTAINERS", "keys/**", "review.toml"]
    # threshold = 3

    """

  static func workflow(event: String) -> String {
    """
    # Judges pull requests. The workflow, the program, the registry and the policy come from the base
    # branch; the pull request is fetched as data only and nothing of it is ever run.
    on:
      \(event):
        types: [opened, synchronize, reopened, edited]

    jobs:
      two-maintainers:
        runs-on: docker
        steps:
          - uses: actions/checkout@v4
            with:
              fetch-depth: 0
              persist-credentials: false
          - run: git fetch origin "+refs/pull/${{ github.event.number }}/head:refs/pull/${{ github.event.number }}/head"
          - run: stagex-maint gate --head "refs/pull/${{ github.event.number }}/head" --target "${{ github.base_ref }}" --pr "PR-${{ github.event.number }}" --format github

    """
  }
}
