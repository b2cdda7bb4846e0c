internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}
