internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

/// Counts signatures on a terminal: how many of how many, how fast, how long still.
final class Progress {
  private let console: Console
  private let count: Int
  private var finished = 0
  private var began = ContinuousClock.now

  init(console: Console, count: Int) {
    self.console = console
    self.count = count
  }

  func restart() {
    finished = 0
    began = .now
  }

  func done(_ statement: ImageStatement) {
    finished += 1
    let seconds = max(0.001, (ContinuousClock.now - began) / .seconds(1))
    let left = seconds / Double(finished) * Double(count - finished)
    let rate = (Double(finished) / seconds * 10).rounded() / 10
    console.progress("\(finished) of \(count)  \(rate)/s  \(Self.duration(left)) left  \(statement.image.package)")
  }

  func waiting() { console.progress("\(finished) of \(count)  touch your card") }
  func end() { console.endProgress() }

  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 90 ? "\(whole) s" : whole < 5400 ? "\((whole + 59) / 60) min" : "\((whole + 1800) / 3600) h"
  }
}
