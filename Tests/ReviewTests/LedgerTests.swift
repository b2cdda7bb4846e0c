import Foundation
import GitBridge
import Review
import Support
import Testing

/// The record of when each ref was first seen: its form, its chain, and what becomes of it in a crash.
@Suite struct LedgerTests {
  static func id(_ number: Int) -> ObjectID {
    let digits = String(number, radix: 16)
    return ObjectID(hexString: String(repeating: "0", count: 40 - digits.count) + digits)!
  }

  static func move(
    _ old: Int, _ new: Int, ref: String = "refs/heads/main", at time: Int64 = 1000, since: Int64? = nil,
    by keeper: SeenMove.Keeper = .hook
  ) -> SeenMove {
    SeenMove(ref: Array(ref.utf8), old: id(old), new: id(new), time: time, since: since ?? time, keeper: keeper)
  }

  static func ledger(_ folder: TemporaryFolder, _ name: String = "a") -> Ledger {
    Ledger(folder: "\(folder.path)/\(name)")
  }

  static func file(_ ledger: Ledger) -> String { ledger.folder + "/ledger" }

  static func text(_ ledger: Ledger) throws -> String { try String(contentsOfFile: file(ledger), encoding: .utf8) }

  static func write(_ text: String, _ ledger: Ledger) throws {
    // In place: a file of another owner or mode is another matter.
    try text.write(toFile: file(ledger), atomically: false, encoding: .utf8)
  }

  @Test func whatWasEnteredIsKnown() throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try ledger.enter([Self.move(0, 1, at: 10), Self.move(1, 2, at: 20)], place: "here")
    try ledger.enter([Self.move(2, 3, at: 30)], place: "here")
    let known = LedgerKnowledge(ledger)
    let main = Array("refs/heads/main".utf8)
    #expect(known.took(ref: main, old: Self.id(1), new: Self.id(2)) == 20)
    #expect(known.firstSeen(ref: main, at: Self.id(3))?.time == 30)
    #expect(known.lastSeen(ref: main)?.new == Self.id(3))
    // Never for a move of another ref, nor for having seen the commit.
    #expect(known.took(ref: Array("refs/heads/mai".utf8), old: Self.id(1), new: Self.id(2)) == nil)
    #expect(known.took(ref: Array("refs/heads/xmain".utf8), old: Self.id(1), new: Self.id(2)) == nil)
    #expect(known.took(ref: main, old: Self.id(1), new: Self.id(3)) == nil)
    #expect(LedgerExamination(ledger).isWhole)
    #expect(LedgerExamination(ledger).count == 3)
  }

  /// Attack: a pipe in a file's place, at which whoever opens it waits for ever.
  @Test(.timeLimit(.minutes(1)), arguments: ["looked", "told", "ledger", "lock"])
  func aPipeInAFilesPlaceStopsNobody(name: String) throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try ledger.enter([Self.move(0, 1, at: 10)], place: "here")
    let path = "\(ledger.folder)/\(name)"
    try? FileManager.default.removeItem(atPath: path)
    #expect(unsafe mkfifo(path, 0o600) == 0)
    ledger.looked(at: 20)
    _ = ledger.told(Array("refs/heads/main".utf8), Self.id(1), Verdict(), at: 20)
    try? ledger.enter([Self.move(1, 2, at: 20)], place: "here")
    #expect((ledger.lastLook == 0) == (name == "looked"))
    #expect(LedgerKnowledge(ledger).isEmpty == (name == "ledger"))
  }

  @Test func aMoveIsEnteredOnce() throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    for _ in 0..<3 { try ledger.enter([Self.move(0, 1), Self.move(0, 1)], place: "here") }
    #expect(LedgerExamination(ledger).count == 1)
  }

  /// A power cut in the middle of a write leaves part of a line, or zeros where it was to be.
  @Test(arguments: ["0123456789abcdef", "\0\0\0\0\0\0", "\n"])
  func aTornLineIsTakenOff(rest: String) throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try ledger.enter([Self.move(0, 1, at: 10)], place: "here")
    let whole = try Self.text(ledger)
    if rest == "\n" {
      // A whole line that is none was not torn: it is somebody's doing, and is not covered up.
      try Self.write(whole + rest, ledger)
      #expect(throws: LedgerError.self) { try ledger.enter([Self.move(1, 2)], place: "here") }
      #expect(!LedgerExamination(ledger).isWhole)
      return
    }
    try Self.write(whole + rest, ledger)
    #expect(LedgerExamination(ledger).isWhole)
    #expect(LedgerExamination(ledger).notes.count == 1)
    try ledger.enter([Self.move(1, 2, at: 20)], place: "here")
    #expect(try Self.text(ledger).hasPrefix(whole))
    #expect(LedgerExamination(ledger).count == 2)
    #expect(LedgerExamination(ledger).notes.isEmpty)
  }

  @Test func everyCutOfTheLastLineIsMended() throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try ledger.enter([Self.move(0, 1)], place: "here")
    let first = try Self.text(ledger)
    try ledger.enter([Self.move(1, 2)], place: "here")
    let both = try Self.text(ledger)
    for cut in first.utf8.count..<both.utf8.count {
      try Self.write(String(decoding: both.utf8.prefix(cut), as: UTF8.self), ledger)
      try ledger.enter([Self.move(1, 2)], place: "here")
      #expect(try Self.text(ledger) == both, "cut at \(cut)")
    }
  }

  /// Who changes a line, takes one out or swaps two breaks the chain, wherever it is.
  @Test func aChangedLineBreaksTheChain() throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try ledger.enter((1...5).map { Self.move($0 - 1, $0, at: Int64($0 * 10)) }, place: "here")
    let lines = try Self.text(ledger).split(separator: "\n").map(String.init)
    func tampered(_ change: (inout [String]) -> Void) throws -> Bool {
      var lines = lines
      change(&lines)
      try Self.write(lines.joined(separator: "\n") + "\n", ledger)
      return !LedgerExamination(ledger).isWhole && LedgerKnowledge(ledger).isEmpty
    }
    #expect(try tampered { $0[3] = $0[3].replacing(" 30 30 ", with: " 31 31 ") })
    #expect(try tampered { $0.remove(at: 2) })
    #expect(try tampered { $0.swapAt(2, 3) })
    #expect(try tampered { $0[0] = $0[0].replacing("here", with: "there") })
    #expect(try !tampered { _ in })
  }

  @Test func aLedgerThatOthersMayWriteIsNotBelieved() throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try ledger.enter([Self.move(0, 1)], place: "here")
    #expect(!LedgerKnowledge(ledger).isEmpty)
    chmod(Self.file(ledger), 0o666)
    #expect(LedgerKnowledge(ledger).isEmpty)
    #expect(throws: LedgerError.self) { try ledger.enter([Self.move(1, 2)], place: "here") }
    chmod(Self.file(ledger), 0o600)
    #expect(!LedgerKnowledge(ledger).isEmpty)
  }

  /// Full files are put aside, the chain goes on, and where each ref stood is known from the newest alone.
  @Test func fullFilesArePutAside() throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try ledger.enter([Self.move(0, 7, ref: "refs/tags/1", at: 5)], place: "here")
    for part in 0..<3 {
      try ledger.enter((1...10_000).map { Self.move(part * 10_000 + $0 - 1, part * 10_000 + $0) }, place: "here")
    }
    let examination = LedgerExamination(ledger)
    #expect(examination.isWhole, "\(examination.defects)")
    #expect(examination.files.count == 2)
    let known = LedgerKnowledge(ledger)
    #expect(known.took(ref: Array("refs/heads/main".utf8), old: Self.id(3), new: Self.id(4)) != nil)
    #expect(LedgerKnowledge(ledger, whole: false).lastSeen(ref: Array("refs/tags/1".utf8))?.time == 5)
    #expect(try LedgerCopy(path: ledger.folder).moves.count == examination.count)
    try spoil(ledger)
    // Without the file that was put aside, only what it held is lost.
    try FileManager.default.removeItem(atPath: ledger.folder + "/ledger-000001")
    #expect(LedgerExamination(ledger).isWhole)
    #expect(LedgerExamination(ledger).givenUp > 20_000)
    #expect(LedgerKnowledge(ledger).lastSeen(ref: Array("refs/heads/main".utf8))?.new == Self.id(30_000))
  }

  /// Attack: of a file that is full already, what nobody has a copy of is written anew, or a line is changed in place.
  private func spoil(_ ledger: Ledger) throws {
    let path = ledger.folder + "/ledger-000001"
    let whole = try String(contentsOfFile: path, encoding: .utf8)
    let lines = whole.split(separator: "\n")
    func isBelieved(_ lines: [Substring]) throws -> Bool {
      try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: false, encoding: .utf8)
      let knows =
        LedgerKnowledge(ledger).took(ref: Array("refs/heads/main".utf8), old: Self.id(3), new: Self.id(4)) != nil
      let copies = (try? LedgerCopy(path: ledger.folder)) != nil
      #expect(LedgerExamination(ledger).isWhole == knows && knows == copies)
      return knows
    }
    #expect(try isBelieved(lines))
    #expect(try !isBelieved(lines.dropLast()))
    var changed = lines
    changed[100] = Substring(changed[100].replacing(" hook ", with: " fetch "))
    #expect(changed != lines)
    #expect(try !isBelieved(changed))
    #expect(try !isBelieved(["nothing"]))
    #expect(try isBelieved(lines))
  }

  @Test func manyWritersLoseNothing() async throws {
    let folder = try TemporaryFolder()
    let ledger = Self.ledger(folder)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for number in 0..<10 {
            try ledger.enter([Self.move(number, number + 1, ref: "refs/heads/release/\(writer)")], place: "here")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(LedgerExamination(ledger).isWhole)
    #expect(LedgerExamination(ledger).count == 80)
  }

  @Test func anAddressLosesItsPassword() {
    #expect(Ledger.escaped("https://bob:secret@forge.example/a.git") == "https://forge.example/a.git")
    #expect(Ledger.escaped("https://forge.example/a@b.git") == "https://forge.example/a@b.git")
    #expect(Ledger.escaped("/a b\n") == "/a%20b%0A")
  }
}

/// What a ledger shows of a signature's age and of a server's honesty.
@Suite struct FirstSeenTests {
  /// A signature that claims to be older than its key's end, in each way in which it can have been seen.
  @Test(
    arguments: [
      // claimed, end, since, time
      (100, 200, 250, 300, Backdating.backdated),  // it was not there when the key had ended
      (100, 200, 200, 300, .backdated),
      (100, 200, 150, 300, .unknown),  // it came at some time between
      (100, 200, 0, 300, .unknown),  // nobody had looked before
      (100, 200, 150, 199, .none),  // it was there before the end
      (200, 200, 250, 300, .none),  // it claims nothing that the rule does not refuse already
    ] as [(Int64, Int64, Int64, Int64, Backdating)])
  func age(claimed: Int64, end: Int64, since: Int64, time: Int64, answer: Backdating) {
    #expect(
      Backdating.of(claimed: claimed, end: end, move: LedgerTests.move(1, 2, at: time, since: since, by: .fetch))
        == answer)
  }

  @Test func withoutALedgerNothingIsKnownOfAge() {
    #expect(Backdating.of(claimed: 100, end: 200, move: nil) == .unknown)
    // Where a ref stood when a file was full says nothing of when it came there.
    #expect(
      Backdating.of(claimed: 100, end: 200, move: LedgerTests.move(2, 2, at: 300, since: 300, by: .kept)) == .unknown)
  }

  /// 1 <- 2 <- 3, and 4 on 1.
  private static func isAncestor(_ a: ObjectID, _ b: ObjectID) -> Bool {
    let lines = [[1, 2, 3], [1, 4]].map { $0.map(LedgerTests.id) }
    return lines.contains { line in
      guard let low = line.firstIndex(of: a), let high = line.firstIndex(of: b) else { return false }
      return low <= high
    }
  }

  @Test(
    arguments: [
      (nil, 2, ShownState.new), (2, 2, .unchanged), (2, 3, .ahead), (3, 2, .rollback), (3, 4, .rewritten),
      (2, nil, .gone),
      (0, 3, .back), (0, nil, .unchanged), (9, 3, .rewritten),
    ] as [(Int?, Int?, ShownState)])
  func shown(last: Int?, shown: Int?, state: ShownState) {
    #expect(
      ShownState.of(last: last.map(LedgerTests.id), shown: shown.map(LedgerTests.id), isAncestor: Self.isAncestor)
        == state)
  }

  private func compare(_ ours: [SeenMove], _ theirs: [SeenMove]) throws -> [String] {
    let folder = try TemporaryFolder()
    let (a, b) = (LedgerTests.ledger(folder, "a"), LedgerTests.ledger(folder, "b"))
    try a.enter(ours, place: "https://forge.example/x")
    try b.enter(theirs, place: "https://forge.example/x")
    return LedgerComparison(try LedgerCopy(path: a.folder), try LedgerCopy(path: b.folder + "/ledger")) {
      one, other -> Bool? in
      let known = Set([1, 2, 3, 4].map(LedgerTests.id))
      return known.contains(one) && known.contains(other) ? Self.isAncestor(one, other) : nil
    }.findings.map { "\($0)".prefix { $0 != "(" }.description }
  }

  @Test func twoPeopleSeeWhatOneServerShowedThem() throws {
    typealias L = LedgerTests
    #expect(try compare([L.move(0, 2)], [L.move(0, 1), L.move(1, 3)]) == [])
    #expect(try compare([L.move(0, 3)], [L.move(0, 4)]).contains("fork"))
    // An older state, after the newer had been shown to somebody else.
    #expect(try compare([L.move(0, 3, at: 1000)], [L.move(0, 2, at: 9000)]) == ["rollback"])
    #expect(try compare([L.move(0, 3, at: 9000)], [L.move(0, 2, at: 1000)]) == [])
    #expect(try compare([L.move(0, 3, at: 1000)], [L.move(0, 2, at: 1100)]) == [])
    #expect(try compare([L.move(0, 5, ref: "refs/tags/1")], [L.move(0, 6, ref: "refs/tags/1")]) == ["tag"])
    // Whoever has seen it move tells the other, whichever of the two they ask.
    let moved = [L.move(0, 5, ref: "refs/tags/1"), L.move(5, 6, ref: "refs/tags/1", at: 2000)]
    for still in [[L.move(0, 5, ref: "refs/tags/1")], [L.move(0, 6, ref: "refs/tags/1")]] {
      #expect(try compare(moved, still) == ["tag"])
      #expect(try compare(still, moved) == ["tag"])
    }
    #expect(try compare(moved, moved) == [])
    #expect(try compare([L.move(0, 3)], [L.move(0, 9)]).contains("unknown"))
  }

  @Test func aLedgerThatWasWrittenAnewIsFound() throws {
    let folder = try TemporaryFolder()
    let ledger = LedgerTests.ledger(folder)
    try ledger.enter([LedgerTests.move(0, 1), LedgerTests.move(1, 2)], place: "here")
    let before = try LedgerTests.text(ledger)
    let older = folder.path + "/older"
    try before.write(toFile: older, atomically: false, encoding: .utf8)
    // Written anew from its header, with another second entry: whole in itself.
    let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
    try LedgerTests.write(lines[0] + "\n" + lines[1] + "\n", ledger)
    try ledger.enter([LedgerTests.move(1, 3)], place: "here")
    #expect(LedgerExamination(ledger).isWhole)
    let comparison = LedgerComparison(try LedgerCopy(path: older), try LedgerCopy(path: ledger.folder)) {
      _, _ -> Bool? in nil
    }
    guard case .rewritten(let line)? = comparison.findings.first else {
      Issue.record("not found: \(comparison.findings)")
      return
    }
    #expect(line == 2)
  }
}
