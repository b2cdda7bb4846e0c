import RuleModel
import Testing
@Test func smoke() { #expect(Clause.allCases.count > 10) }
