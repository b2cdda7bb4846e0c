internal import ArgumentParser
internal import Glibc
internal import Review

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON schema of the policy file, for editors.",
    discussion:
      "Example: stagex-maint policy schema > review.schema.json; then in review.toml: #:schema ./review.schema.json")

  @OptionGroup var common: CommonOptions

  func run() { common.console.out(String(decoding: EmbeddedFiles.policySchema, as: UTF8.self)) }
}
