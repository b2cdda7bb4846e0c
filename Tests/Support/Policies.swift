/// The text of a policy whose lead is staging, and whose branch main takes only what comes from these branches. All of
/// them are protected.
package func policy(ofMainFrom sources: [String]) -> String {
  let names = sources.map { "\"\($0)\"" }
  return "version = 1\nlead = \"staging\"\n[[branch]]\nname = \"main\"\nfrom = [\(names.joined(separator: ", "))]\n"
    + names.map { "[[branch]]\nname = \($0)\n" }.joined()
}
