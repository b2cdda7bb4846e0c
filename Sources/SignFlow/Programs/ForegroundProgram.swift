internal import Dispatch
internal import Review
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// Runs git and make: no shell, the person's environment with a few things put over it.
package struct ForegroundProgram: Sendable {
  /// A name to look up on PATH.
  package let name: String
  /// All of it: nothing is inherited.
  package let environment: [String: String]

  package init(_ name: String, environment: [String: String]) {
    self.name = name
    self.environment = environment
  }

  /// How it ended, and what it said.
  package struct Result: Sendable {
    /// The exit status; 128 and the signal's number when a signal ended it.
    package let status: Int32
    /// What came on its standard output.
    package let output: [UInt8]

    /// The output; what is no UTF-8 is replaced.
    package var text: String { String(decoding: output, as: UTF8.self) }
    /// The output's first line.
    package var line: String { text.split(separator: "\n").first.map(String.init) ?? "" }
  }

  /// Runs it to its end; its standard output comes back, its errors go where ours go.
  ///
  /// - Parameter quietly: Its errors go nowhere: for a question to which "no" is an answer.
  package func run(_ arguments: [String], folder: String, quietly: Bool = false) throws(FlowError) -> Result {
    let program = self
    if quietly {
      return try Self.waiting(orFailsAs: "\(name) cannot be run") {
        try await Subprocess.run(
          .name(program.name), arguments: Arguments(arguments), environment: .whole(program.environment),
          workingDirectory: FilePath(folder), output: .bytes(limit: 64 << 20), error: .discarded
        ).result
      }
    }
    return try Self.waiting(orFailsAs: "\(name) cannot be run") {
      try await Subprocess.run(
        .name(program.name), arguments: Arguments(arguments), environment: .whole(program.environment),
        workingDirectory: FilePath(folder), output: .bytes(limit: 64 << 20),
        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
      ).result
    }
  }

  /// Runs it while `meanwhile` works on this thread; its output goes where our errors go, so that results stay apart.
  ///
  /// - Parameter meanwhile: Called again and again until the program has ended.
  package func run(_ arguments: [String], folder: String, meanwhile: () -> Void) throws(FlowError) -> Int32 {
    let program = self
    let ended = Mutex<Swift.Result<Int32, FlowError>?>(nil)
    try Self.during(ended, meanwhile) {
      do {
        let result = try await Subprocess.run(
          .name(program.name), arguments: Arguments(arguments), environment: .whole(program.environment),
          workingDirectory: FilePath(folder),
          output: .fileDescriptor(.standardError, closeAfterSpawningProcess: false),
          error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
        return .success(result.terminationStatus.code)
      } catch {
        return .failure(FlowError(.impossible, "\(program.name) cannot be run", next: "install \(program.name)"))
      }
    }
    return try (ended.withLock { $0 } ?? .failure(FlowError(.impossible, "\(name) did not end"))).get()
  }

  private static func during(
    _ ended: borrowing Mutex<Swift.Result<Int32, FlowError>?>, _ meanwhile: () -> Void,
    _ work: @escaping @Sendable () async -> Swift.Result<Int32, FlowError>
  ) throws(FlowError) {
    let box = Box<Int32>()
    Task.detached { box.set(await work()) }
    while !box.isSet { meanwhile() }
    ended.withLock { $0 = box.value }
  }

  private static func waiting(
    orFailsAs message: String, _ work: @escaping @Sendable () async throws -> Result
  ) throws(FlowError) -> Result {
    let box = Box<Result>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      do { box.set(.success(try await work())) } catch { box.set(.failure(FlowError(.impossible, message))) }
      done.signal()
    }
    done.wait()
    return try (box.value ?? .failure(FlowError(.impossible, message))).get()
  }
}

/// A value that one thread sets and another waits for.
private final class Box<Value: Sendable>: Sendable {
  private let content = Mutex<Swift.Result<Value, FlowError>?>(nil)
  func set(_ value: Swift.Result<Value, FlowError>) { content.withLock { $0 = value } }
  var value: Swift.Result<Value, FlowError>? { content.withLock { $0 } }
  var isSet: Bool { value != nil }
}

extension ExecutionResult where Output == BytesOutput {
  fileprivate var result: ForegroundProgram.Result {
    ForegroundProgram.Result(status: terminationStatus.code, output: standardOutput)
  }
}
