/// Mistakes that two honest people sign, and that the rule has to stop all the same.
extension Story {
  mutating func carelessly() {
    var next = policy
    next.version += 1
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      next.version -= chance(2) ? 1 : 2
      next.threshold = 2
      next.bindsAdoptions = true
      _ = changeRules(["review.toml": .policy(next)])
    case 1:
      next.threshold = 9
      _ = changeRules(["review.toml": .policy(next)])
    case 2: _ = changeRules([:], without: registry.keys.filter { owner($0) != "ann" }.map { "keys/" + $0 })
    case 3:
      _ = changeRules(["keys/gus/1": .certificate(Certificate("gus/1", created: Story.beginning - 400 * Story.day))])
    case 4: _ = changeRules([:], without: ["keys/gus/1"])
    case 5:
      next.branches.append(BranchRule("top*"))
      _ = changeRules(["review.toml": .policy(next)])
    case 6:
      next.lead = pick(["topic", "evil"])
      // A lower threshold of what was the lead holds from then on, as its policy says: no promise is broken by that.
      for place in next.branches.indices { next.branches[place].threshold = nil }
      _ = changeRules(["review.toml": .policy(next)])
    case 7:
      guard let name = refs.keys.filter({ $0.hasPrefix("release/") }).sorted().randomElement(using: &random) else {
        return
      }
      var entries = registry
      entries["cat/1"] = nil
      _ = bring(["MAINTAINERS": .registry(entries)], to: name, onto: refs[name]!)
    case 8:
      guard lead.name != "main", let base = refs["main"] else { return }
      _ = bring(["m": .text(fresh())], to: "main", onto: base)
    case 9:
      _ = bring(
        ["boot": .text(fresh())], to: lead.name, onto: tip,
        signers: goodKeys().filter { !["ann", "bob"].contains(owner($0)) })
    case 10:
      guard let key = goodKeys().first, let other = goodKeys().last, key != other else { return }
      let foreign = write([], ["foreign": .text(fresh())], by: key)
      let head = write([foreign], history[foreign].tree, by: other, adopt: true)
      let merge = write([tip, head], tree.merging(history[foreign].tree) { $1 }, by: key)
      see(merge)
      refs[lead.name] = merge
    default:
      next.lead = nil
      next.paths = []
      next.version = policy.version + (chance(2) ? 1001 : 0)
      next.bindsAdoptions.toggle()
      _ = changeRules(["review.toml": .policy(next)])
    }
  }
}
