import Foundation
import SignFlow
import Testing

/// Programs that we start and wait for.
@Suite struct ChildProgramTests {
  /// Away from Swift's own threads, where nothing may wait.
  private func run(_ program: String, _ arguments: [String], input: [UInt8]) async throws -> ChildProgram.Result {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<ChildProgram.Result, any Error>) in
      Thread.detachNewThread {
        continuation.resume(with: Result { try ChildProgram(program, environment: [:]).run(arguments, input: input) })
      }
    }
  }

  /// A program that ends without reading, as Split GPG's does where the other machine is off, breaks no pipe of ours.
  @Test func `a program need not read its input`() async throws {
    let input = [UInt8](repeating: 120, count: 1 << 20)
    for _ in 0..<20 {
      let result = try await run("/bin/sh", ["-c", "exit 3"], input: input)
      #expect(result.status == 3)
    }
  }

  @Test func `a program reads all of its input, and no more`() async throws {
    for count in [0, 1, 1 << 20] {
      let input = [UInt8](repeating: 120, count: count)
      #expect(try await run("/bin/cat", [], input: input).output == input)
    }
  }
}
