internal import Dispatch
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// Runs another program and waits for it: no shell, an environment that is given whole, output as bytes.
package struct ChildProgram: Sendable {
  /// A name to look up on PATH, or an absolute path.
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
    /// What came on its standard error.
    package let errors: [UInt8]
  }

  /// That a program cannot be started at all, or said more than was asked for.
  package struct Failure: Error, Sendable {
    /// One sentence, not yet safe to print.
    package let message: String
    /// It said more than was asked for, and was ended.
    package var isTooLong = false
  }

  /// What a program may say at most, in bytes. More is an attack or a mistake.
  package static let outputLimit = 64 << 20
  private static let errorLimit = 1 << 20

  /// Runs the program to its end, on a thread that may wait.
  ///
  /// - Parameter folder: Where it runs; nil for this process's folder.
  package func run(
    _ arguments: [String], input: [UInt8] = [], folder: String? = nil, outputLimit: Int = ChildProgram.outputLimit
  ) throws(Failure) -> Result {
    let program = self
    let result: Swift.Result<Result, Failure> = waiting {
      do throws(Failure) {
        return .success(try await program.runAsync(arguments, input: input, folder: folder, outputLimit: outputLimit))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Runs the program to its end.
  func runAsync(
    _ arguments: [String], input: [UInt8] = [], folder: String? = nil, outputLimit: Int = ChildProgram.outputLimit
  ) async throws(Failure) -> Result {
    do {
      let record = try await Subprocess.run(
        executable, arguments: Arguments(arguments), environment: .whole(environment),
        workingDirectory: folder.map { FilePath($0) },
        input: .fileDescriptor(try ChildInput.descriptor(input), closeAfterSpawningProcess: true),
        output: .bytes(limit: outputLimit), error: .bytes(limit: Self.errorLimit))
      return Result(status: record.terminationStatus.code, output: record.standardOutput, errors: record.standardError)
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      throw Failure(message: "\(name) says too much", isTooLong: true)
    } catch {
      throw Failure(message: "\(name) cannot be run: \(error)")
    }
  }

  private var executable: Executable { name.hasPrefix("/") ? .path(FilePath(name)) : .name(name) }
}

extension Subprocess.Environment {
  /// Exactly these variables, and none of this process's.
  static func whole(_ variables: [String: String]) -> Subprocess.Environment {
    .custom(Dictionary(uniqueKeysWithValues: variables.map { (Key(stringLiteral: $0.key), $0.value) }))
  }
}

extension TerminationStatus {
  /// The exit status; 128 and the signal's number when a signal ended it, as shells say it.
  var code: Int32 {
    switch self {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
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
  /// The output; what is no UTF-8 is replaced.
  package var text: String { String(decoding: output, as: UTF8.self) }
  /// The output's first line.
  package var line: String { text.split(separator: "\n").first.map(String.init) ?? "" }
}
