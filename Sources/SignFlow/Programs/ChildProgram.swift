internal import Dispatch
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// Runs another program and waits for it: no shell, an environment that is given whole, output as bytes.
package struct ChildProgram: Sendable {
  /// A name to look up on PATH, or an absolute path.
  package let name: String
  package let environment: [String: String]

  package init(_ name: String, environment: [String: String]) {
    self.name = name
    self.environment = environment
  }

  package struct Result: Sendable {
    /// The exit status; 128 and the signal's number when a signal ended it.
    package let status: Int32
    package let output: [UInt8]
    package let errors: [UInt8]
  }

  /// That a program cannot be started at all, or said more than was asked for.
  package struct Failure: Error, Sendable {
    package let message: String
  }

  /// What a program may say at most, in bytes. More is an attack or a mistake.
  package static let outputLimit = 64 << 20

  /// - Parameter folder: Where it runs; nil for this process's folder.
  package func run(
    _ arguments: [String], input: [UInt8] = [], folder: String? = nil, outputLimit: Int = ChildProgram.outputLimit
  ) throws(Failure) -> Result {
    let program = self
    let result: Swift.Result<Result, Failure> = waiting {
      do {
        let record = try await Subprocess.run(
          program.executable, arguments: Arguments(arguments),
          environment: .custom(
            Dictionary(
              uniqueKeysWithValues: program.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })),
          workingDirectory: folder.map { FilePath($0) },
          input: .fileDescriptor(try ChildInput.descriptor(input), closeAfterSpawningProcess: true),
          output: .bytes(limit: outputLimit), error: .bytes(limit: 1 << 20))
        let status: Int32 =
          switch record.terminationStatus {
          case .exited(let code): code
          case .signaled(let signal): 128 + signal
          }
        return .success(Result(status: status, output: record.standardOutput, errors: record.standardError))
      } catch {
        return .failure(Failure(message: "\(program.name) cannot be run: \(error)"))
      }
    }
    return try result.get()
  }

  private var executable: Executable { name.hasPrefix("/") ? .path(FilePath(name)) : .name(name) }
}

/// Waits for asynchronous work. Only for a thread that is not one of Swift's own pool: what runs there must not wait.
package func waiting<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value {
  let done = DispatchSemaphore(value: 0)
  let box = Mutex<Value?>(nil)
  Task.detached {
    let value = await work()
    box.withLock { $0 = value }
    done.signal()
  }
  done.wait()
  guard let value = box.withLock({ $0 }) else { preconditionFailure("signalled without a value") }
  return value
}

extension ChildProgram.Result {
  package var text: String { String(decoding: output, as: UTF8.self) }
  /// The output's first line.
  package var line: String { text.split(separator: "\n").first.map(String.init) ?? "" }
}
