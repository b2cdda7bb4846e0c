internal import Review
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// Runs make: no shell, the person's environment with a few things put over it.
package struct ForegroundProgram: Sendable {
  /// A name to look up on PATH.
  package let name: String
  /// All of it: nothing is inherited.
  package let environment: [String: String]

  package init(_ name: String, environment: [String: String]) {
    self.name = name
    self.environment = environment
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
}

/// A value that one thread sets and another waits for.
private final class Box<Value: Sendable>: Sendable {
  private let content = Mutex<Swift.Result<Value, FlowError>?>(nil)
  func set(_ value: Swift.Result<Value, FlowError>) { content.withLock { $0 = value } }
  var value: Swift.Result<Value, FlowError>? { content.withLock { $0 } }
  var isSet: Bool { value != nil }
}
